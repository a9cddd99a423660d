/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_OBJECT_ELF_OPS_H
#define CENV_STORE_OBJECT_ELF_OPS_H

#include "store/module.h"
#include "store/object/elf.h"

/* The table of module "elf". */
struct cenv_elf_ops {
	struct cenv_module_head head;
	/* data starts with the ELF magic; on failure the caller releases what out holds */
	int (*parse)(struct cenv_elf *out, const char *data, size_t len, const char *label,
		     struct cenv_err *err);
};

extern const struct cenv_elf_ops cenv_module_elf;

#endif

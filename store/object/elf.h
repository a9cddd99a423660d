/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_OBJECT_ELF_H
#define CENV_STORE_OBJECT_ELF_H

#include <stdbool.h>

#include "core/base/err.h"
#include "core/base/strv.h"

/* What the dynamic section of an ELF file says, through libelf (module "elf"). */
struct cenv_elf {
	bool is_dynamic;
	char *soname; /* or NULL */
	struct cenv_strv needed;
	struct cenv_strv runpath; /* DT_RUNPATH or DT_RPATH split at ':' */
};

/** @return 1 read, 0 not an ELF file, -1 error. */
int cenv_elf_read(struct cenv_elf *out, int dirfd, const char *name, struct cenv_err *err);
void cenv_elf_release(struct cenv_elf *elf);

/** The base system's C and C++ run-time libraries: libc.so.6, libm.so.6, ld-linux*, libgcc_s.so.1,
 *  libstdc++.so.6, libatomic.so.1, libgomp.so.1, musl's, and their like. */
bool cenv_elf_is_base_library(const char *soname);

#endif

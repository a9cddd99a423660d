/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_CHECK_H
#define CENV_STORE_ENV_CHECK_H

#include <stddef.h>

#include "core/base/err.h"
#include "core/base/strv.h"
#include "store/env/env.h"
#include "store/env/record.h"

/*
 * Is an environment whole? Every recorded file has its sha256, mode and type; every recorded
 * requirement is satisfied by what is installed; every NEEDED entry of every ELF file is found in
 * the environment through its own run path or is one of the base system's C and C++ run-time
 * libraries.
 */
struct cenv_check_result {
	struct cenv_strv problems; /* one line each: "zlib 1.3.1: lib/libz.so.1.3.1: changed ..." */
	size_t packages, files, elf_files;
};

int cenv_env_check(struct cenv_check_result *out, const struct cenv_env *env,
		   const struct cenv_records *records, struct cenv_err *err);
void cenv_check_result_release(struct cenv_check_result *result);

#endif

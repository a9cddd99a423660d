/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_CHECK_ELF_H
#define CENV_STORE_ENV_CHECK_ELF_H

#include "core/base/err.h"
#include "store/env/env.h"

/**
 * Are the libraries that an ELF file needs found, in the environment through the file's own run
 * path, or in the base system?
 *
 * @param problem receives "lib/libpng.so: needs 'libz.so.1', ..." when not; otherwise untouched.
 * @return 1 an ELF file, 0 none, -1 error.
 */
int cenv_check_elf(char **problem, const struct cenv_env *env, const char *path,
		   struct cenv_err *err);

#endif

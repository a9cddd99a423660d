/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_BUILD_WRAPPER_H
#define CENV_STORE_BUILD_WRAPPER_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "store/build/toolchain.h"

/*
 * Scripts that stand before the compilers in PATH. What an object must be compiled with cannot
 * go into CFLAGS: a Makefile may set that itself, and libraries embed it.
 */

/**
 * Write a wrapper for each name that leads to the toolchain's compilers: cc, gcc,
 * x86_64-linux-gnu-gcc and so on.
 *
 * @param folder   absolute path.
 * @param map_from a path that compilers are to call map_to; NULL: none.
 */
int cenv_wrapper_write(const char *folder, const struct cenv_toolchain *tc, const char *map_from,
		       const char *map_to, struct cenv_err *err);

/** The text of one. */
void cenv_wrapper_text(const char *program, const char *compiler, const char *map_from,
		       const char *map_to, struct cenv_buf *out);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_BUILD_TOOLCHAIN_H
#define CENV_STORE_BUILD_TOOLCHAIN_H

#include "core/base/err.h"
#include "core/marker.h"
#include "store/digest/digest.h"
#include "store/store.h"

/*
 * The compiler that builds, and what of it can change a result. Asking the
 * compiler costs processes and hashing megabytes, so the answer is kept in the
 * store, valid as long as the binary's device, inode, size and mtime are.
 */
struct cenv_toolchain {
	char *cc, *cxx;  /* absolute paths; cxx NULL when there is none */
	char *target;    /* "x86_64-linux-gnu", as -dumpmachine says */
	char *machine;   /* "x86_64" */
	char *libc;      /* "glibc" or "musl" */
	char *libc_version; /* "2.36" */
	char *compiler;  /* "gcc 12.2.0", "clang 14.0.6" */
	char identity[CENV_SHA256_HEX]; /* of the compiler's binaries (driver and cc1), version and target */
};

/**
 * @param compiler a name or path as `cenv create --compiler` took it; NULL or "": cc.
 * @return 0, or -1 with CENV_E_BUILD and, when there is none, the Debian package to install.
 */
int cenv_toolchain_probe(struct cenv_toolchain *out, const struct cenv_store *store,
			 const char *compiler, struct cenv_err *err);
void cenv_toolchain_release(struct cenv_toolchain *tc);

/** Marker variables for this toolchain; borrows from tc. */
void cenv_toolchain_marker_env(const struct cenv_toolchain *tc, struct cenv_marker_env *out);

#endif

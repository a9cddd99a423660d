/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_CONSTANTS_H
#define CENV_STORE_ENV_CONSTANTS_H

#include <stddef.h>
#include <sys/types.h>

#include "core/base/err.h"
#include "store/store.h"

/*
 * The files that are the same in every environment: activation scripts, compiler wrappers. They
 * find their environment by themselves, so one copy in the store (const/<version>-<digest>/)
 * serves all environments through hard links; a new inode costs seventy times a link.
 */
struct cenv_constant {
	const char *name;   /* in the store */
	const char *path;   /* in an environment */
	const char *start, *end;
	mode_t mode;        /* not writable: an edit would reach every environment */
};

extern const struct cenv_constant cenv_constants[];
extern const size_t cenv_nconstants;

/**
 * Put all constant files into an environment whose folders exist. A file that is there is
 * replaced by rename.
 * @param store NULL: write them.
 */
int cenv_constants_place(int envfd, const struct cenv_store *store, struct cenv_err *err);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_INTACT_H
#define CENV_STORE_ENV_INTACT_H

#include "core/base/err.h"
#include "store/object/manifest.h"

/* Is what is on disk what was installed? */
enum cenv_intact {
	CENV_INTACT,
	CENV_INTACT_MISSING,
	CENV_INTACT_TYPE,    /* a folder where a file was, and the like */
	CENV_INTACT_CONTENT, /* other bytes, or a link with another target */
};

/**
 * Compare one entry; the contents decide, by their sha256: times and inodes do not prove anything.
 * A file may be a symlink into the store (--link-mode symlink).
 *
 * @param name the entry's last component, in dirfd.
 * @param mode receives the permission bits on disk; may be NULL.
 */
int cenv_intact_check(enum cenv_intact *out, int dirfd, const char *name,
		      const struct cenv_manifest_entry *entry, mode_t *mode, struct cenv_err *err);

#endif

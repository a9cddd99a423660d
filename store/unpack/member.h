/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_UNPACK_MEMBER_H
#define CENV_STORE_UNPACK_MEMBER_H

#include "core/base/err.h"

/*
 * Names in archives, judged as text. What passes is relative, has no "." or ".."
 * or empty component, is printable UTF-8, and fits into NAME_MAX and PATH_MAX.
 */

#define CENV_MEMBER_DEPTH 100 /* folders in folders */

enum cenv_member_check_flags {
	CENV_MEMBER_NO_BACKSLASH = 1 << 0, /* zip: a separator to some */
};

/**
 * Check a member's name and bring it into its plain form ("./a//b/" is "a/b").
 *
 * @return the name, empty for the top itself; NULL with CENV_E_INTEGRITY. Caller frees.
 */
char *cenv_member_path(const char *raw, unsigned flags, struct cenv_err *err);

/**
 * Check where a symlink points: it must stay inside whatever other links there are. So ".."
 * is only taken at the start of the target, where each one goes up from a real folder.
 *
 * @param path  the link's own plain name.
 * @param level receives the depth of the folder that its leading ".." reach; 0: the top.
 */
int cenv_member_symlink(const char *path, const char *target, unsigned *level,
			struct cenv_err *err);

#endif

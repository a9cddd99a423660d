/* SPDX-License-Identifier: MIT */
#include "store/env/intact.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/str.h"
#include "store/fs/fs.h"

static int compare_link(enum cenv_intact *out, int dirfd, const char *name, const char *target,
			struct cenv_err *err)
{
	struct cenv_buf now = CENV_BUF_INIT;
	int ret = cenv_fs_readlink(dirfd, name, &now, err);

	*out = strcmp(now.buf, target) ? CENV_INTACT_CONTENT : CENV_INTACT;
	cenv_buf_release(&now);
	return ret;
}

/* A symlink into the store's objects, which may be gone: known by the end of its target. */
static int compare_store_link(enum cenv_intact *out, int dirfd, const char *name, const char *path,
			      struct cenv_err *err)
{
	struct cenv_buf now = CENV_BUF_INIT;
	char *end = cenv_strf("/tree/%s", path);
	int ret = cenv_fs_readlink(dirfd, name, &now, err);

	*out = cenv_str_ends(now.buf, end) ? CENV_INTACT : CENV_INTACT_TYPE;
	free(end);
	cenv_buf_release(&now);
	return ret;
}

static int compare_file(enum cenv_intact *out, int dirfd, const char *name,
			const struct cenv_manifest_entry *entry, struct cenv_err *err)
{
	char sha256[CENV_SHA256_HEX];

	if (cenv_sha256_file(dirfd, name, sha256, err) < 0)
		return -1;
	*out = strcmp(sha256, entry->sha256) ? CENV_INTACT_CONTENT : CENV_INTACT;
	return 0;
}

int cenv_intact_check(enum cenv_intact *out, int dirfd, const char *name,
		      const struct cenv_manifest_entry *entry, mode_t *mode, struct cenv_err *err)
{
	struct stat st;

	*out = CENV_INTACT_MISSING;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		return cenv_err_sys(err, errno, "cannot examine '%s'", entry->path);
	}
	*out = CENV_INTACT_TYPE;
	if (mode)
		*mode = st.st_mode & 0777;
	if (entry->type == 'd') {
		if (S_ISDIR(st.st_mode))
			*out = CENV_INTACT;
		return 0;
	}
	if (S_ISLNK(st.st_mode)) {
		if (mode)
			*mode = entry->mode; /* links have none of their own */
		return entry->type == 'l'
			       ? compare_link(out, dirfd, name, entry->target, err)
			       : compare_store_link(out, dirfd, name, entry->path, err);
	}
	if (entry->type != 'f' || !S_ISREG(st.st_mode))
		return 0;
	*out = CENV_INTACT_CONTENT;
	if ((uint64_t)st.st_size != entry->size)
		return 0;
	return compare_file(out, dirfd, name, entry, err);
}

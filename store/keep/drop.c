/* SPDX-License-Identifier: MIT */
#include "store/keep/drop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/base/strv.h"
#include "store/fs/fs.h"

/* Does a process hold the lock? Ours is let go at once. */
static bool is_held(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	return held;
}

/* By its key, or the first digits of it. */
static bool is_being_built(const struct cenv_store *store, const char *key)
{
	struct cenv_err ignored = CENV_ERR_INIT;
	struct cenv_strv names = {0};
	bool held = false;
	int fd = openat(store->fd, "locks", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && cenv_fs_list(fd, ".", &names, &ignored) == 0)
		for (size_t i = 0; i < names.n && !held; i++)
			held = cenv_str_starts(names.v[i], key) && is_held(fd, names.v[i]);
	cenv_strv_release(&names);
	cenv_err_release(&ignored);
	if (fd >= 0)
		close(fd);
	return held;
}

bool cenv_is_worked_with(const struct cenv_store *store, enum cenv_kept_kind kind,
			 const char *path)
{
	size_t len = strlen(path);

	if (kind == CENV_KEPT_OBJECT)
		return is_held(store->fd, path) || is_being_built(store, cenv_path_base(path));
	/* build/<name>-<first 8 of key> */
	return kind == CENV_KEPT_BUILD && len > 8 && is_being_built(store, path + len - 8);
}

/* 1, or 0 when it went meanwhile; -1. */
static int move_aside(const struct cenv_store *store, const char *path, char **aside,
		      struct cenv_err *err)
{
	struct cenv_err ignored = CENV_ERR_INIT;
	int ret = 1, error;

	*aside = cenv_store_tmpdir(store, "dropped", err);
	if (!*aside)
		return -1;
	/* a folder takes the empty one's place */
	if (renameat(store->fd, path, store->fd, *aside) == 0)
		return 1;
	error = errno;
	ret = error == ENOENT ? 0 : cenv_err_sys(err, error, "cannot drop '%s/%s'", store->path, path);
	cenv_fs_remove_tree(store->fd, *aside, &ignored);
	cenv_err_release(&ignored);
	free(*aside);
	*aside = NULL;
	return ret;
}

/* An object: whoever reads it holds a shared lock on its folder. */
static int drop_object(const struct cenv_store *store, const char *path, enum cenv_drop_how how,
		       struct cenv_err *err)
{
	int fd = openat(store->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), ret = 1;
	bool idle;
	char *aside;

	if (fd < 0 && errno == ENOENT)
		return 1;
	if (fd < 0) { /* nothing that could be an object */
		ret = cenv_fs_remove_tree(store->fd, path, err);
		return ret < 0 ? -1 : 1;
	}
	idle = flock(fd, LOCK_EX | LOCK_NB) == 0 && !is_being_built(store, cenv_path_base(path));
	if (idle || how == CENV_DROP_ALWAYS) {
		ret = move_aside(store, path, &aside, err);
		/* who still reads the files may go on; what stays is swept from tmp/ later */
		if (ret > 0 && idle)
			ret = cenv_fs_remove_tree(store->fd, aside, err) < 0 ? -1 : 1;
		else if (ret == 0)
			ret = 1;
		free(aside);
	} else {
		ret = 0;
	}
	close(fd);
	return ret;
}

int cenv_drop(const struct cenv_store *store, enum cenv_kept_kind kind, const char *path,
	      enum cenv_drop_how how, struct cenv_err *err)
{
	if (kind == CENV_KEPT_OBJECT)
		return drop_object(store, path, how, err);
	if (how == CENV_DROP_IDLE && cenv_is_worked_with(store, kind, path))
		return 0;
	return cenv_fs_remove_tree(store->fd, path, err) < 0 ? -1 : 1;
}

/* SPDX-License-Identifier: MIT */
#include "store/object/object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/fs/fs.h"
#include "store/object/info.h"

/* far above what real objects need: glib has 446 files and a manifest of 60 KB */
#define MANIFEST_MAX ((size_t)256 << 20)

static int damaged(const struct cenv_object *object, struct cenv_err *err)
{
	if (cenv_fs_is_shortage(err->sys))
		return cenv_err_wrap(err, "cannot open object '%s'", object->key);
	cenv_err_wrap(err, "the object '%s' in the store is damaged", object->key);
	err->code = CENV_E_INTEGRITY;
	cenv_err_hint(err, "run 'cenv cache verify', then the command again");
	return -1;
}

static int read_manifest(struct cenv_object *object, struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	int ret = cenv_fs_read(object->dirfd, "manifest", MANIFEST_MAX, &text, err);

	if (ret == 0)
		ret = cenv_manifest_parse(&object->manifest, text.buf, text.len, "manifest", err);
	cenv_buf_release(&text);
	return ret;
}

/* One that was cut would install without some of its files. */
static int check_length(const struct cenv_object *object, struct cenv_err *err)
{
	if (object->manifest.n == object->nentries)
		return 0;
	return cenv_err_set(err, CENV_E_INTEGRITY, "'manifest' has %zu entries of %zu",
			    object->manifest.n, object->nentries);
}

/* An object's time is that of its last use, as exact as deciding what is old needs it. */
static void note_use(int dirfd, const struct stat *st)
{
	enum { DAY = 24 * 60 * 60 };

	if (st->st_mtime < time(NULL) - DAY)
		futimens(dirfd, NULL); /* a store that cannot be written has nothing removed */
}

/*
 * The folder, with a shared lock on it: what removes objects takes the lock for itself first, and
 * leaves alone what others hold. It may have done so between our opening and our locking, so that
 * the name is looked at again.
 */
static int open_locked(const struct cenv_store *store, const char *path)
{
	for (;;) {
		int fd = openat(store->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct stat ours, named;

		if (fd < 0)
			return -1;
		while (flock(fd, LOCK_SH) < 0 && errno == EINTR)
			;
		if (fstat(fd, &ours) == 0 && fstatat(store->fd, path, &named, 0) == 0 &&
		    ours.st_ino == named.st_ino && ours.st_dev == named.st_dev) {
			note_use(fd, &ours);
			return fd;
		}
		close(fd);
	}
}

int cenv_object_open(struct cenv_object **out, const struct cenv_store *store, const char *key,
		     struct cenv_err *err)
{
	struct cenv_object *object;
	char *path;

	*out = NULL;
	if (!cenv_is_sha256(key, strlen(key)))
		return cenv_err_set(err, CENV_E_FAIL, "'%s' is not the key of an object", key);
	object = cenv_xcalloc(1, sizeof(*object));
	memcpy(object->key, key, CENV_SHA256_HEX);
	object->treefd = -1;
	path = cenv_strf("objects/%s", key);
	object->dirfd = open_locked(store, path);
	free(path);
	if (object->dirfd < 0) {
		int error = errno;

		cenv_object_free(object);
		if (error == ENOENT)
			return 0;
		return cenv_err_sys(err, error, "cannot open object '%s'", key);
	}
	object->treefd = cenv_fs_open_dir(object->dirfd, "tree", err);
	if (object->treefd < 0 || read_manifest(object, err) < 0 ||
	    cenv_object_info_read(object, err) < 0 || check_length(object, err) < 0) {
		damaged(object, err);
		cenv_object_free(object);
		return -1;
	}
	*out = object;
	return 0;
}

void cenv_object_free(struct cenv_object *object)
{
	if (!object)
		return;
	if (object->treefd >= 0)
		close(object->treefd);
	if (object->dirfd >= 0)
		close(object->dirfd);
	free(object->name);
	free(object->version);
	free(object->system);
	cenv_manifest_release(&object->manifest);
	cenv_strv_release(&object->leaks);
	cenv_strv_release(&object->unreached);
	free(object);
}

/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "store/fs/fs.h"

static const char cachedir_tag[] =
	"Signature: 8a477f597d28d172789f06886806bc55\n"
	"# This folder is the store of cenv and can be deleted at any time.\n";

static const char *set_and_not_empty(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

char *cenv_store_default_path(struct cenv_err *err)
{
	const char *value = set_and_not_empty("CENV_HOME");

	if (value)
		return cenv_fs_absolute(value, err);
	value = set_and_not_empty("XDG_CACHE_HOME");
	if (value && *value == '/') /* the specification says to ignore relative ones */
		return cenv_path_join(value, "cenv");
	value = set_and_not_empty("HOME");
	if (value && *value == '/')
		return cenv_path_join(value, ".cache/cenv");
	cenv_err_set(err, CENV_E_FAIL, "no place for the store: HOME is not set");
	cenv_err_hint(err, "set CENV_HOME to a folder that you can write, "
			   "for example 'export CENV_HOME=/var/tmp/cenv'");
	return NULL;
}

/* The store itself, "", or one of its folders. Folders are followed if they are links: that is how one
 * puts them on another disk. */
static int refuse_unsafe(const struct cenv_store *store, const char *name, struct cenv_err *err)
{
	char *path = cenv_path_join(store->path, name);
	struct stat st;
	int ret = 0;

	if (fstatat(store->fd, *name ? name : ".", &st, 0) < 0) {
		ret = cenv_err_sys(err, errno, "cannot examine the store '%s'", path);
	} else if (st.st_uid != geteuid() && st.st_uid != 0) {
		ret = cenv_err_set(err, CENV_E_FAIL, "the store '%s' belongs to another user (uid %ld)",
				   path, (long)st.st_uid);
		cenv_err_hint(err, "set CENV_HOME to a folder of your own");
	} else if (st.st_mode & S_IWOTH) {
		ret = cenv_err_set(err, CENV_E_FAIL, "the store '%s' can be written by everybody, so "
				   "nothing in it can be trusted", path);
		cenv_err_hint(err, "run 'chmod o-w %s', or set CENV_HOME to another folder", path);
	}
	free(path);
	return ret;
}

static int make_folders(const struct cenv_store *store, struct cenv_err *err)
{
	static const char *const folders[] = {"sources", "objects", "logs",  "build", "shadow",
					      "const",   "index",   "locks", "tmp"};

	/* each of them may have been deleted by itself */
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		if (mkdirat(store->fd, folders[i], 0755) == 0)
			continue;
		if (errno != EEXIST)
			return cenv_err_sys(err, errno, "cannot create '%s/%s'", store->path,
					    folders[i]);
		if (refuse_unsafe(store, folders[i], err) < 0)
			return -1;
	}
	if (cenv_fs_exists(store->fd, "CACHEDIR.TAG"))
		return 0;
	return cenv_fs_write(store->fd, "CACHEDIR.TAG", cachedir_tag, strlen(cachedir_tag), 0644, 0,
			     err);
}

/* Without the lock, in a store that cannot be written, nobody can remove anything either. */
static void join_users(struct cenv_store *store)
{
	store->users = openat(store->fd, "locks/users",
			      O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (store->users < 0)
		store->users = openat(store->fd, "locks/users", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (store->users >= 0)
		cenv_store_share(store);
}

void cenv_store_share(const struct cenv_store *store)
{
	while (flock(store->users, LOCK_SH) < 0 && errno == EINTR)
		;
}

bool cenv_store_alone(const struct cenv_store *store)
{
	if (store->users >= 0 && flock(store->users, LOCK_EX | LOCK_NB) == 0)
		return true;
	cenv_store_share(store); /* a lock that cannot be raised is lost */
	return false;
}

int cenv_store_open(struct cenv_store *out, const char *path, struct cenv_err *err)
{
	out->fd = out->users = -1;
	out->path = cenv_fs_absolute(path, err);
	if (!out->path)
		return -1;
	out->fd = open(out->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (out->fd < 0 && errno == ENOENT) {
		if (cenv_fs_mkdirs_for(AT_FDCWD, out->path, err) < 0)
			goto fail;
		if (mkdir(out->path, 0700) < 0 && errno != EEXIST) {
			cenv_err_sys(err, errno, "cannot create the store '%s'", out->path);
			goto fail;
		}
		out->fd = open(out->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (out->fd < 0) {
		cenv_err_sys(err, errno, "cannot open the store '%s'", out->path);
		goto fail;
	}
	if (refuse_unsafe(out, "", err) == 0 && make_folders(out, err) == 0) {
		join_users(out);
		return 0;
	}
fail:
	if (!err->hint)
		cenv_err_hint(err, "set CENV_HOME to a folder that you can write");
	cenv_store_release(out);
	return -1;
}

void cenv_store_release(struct cenv_store *store)
{
	if (store->fd >= 0) {
		close(store->fd);
		if (store->users >= 0)
			close(store->users);
	}
	free(store->path);
	*store = (struct cenv_store){.fd = -1};
}

char *cenv_store_tmpdir(const struct cenv_store *store, const char *hint, struct cenv_err *err)
{
	for (unsigned i = 0; i < 1000; i++) {
		char *name = cenv_strf("tmp/%s-%ld-%u", hint, (long)getpid(), i);

		if (mkdirat(store->fd, name, 0700) == 0)
			return name;
		if (errno != EEXIST) {
			cenv_err_sys(err, errno, "cannot create '%s/%s'", store->path, name);
			free(name);
			return NULL;
		}
		free(name);
	}
	cenv_err_set(err, CENV_E_FAIL, "'%s/tmp' is full of left-over folders", store->path);
	return NULL;
}

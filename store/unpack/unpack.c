/* SPDX-License-Identifier: MIT */
#include "store/unpack/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/strv.h"
#include "store/fs/fs.h"
#include "store/unpack/walk.h"

/* ---- folders, never through a link ---- */

/*
 * Every folder is reached from the target's descriptor without following any
 * symlink, so that what an archive holds earlier cannot redirect what comes
 * later. openat2 does it in one call; walking does it where openat2 is missing
 * or blocked, and creates what is not there.
 */

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static int open_beneath(int root, const char *path)
{
	struct open_how how = {
		.flags = DIR_FLAGS,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

static int step_into(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, DIR_FLAGS);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (mkdirat(dirfd, name, 0755) < 0 && errno != EEXIST)
		return -1;
	return openat(dirfd, name, DIR_FLAGS);
}

static int make_beneath(int root, const char *path)
{
	char *copy = cenv_xstrdup(path), *save = NULL;
	int fd = fcntl(root, F_DUPFD_CLOEXEC, 0), saved;

	for (char *name = strtok_r(copy, "/", &save); name && fd >= 0;
	     name = strtok_r(NULL, "/", &save)) {
		int next = step_into(fd, name);

		saved = errno;
		close(fd);
		errno = saved;
		fd = next;
	}
	saved = errno;
	free(copy);
	errno = saved;
	return fd;
}

static int open_folder(int root, const char *path)
{
	int fd = open_beneath(root, path);

	return fd >= 0 ? fd : make_beneath(root, path);
}

/* ---- writing ---- */

struct writer {
	int root;
	char *dir; /* the folder that dirfd is, or NULL */
	int dirfd;
	int fd; /* the file being written, or -1 */
	unsigned long long size;
};

static int refuse(struct cenv_err *err, const char *path, const char *why)
{
	return cenv_err_set(err, CENV_E_INTEGRITY, "member '%s' %s", path, why);
}

static int enter_folder(struct writer *w, const char *dir, const char *member, struct cenv_err *err)
{
	if (w->dir && !strcmp(w->dir, dir))
		return 0;
	if (w->dirfd >= 0)
		close(w->dirfd);
	free(w->dir);
	w->dir = NULL;
	w->dirfd = open_folder(w->root, dir);
	if (w->dirfd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return refuse(err, member, "leads through a link or a file");
	if (w->dirfd < 0)
		return cenv_err_sys(err, errno, "cannot create folder '%s'", dir);
	w->dir = cenv_xstrdup(dir);
	return 0;
}

static int enter_parent(struct writer *w, const char *path, struct cenv_err *err)
{
	char *dir = cenv_path_dir(path);
	int ret = enter_folder(w, dir, path, err);

	free(dir);
	return ret;
}

static int creation_failed(const char *path, int saved, struct cenv_err *err)
{
	if (saved == EEXIST)
		return refuse(err, path, "is there twice");
	return cenv_err_sys(err, saved, "cannot create '%s'", path);
}

static int begin_file(struct writer *w, const char *path, struct cenv_err *err)
{
	w->size = 0;
	w->fd = openat(w->dirfd, cenv_path_base(path),
		       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return w->fd < 0 ? creation_failed(path, errno, err) : 0;
}

static int make_symlink(struct writer *w, const struct cenv_member *member, struct cenv_err *err)
{
	const char *name = cenv_path_base(member->path);
	struct timespec times[2] = {member->mtime, member->mtime};

	if (symlinkat(member->link, w->dirfd, name) < 0)
		return creation_failed(member->path, errno, err);
	if (member->has_mtime && utimensat(w->dirfd, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return cenv_err_sys(err, errno, "cannot set the time of '%s'", member->path);
	return 0;
}

/* The target is a file that came before, as walk.c has made sure; what is on the disk is asked
 * all the same: a link to a symlink would move what that means. */
static int make_hardlink(struct writer *w, const struct cenv_member *member, struct cenv_err *err)
{
	const char *name = cenv_path_base(member->link);
	char *dir = cenv_path_dir(member->link);
	int fd = open_beneath(w->root, dir), ret = 0;
	struct stat st;

	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = make_beneath(w->root, dir);
	if (fd < 0 || fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		ret = refuse(err, member->path, "is a hard link to what is no file");
	else if (linkat(fd, name, w->dirfd, cenv_path_base(member->path), 0) < 0)
		ret = creation_failed(member->path, errno, err);
	if (fd >= 0)
		close(fd);
	free(dir);
	return ret;
}

static int write_member(void *payload, const struct cenv_member *member, struct cenv_err *err)
{
	struct writer *w = payload;

	if (member->type == CENV_MEMBER_DIR)
		return enter_folder(w, member->path, member->path, err);
	if (enter_parent(w, member->path, err) < 0)
		return -1;
	if (member->type == CENV_MEMBER_SYMLINK)
		return make_symlink(w, member, err);
	if (member->type == CENV_MEMBER_HARDLINK)
		return make_hardlink(w, member, err);
	return begin_file(w, member->path, err);
}

static int write_data(void *payload, const void *data, size_t len, unsigned long long offset,
		      struct cenv_err *err)
{
	struct writer *w = payload;

	w->size = offset + len;
	if (!data) /* a hole: the next piece, or the end, leaves it */
		return 0;
	if (lseek(w->fd, (off_t)offset, SEEK_SET) < 0 || cenv_fs_write_all(w->fd, data, len) < 0)
		return cenv_err_sys(err, errno, "cannot write");
	return 0;
}

/* Modes are ours: no setuid, nothing that others can write. Times are the archive's, exactly:
 * autotools compares them. */
static int end_file(void *payload, const struct cenv_member *member, struct cenv_err *err)
{
	struct timespec times[2] = {member->mtime, member->mtime};
	struct writer *w = payload;
	int ret = 0;

	if (ftruncate(w->fd, (off_t)w->size) < 0 ||
	    fchmod(w->fd, member->executable ? 0755 : 0644) < 0 ||
	    (member->has_mtime && futimens(w->fd, times) < 0))
		ret = cenv_err_sys(err, errno, "cannot finish '%s'", member->path);
	if (close(w->fd) < 0 && ret == 0)
		ret = cenv_err_sys(err, errno, "cannot write '%s'", member->path);
	w->fd = -1;
	return ret;
}

/* ---- the single top folder ---- */

/* A name that neither the target nor the top folder has, so that no child collides with it. */
static char *spare_name(int root, const char *top)
{
	for (unsigned i = 0;; i++) {
		char *spare = cenv_strf(".cenv-top-%u", i);
		char *inner = cenv_path_join(top, spare);
		bool taken = cenv_fs_exists(root, spare) || cenv_fs_exists(root, inner);

		free(inner);
		if (!taken)
			return spare;
		free(spare);
	}
}

static int move_children(int root, const char *spare, struct cenv_err *err)
{
	struct cenv_strv names = {0};
	int fd = cenv_fs_open_dir(root, spare, err), ret = fd < 0 ? -1 : 0;

	if (ret == 0)
		ret = cenv_fs_list(root, spare, &names, err);
	for (size_t i = 0; i < names.n && ret == 0; i++)
		if (renameat(fd, names.v[i], root, names.v[i]) < 0)
			ret = cenv_err_sys(err, errno, "cannot move '%s' to its place", names.v[i]);
	if (ret == 0 && unlinkat(root, spare, AT_REMOVEDIR) < 0)
		ret = cenv_err_sys(err, errno, "cannot remove '%s'", spare);
	if (fd >= 0)
		close(fd);
	cenv_strv_release(&names);
	return ret;
}

static int strip_top(int root, const char *top, struct cenv_err *err)
{
	char *spare = spare_name(root, top);
	int ret;

	if (renameat(root, top, root, spare) < 0)
		ret = cenv_err_sys(err, errno, "cannot rename '%s'", top);
	else
		ret = move_children(root, spare, err);
	free(spare);
	return ret;
}

int cenv_unpack(int archive_dirfd, const char *archive, const char *archive_label, int destfd,
		const struct cenv_unpack_limits *limits, struct cenv_err *err)
{
	static const struct cenv_walk_visitor visitor = {write_member, write_data, end_file};
	struct writer w = {.root = destfd, .dirfd = -1, .fd = -1};
	char *top = NULL;
	int ret;

	ret = cenv_walk(archive_dirfd, archive, archive_label, "unpack", limits, &visitor, &w, &top,
			err);
	if (w.fd >= 0)
		close(w.fd);
	if (w.dirfd >= 0)
		close(w.dirfd);
	if (ret == 0 && top && strip_top(destfd, top, err) < 0)
		ret = cenv_err_wrap(err, "cannot unpack '%s'", archive_label);
	free(w.dir);
	free(top);
	return ret;
}

/* ---- one member ---- */

/* Whether there is a single top folder is known at the end: both candidates are kept. */
struct finder {
	const char *member;
	size_t max;
	struct cenv_buf at_top, below_top;
	bool has_at_top, has_below_top;
	struct cenv_buf *into; /* the candidate being read, or NULL */
};

static int find_member(void *payload, const struct cenv_member *member, struct cenv_err *err)
{
	const char *slash = strchr(member->path, '/');
	struct finder *f = payload;

	(void)err;
	f->into = NULL;
	if (member->type != CENV_MEMBER_FILE)
		return 0;
	if (!strcmp(member->path, f->member)) {
		f->into = &f->at_top;
		f->has_at_top = true;
	} else if (slash && !strcmp(slash + 1, f->member)) {
		f->into = &f->below_top;
		f->has_below_top = true;
	}
	if (f->into)
		cenv_buf_reset(f->into);
	return 0;
}

static int collect_data(void *payload, const void *data, size_t len, unsigned long long offset,
			struct cenv_err *err)
{
	struct finder *f = payload;

	if (!f->into)
		return 0;
	if (offset > f->max || len > f->max - offset)
		return cenv_err_set(err, CENV_E_INTEGRITY, "member '%s' is larger than %zu bytes",
				    f->member, f->max);
	if (data)
		cenv_buf_add(f->into, data, len);
	else
		for (size_t i = 0; i < len; i++)
			cenv_buf_addc(f->into, '\0');
	return 0;
}

int cenv_unpack_member(int archive_dirfd, const char *archive, const char *archive_label,
		       const char *member, size_t max, const struct cenv_unpack_limits *limits,
		       struct cenv_buf *out, struct cenv_err *err)
{
	static const struct cenv_walk_visitor visitor = {find_member, collect_data, NULL};
	struct finder f = {
		.member = member, .max = max, .at_top = CENV_BUF_INIT, .below_top = CENV_BUF_INIT};
	const struct cenv_buf *found = NULL;
	char *top = NULL;
	int ret;

	ret = cenv_walk(archive_dirfd, archive, archive_label, "read", limits, &visitor, &f, &top,
			err);
	if (ret == 0 && top && f.has_below_top)
		found = &f.below_top;
	else if (ret == 0 && !top && f.has_at_top)
		found = &f.at_top;
	if (found) {
		cenv_buf_add(out, found->buf, found->len);
		ret = 1;
	}
	cenv_buf_release(&f.at_top);
	cenv_buf_release(&f.below_top);
	free(top);
	return ret;
}

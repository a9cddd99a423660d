/* SPDX-License-Identifier: MIT */
#include "store/fs/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

bool cenv_fs_is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}

int cenv_fs_open_dir(int dirfd, const char *name, struct cenv_err *err)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		cenv_err_sys(err, errno, "cannot open folder '%s'", name);
	return fd;
}

int cenv_fs_open_beneath(int dirfd, const char *path)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && *(path += strspn(path, "/"))) {
		size_t len = strcspn(path, "/");
		char *name = cenv_xstrndup(path, len);
		int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		int saved = errno;

		free(name);
		close(fd);
		errno = saved;
		fd = next;
		path += len;
	}
	return fd;
}

static int read_all(int fd, size_t max, struct cenv_buf *buf)
{
	size_t start = buf->len;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	/* with room for one byte more, a read that leaves it free was the last */
	cenv_buf_grow(buf, st.st_size > 0 && (size_t)st.st_size < max ? (size_t)st.st_size + 1 : 4096);
	for (;;) {
		size_t room;
		ssize_t n;

		if (buf->len - start > max) {
			errno = EFBIG;
			return -1;
		}
		if (buf->cap - buf->len < 2)
			cenv_buf_grow(buf, 65536);
		room = buf->cap - buf->len - 1;
		n = read(fd, buf->buf + buf->len, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		buf->len += (size_t)n;
		buf->buf[buf->len] = '\0';
		if (n == 0 || (S_ISREG(st.st_mode) && buf->len - start == (size_t)st.st_size &&
			       (size_t)n < room && buf->len - start <= max))
			return 0;
	}
}

bool cenv_fs_is_file(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, 0) == 0 && S_ISREG(st.st_mode);
}

static int write_into(const char *path, const void *data, size_t len, struct cenv_err *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY), ret, saved;

	ret = fd < 0 ? -1 : cenv_fs_write_all(fd, data, len);
	saved = errno;
	if (fd >= 0 && close(fd) < 0 && ret == 0) {
		ret = -1;
		saved = errno;
	}
	return ret < 0 ? cenv_err_sys(err, saved, "cannot write '%s'", path) : 0;
}

int cenv_fs_update(const char *path, const void *data, size_t len, struct cenv_err *err)
{
	struct stat st;
	char *real;
	int ret;

	if (stat(path, &st) < 0)
		return cenv_fs_write(AT_FDCWD, path, data, len, 0644, 0, err);
	if (!S_ISREG(st.st_mode))
		return write_into(path, data, len, err);
	real = cenv_fs_realpath(path, err);
	if (!real)
		return -1;
	ret = cenv_fs_write(AT_FDCWD, real, data, len, st.st_mode & 0777, 0, err);
	free(real);
	return ret;
}

static int open_for_reading(int dirfd, const char *name, int flags, struct cenv_err *err)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);

	if (fd < 0)
		cenv_err_sys(err, errno, "cannot open '%s'", name);
	return fd;
}

/* Closes fd. */
static int read_opened(int fd, const char *name, size_t max, struct cenv_buf *buf,
		       struct cenv_err *err)
{
	size_t start = buf->len;
	int ret = 0;

	if (read_all(fd, max, buf) < 0) {
		ret = cenv_err_sys(err, errno, "cannot read '%s'", name);
		cenv_buf_truncate(buf, start);
	}
	close(fd);
	return ret;
}

static int refuse_special(const char *name, struct cenv_err *err)
{
	cenv_err_set(err, CENV_E_IO, "cannot read '%s': it is no file", name);
	cenv_err_hint(err, "something else took its place: move that away");
	return -1;
}

int cenv_fs_read(int dirfd, const char *name, size_t max, struct cenv_buf *buf,
		 struct cenv_err *err)
{
	/* opening a pipe waits for who writes into it */
	int fd = open_for_reading(dirfd, name, O_NONBLOCK, err);
	struct stat st;

	if (fd < 0)
		return -1;
	/* a folder is told by reading it */
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
		close(fd);
		return refuse_special(name, err);
	}
	return read_opened(fd, name, max, buf, err);
}

int cenv_fs_read_any(int dirfd, const char *name, size_t max, struct cenv_buf *buf,
		     struct cenv_err *err)
{
	int fd = open_for_reading(dirfd, name, 0, err);

	return fd < 0 ? -1 : read_opened(fd, name, max, buf, err);
}

int cenv_fs_read_text(int dirfd, const char *name, size_t max, struct cenv_buf *buf,
		      struct cenv_err *err)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, 0) == 0 && !S_ISREG(st.st_mode))
		return cenv_err_set(err, CENV_E_SYNTAX, "'%s' is no file", name);
	if (cenv_fs_read(dirfd, name, max, buf, err) == 0)
		return 0;
	if (err->sys != EFBIG)
		return -1;
	cenv_err_release(err);
	return cenv_err_set(err, CENV_E_SYNTAX, "'%s' is larger than %zu KiB", name, max / 1024);
}

int cenv_fs_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int sync_parent(int dirfd, const char *name)
{
	char *dir = cenv_path_dir(name);
	int fd = openat(dirfd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = -1;

	if (fd >= 0) {
		ret = fsync(fd);
		close(fd);
	}
	free(dir);
	return ret;
}

static int write_neighbour(int fd, const void *data, size_t len, mode_t mode, unsigned flags)
{
	if (cenv_fs_write_all(fd, data, len) < 0 || fchmod(fd, mode) < 0)
		return -1;
	return flags & CENV_FS_SYNC ? fsync(fd) : 0;
}

int cenv_fs_write(int dirfd, const char *name, const void *data, size_t len, mode_t mode,
		  unsigned flags, struct cenv_err *err)
{
	char *tmp = cenv_strf("%s.tmp-%ld", name, (long)getpid());
	int fd, saved, ret = -1;

	unlinkat(dirfd, tmp, 0); /* a neighbour left by a process of our number that was killed */
	fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		cenv_err_sys(err, errno, "cannot write '%s'", name);
		free(tmp);
		return -1;
	}
	ret = write_neighbour(fd, data, len, mode, flags);
	saved = errno;
	if (close(fd) < 0 && ret == 0) {
		ret = -1;
		saved = errno;
	}
	if (ret == 0) {
		ret = flags & CENV_FS_CREATE ? linkat(dirfd, tmp, dirfd, name, 0)
					     : renameat(dirfd, tmp, dirfd, name);
		saved = errno;
	}
	if (ret < 0 || (flags & CENV_FS_CREATE))
		unlinkat(dirfd, tmp, 0);
	if (ret == 0 && (flags & CENV_FS_SYNC)) {
		ret = sync_parent(dirfd, name);
		saved = errno;
	}
	if (ret < 0)
		cenv_err_sys(err, saved, "cannot write '%s'", name);
	free(tmp);
	return ret;
}

int cenv_fs_mkdirs(int dirfd, const char *path, mode_t mode, struct cenv_err *err)
{
	char *copy;
	int ret = 0, saved;

	if (mkdirat(dirfd, path, mode) == 0 || (errno == EEXIST && cenv_fs_is_dir(dirfd, path)))
		return 0;
	copy = cenv_xstrdup(path);
	for (char *p = copy + 1; ret == 0; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		saved = mkdirat(dirfd, copy, mode) < 0 ? errno : 0;
		if (saved && !cenv_fs_is_dir(dirfd, copy))
			ret = cenv_err_sys(err, saved, "cannot create folder '%s'", copy);
		*p = c;
		if (c == '\0')
			break;
	}
	free(copy);
	return ret;
}

int cenv_fs_mkdirs_for(int dirfd, const char *path, struct cenv_err *err)
{
	char *dir = cenv_path_dir(path);
	int ret = strcmp(dir, ".") ? cenv_fs_mkdirs(dirfd, dir, 0755, err) : 0;

	free(dir);
	return ret;
}

/*
 * Removing folders in folders takes an open one for each level. Who fills a folder can make more
 * of them than may be open: what is deeper than this moves up to the top first.
 */
#define REMOVE_DEPTH 50

struct removal {
	int top;	 /* of what is removed, or -1 */
	unsigned depth;
	unsigned nmoved; /* folders that were moved to the top */
};

static int remove_children(struct removal *r, int fd, const char *label, struct cenv_err *err);

static int move_to_top(struct removal *r, int dirfd, const char *name)
{
	char moved[32];
	int ret;

	do {
		snprintf(moved, sizeof(moved), ".cenv-deep-%u", r->nmoved++);
		ret = renameat(dirfd, name, r->top, moved);
	} while (ret < 0 && (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR));
	return ret;
}

static int remove_folder(struct removal *r, int fd, const char *name, struct cenv_err *err)
{
	unsigned before;
	int ret;

	if (r->top < 0)
		r->top = fd;
	r->depth++;
	do {
		before = r->nmoved;
		ret = remove_children(r, fd, name, err);
	} while (ret == 0 && r->depth == 1 && r->nmoved > before);
	r->depth--;
	return ret;
}

static int remove_entry(struct removal *r, int dirfd, const char *name, const char *label,
			struct cenv_err *err)
{
	int fd, ret;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM && errno != EACCES)
		return cenv_err_sys(err, errno, "cannot remove '%s/%s'", label, name);
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == EACCES && fchmodat(dirfd, name, 0700, 0) == 0)
		fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return cenv_err_sys(err, errno, "cannot remove '%s/%s'", label, name);
	/* a folder that changes its parent must be writable */
	if (r->depth >= REMOVE_DEPTH && fchmod(fd, 0700) == 0 && move_to_top(r, dirfd, name) == 0) {
		close(fd);
		return 0;
	}
	ret = remove_folder(r, fd, name, err);
	if (ret == 0 && unlinkat(dirfd, name, AT_REMOVEDIR) < 0)
		ret = cenv_err_sys(err, errno, "cannot remove '%s/%s'", label, name);
	close(fd);
	return ret;
}

static int remove_children(struct removal *r, int fd, const char *label, struct cenv_err *err)
{
	struct stat st;
	struct dirent *e;
	DIR *dir;
	int copy, ret = 0;

	if (fstat(fd, &st) == 0 && (st.st_mode & 0700) != 0700)
		fchmod(fd, (st.st_mode & 07777) | 0700); /* objects are read-only folders */
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	dir = copy < 0 ? NULL : fdopendir(copy);
	if (!dir) {
		ret = cenv_err_sys(err, errno, "cannot list '%s'", label);
		if (copy >= 0)
			close(copy);
		return ret;
	}
	rewinddir(dir); /* the copy shares its place with fd, which may have been read before */
	while (ret == 0 && (e = cenv_fs_next(dir)))
		ret = remove_entry(r, fd, e->d_name, label, err);
	if (ret == 0 && errno)
		ret = cenv_err_sys(err, errno, "cannot list '%s'", label);
	closedir(dir);
	return ret;
}

int cenv_fs_remove_tree(int dirfd, const char *name, struct cenv_err *err)
{
	struct removal r = {.top = -1};
	struct stat st;
	char *dir, *base;
	int fd, ret;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : cenv_err_sys(err, errno, "cannot remove '%s'", name);
	dir = cenv_path_dir(name);
	base = cenv_xstrdup(cenv_path_base(name));
	fd = cenv_fs_open_dir(dirfd, dir, err);
	ret = fd < 0 ? -1 : remove_entry(&r, fd, base, dir, err);
	if (fd >= 0)
		close(fd);
	free(dir);
	free(base);
	return ret;
}

bool cenv_fs_exists(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool cenv_fs_is_dir(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static int copy_contents(int in, int out)
{
	char chunk[65536];

	if (ioctl(out, FICLONE, in) == 0)
		return 0;
	for (;;) {
		ssize_t n = read(in, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		if (cenv_fs_write_all(out, chunk, (size_t)n) < 0)
			return -1;
	}
}

int cenv_fs_copy(int srcdir, const char *src, int dstdir, const char *dst, mode_t mode,
		 struct cenv_err *err)
{
	int in = openat(srcdir, src, O_RDONLY | O_CLOEXEC), out, ret = 0;

	if (in < 0)
		return cenv_err_sys(err, errno, "cannot open '%s'", src);
	out = openat(dstdir, dst, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0) {
		ret = cenv_err_sys(err, errno, "cannot write '%s'", dst);
		close(in);
		return ret;
	}
	if (copy_contents(in, out) < 0 || fchmod(out, mode) < 0)
		ret = cenv_err_sys(err, errno, "cannot copy '%s' to '%s'", src, dst);
	close(in);
	if (close(out) < 0 && ret == 0)
		ret = cenv_err_sys(err, errno, "cannot write '%s'", dst);
	if (ret < 0)
		unlinkat(dstdir, dst, 0);
	return ret;
}

struct dirent *cenv_fs_next(DIR *dir)
{
	struct dirent *e;

	do {
		errno = 0;
		e = readdir(dir);
	} while (e && (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")));
	return e;
}

int cenv_fs_list(int dirfd, const char *name, struct cenv_strv *out, struct cenv_err *err)
{
	int fd = cenv_fs_open_dir(dirfd, name, err), ret = 0;
	struct dirent *e;
	DIR *dir;

	if (fd < 0)
		return -1;
	dir = fdopendir(fd);
	if (!dir) {
		cenv_err_sys(err, errno, "cannot list '%s'", name);
		close(fd);
		return -1;
	}
	while ((e = cenv_fs_next(dir)))
		cenv_strv_add(out, e->d_name);
	if (errno)
		ret = cenv_err_sys(err, errno, "cannot list '%s'", name);
	closedir(dir);
	if (ret == 0)
		cenv_strv_sort(out);
	else
		cenv_strv_release(out);
	return ret;
}

int cenv_fs_readlink(int dirfd, const char *name, struct cenv_buf *buf, struct cenv_err *err)
{
	char target[4097];
	ssize_t n = readlinkat(dirfd, name, target, sizeof(target));

	if (n < 0)
		return cenv_err_sys(err, errno, "cannot read link '%s'", name);
	cenv_buf_add(buf, target, (size_t)n);
	return 0;
}

char *cenv_fs_realpath(const char *path, struct cenv_err *err)
{
	char *real = realpath(path, NULL);

	if (!real)
		cenv_err_sys(err, errno, "cannot find '%s'", path);
	return real;
}

char *cenv_fs_absolute(const char *path, struct cenv_err *err)
{
	struct cenv_buf out = CENV_BUF_INIT;
	const char *p = path;

	if (*path != '/') {
		char *cwd = getcwd(NULL, 0);

		if (!cwd) {
			cenv_err_sys(err, errno, "cannot find the working directory");
			return NULL;
		}
		cenv_buf_adds(&out, strcmp(cwd, "/") ? cwd : "");
		free(cwd);
	}
	while (*p) {
		size_t len = strcspn(p, "/");

		if (len && !(len == 1 && *p == '.')) {
			cenv_buf_addc(&out, '/');
			cenv_buf_add(&out, p, len);
		}
		p += len + (p[len] == '/');
	}
	if (!out.len)
		cenv_buf_addc(&out, '/');
	return cenv_buf_detach(&out);
}

char *cenv_path_join(const char *dir, const char *name)
{
	struct cenv_buf path = CENV_BUF_INIT;
	size_t len = strlen(dir);

	cenv_buf_add(&path, dir, len);
	if (*name && !(len && dir[len - 1] == '/'))
		cenv_buf_addc(&path, '/');
	cenv_buf_adds(&path, name);
	return cenv_buf_detach(&path);
}

const char *cenv_path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *cenv_path_dir(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return cenv_xstrdup(".");
	return cenv_xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
}

int cenv_fs_lock(int dirfd, const char *name, bool exclusive, void (*waiting)(void *payload),
		 void *payload, struct cenv_err *err)
{
	int op = exclusive ? LOCK_EX : LOCK_SH;
	int fd = openat(dirfd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		return cenv_err_sys(err, errno, "cannot open lock '%s'", name);
	if (flock(fd, op | LOCK_NB) == 0)
		return fd;
	if (errno == EWOULDBLOCK && waiting)
		waiting(payload);
	if (flock(fd, op) == 0)
		return fd;
	/* a signal that has a handler asks us to stop, and waiting is all there is to stop */
	if (errno == EINTR)
		cenv_err_set(err, CENV_E_INTERRUPT, "interrupted while waiting for '%s'", name);
	else
		cenv_err_sys(err, errno, "cannot lock '%s'", name);
	close(fd);
	return -1;
}

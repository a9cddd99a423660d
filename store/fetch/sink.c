/* SPDX-License-Identifier: MIT */
#include "store/fetch/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "store/fs/fs.h"

/* The name may have gone to another file, by the rename of whoever held the lock before. */
static bool still_named(int dirfd, const char *name, int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(dirfd, name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* The fd, locked, or -1 when it cannot be had or belongs to another. */
static int lock_partial(const struct cenv_store *store, const char *name, int flags)
{
	int fd = openat(store->fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0600);

	if (fd < 0 || (flock(fd, LOCK_EX | LOCK_NB) == 0 && still_named(store->fd, name, fd)))
		return fd;
	close(fd);
	return -1;
}

static int open_partial(struct cenv_sink *sink, const char *sha256)
{
	char *name = cenv_strf("tmp/partial-%s", sha256);

	sink->fd = lock_partial(sink->store, name, O_CREAT);
	if (sink->fd < 0) {
		free(name);
		return -1;
	}
	sink->name = name;
	sink->is_partial = true;
	return 0;
}

void cenv_sink_drop_partial(const struct cenv_store *store, const char *sha256)
{
	char *name = cenv_strf("tmp/partial-%s", sha256);
	int fd = lock_partial(store, name, 0);

	if (fd >= 0) {
		unlinkat(store->fd, name, 0);
		close(fd);
	}
	free(name);
}

static int open_private(struct cenv_sink *sink, struct cenv_err *err)
{
	static unsigned counter;

	for (int i = 0; i < 1000; i++) {
		unsigned number = __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);

		sink->name = cenv_strf("tmp/fetch-%ld-%u", (long)getpid(), number);
		sink->fd = openat(sink->store->fd, sink->name,
				  O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (sink->fd >= 0)
			return 0;
		if (errno != EEXIST)
			break;
		free(sink->name);
		sink->name = NULL;
	}
	cenv_err_sys(err, errno, "cannot write below '%s/tmp'", sink->store->path);
	free(sink->name);
	sink->name = NULL;
	return -1;
}

/* Hash what an earlier transfer left, so that the running hash and the file agree. */
static int take_up(struct cenv_sink *sink, struct cenv_err *err)
{
	char chunk[65536];
	ssize_t n;

	while ((n = read(sink->fd, chunk, sizeof(chunk))) != 0) {
		if (n > 0) {
			cenv_sha256_update(sink->ctx, chunk, (size_t)n);
			sink->size += (unsigned long long)n;
		} else if (errno != EINTR) {
			return cenv_err_sys(err, errno, "cannot read '%s/%s'", sink->store->path,
					    sink->name);
		}
	}
	return sink->size > sink->max ? cenv_sink_restart(sink, err) : 0;
}

int cenv_sink_open(struct cenv_sink *sink, const struct cenv_store *store, const char *sha256,
		   unsigned long long max, struct cenv_err *err)
{
	*sink = (struct cenv_sink){.store = store, .fd = -1, .max = max};
	sink->ctx = cenv_sha256_new(err);
	if (!sink->ctx)
		return -1;
	if (sha256 && open_partial(sink, sha256) == 0)
		return take_up(sink, err);
	return open_private(sink, err);
}

void cenv_sink_open_text(struct cenv_sink *sink, struct cenv_buf *out, unsigned long long max)
{
	*sink = (struct cenv_sink){.text = out, .fd = -1, .max = max};
}

int cenv_sink_restart(struct cenv_sink *sink, struct cenv_err *err)
{
	char ignored[CENV_SHA256_HEX];

	sink->size = 0;
	if (sink->text) {
		cenv_buf_reset(sink->text);
		return 0;
	}
	cenv_sha256_final(sink->ctx, ignored);
	if (ftruncate(sink->fd, 0) < 0 || lseek(sink->fd, 0, SEEK_SET) < 0)
		return cenv_err_sys(err, errno, "cannot write '%s/%s'", sink->store->path,
				    sink->name);
	return 0;
}

int cenv_sink_write(struct cenv_sink *sink, const void *data, size_t len, struct cenv_err *err)
{
	if (len > sink->max || sink->size > sink->max - len)
		return cenv_err_set(err, CENV_E_NETWORK, "it is larger than %llu bytes", sink->max);
	sink->size += len;
	if (sink->text) {
		cenv_buf_add(sink->text, data, len);
		return 0;
	}
	if (cenv_fs_write_all(sink->fd, data, len) < 0)
		return cenv_err_sys(err, errno, "cannot write '%s/%s'", sink->store->path,
				    sink->name);
	cenv_sha256_update(sink->ctx, data, len);
	return 0;
}

void cenv_sink_hash(struct cenv_sink *sink, char out[CENV_SHA256_HEX])
{
	cenv_sha256_final(sink->ctx, out);
}

int cenv_sink_keep(struct cenv_sink *sink, const char *name, struct cenv_err *err)
{
	/* sources are trusted by name: after a power cut, too, the name must mean these bytes */
	if (fchmod(sink->fd, 0444) < 0 || fsync(sink->fd) < 0 ||
	    renameat(sink->store->fd, sink->name, sink->store->fd, name) < 0)
		return cenv_err_sys(err, errno, "cannot create '%s/%s'", sink->store->path, name);
	free(sink->name);
	sink->name = NULL;
	return 0;
}

void cenv_sink_close(struct cenv_sink *sink)
{
	if (sink->name && !(sink->is_partial && sink->size))
		unlinkat(sink->store->fd, sink->name, 0);
	if (sink->fd >= 0)
		close(sink->fd);
	free(sink->name);
	cenv_sha256_free(sink->ctx);
	*sink = (struct cenv_sink){.fd = -1};
}

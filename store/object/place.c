/* SPDX-License-Identifier: MIT */
#include "store/object/object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "store/fs/fs.h"
#include "store/object/relocate.h"

/* Objects into environments: links where nothing is to be patched, new files elsewhere. */

static int check_prefix(const char *prefix, struct cenv_err *err)
{
	size_t len = strlen(prefix);

	if (len <= CENV_PLACEHOLDER_LEN)
		return 0;
	cenv_err_set(err, CENV_E_FAIL, "the path '%s' is %zu bytes long: at most %d can be put "
		     "into libraries that hold their own path", prefix, len, CENV_PLACEHOLDER_LEN);
	cenv_err_hint(err, "make the environment in a folder with a shorter path");
	return -1;
}

/* a new file of the given contents; like a link, it must not exist */
static int write_new(int dirfd, const char *name, const struct cenv_buf *data, mode_t mode,
		     struct cenv_err *err)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), ret = 0;

	if (fd < 0)
		return cenv_err_sys(err, errno, "cannot create '%s'", name);
	if (cenv_fs_write_all(fd, data->buf, data->len) < 0 || fchmod(fd, mode) < 0)
		ret = cenv_err_sys(err, errno, "cannot write '%s'", name);
	if (close(fd) < 0 && ret == 0)
		ret = cenv_err_sys(err, errno, "cannot write '%s'", name);
	if (ret < 0)
		unlinkat(dirfd, name, 0);
	return ret;
}

static int place_patched(int srcfd, const struct cenv_manifest_entry *entry, int dstfd,
			 const char *dstname, const char *prefix, char sha256[CENV_SHA256_HEX],
			 struct cenv_err *err)
{
	struct cenv_buf data = CENV_BUF_INIT;
	int ret = -1;

	if (check_prefix(prefix, err) < 0 ||
	    cenv_fs_read(srcfd, cenv_path_base(entry->path), entry->size, &data, err) < 0)
		goto out;
	if (data.len != entry->size || !cenv_reloc_patch(&data, entry, prefix)) {
		cenv_err_set(err, CENV_E_INTEGRITY, "'%s' in the store is damaged", entry->path);
		cenv_err_hint(err, "run 'cenv cache verify'");
		goto out;
	}
	if (cenv_sha256_data(data.buf, data.len, sha256, err) < 0)
		goto out;
	ret = write_new(dstfd, dstname, &data, entry->mode, err);
out:
	cenv_buf_release(&data);
	return ret;
}

/* errors that tell of two file systems, or of one that will not link this file */
static bool wants_copy(int error)
{
	return error == EXDEV || error == EMLINK || error == EPERM || error == EACCES ||
	       error == ENOTSUP || error == ENOSYS;
}

static int place_hard_link(int srcfd, const struct cenv_manifest_entry *entry, int dstfd,
			   const char *dstname, bool may_copy, struct cenv_err *err)
{
	const char *base = cenv_path_base(entry->path);

	if (linkat(srcfd, base, dstfd, dstname, 0) == 0)
		return 0;
	if (may_copy && wants_copy(errno))
		return cenv_fs_copy(srcfd, base, dstfd, dstname, entry->mode, err);
	cenv_err_sys(err, errno, "cannot link '%s' from the store", entry->path);
	if (err->sys == EXDEV)
		cenv_err_hint(err, "the store is on another file system: use '--link-mode copy'");
	return -1;
}

static int place_symlink_to_store(int srcfd, const struct cenv_manifest_entry *entry, int dstfd,
				  const char *dstname, struct cenv_err *err)
{
	struct cenv_buf target = CENV_BUF_INIT;
	char *self = cenv_strf("/proc/self/fd/%d", srcfd);
	int ret = cenv_fs_readlink(AT_FDCWD, self, &target, err);

	if (ret == 0) {
		cenv_buf_addf(&target, "/%s", cenv_path_base(entry->path));
		if (symlinkat(target.buf, dstfd, dstname) < 0)
			ret = cenv_err_sys(err, errno, "cannot create link '%s'", dstname);
	}
	free(self);
	cenv_buf_release(&target);
	return ret;
}

static int place_unpatched(int srcfd, const struct cenv_manifest_entry *entry, int dstfd,
			   const char *dstname, enum cenv_link_mode mode, struct cenv_err *err)
{
	/* a program finds itself, and by that its libraries, where its file really is */
	if (mode == CENV_LINK_SYMLINK && (entry->mode & 0111))
		mode = CENV_LINK_AUTO;
	switch (mode) {
	case CENV_LINK_REFLINK:
	case CENV_LINK_COPY:
		return cenv_fs_copy(srcfd, cenv_path_base(entry->path), dstfd, dstname, entry->mode,
				    err);
	case CENV_LINK_SYMLINK:
		return place_symlink_to_store(srcfd, entry, dstfd, dstname, err);
	case CENV_LINK_AUTO:
	case CENV_LINK_HARD:
		break;
	}
	return place_hard_link(srcfd, entry, dstfd, dstname, mode == CENV_LINK_AUTO, err);
}

/* a symlink can have several names too, and another name costs a tenth of a new inode */
static int place_symlink(int srcfd, const struct cenv_manifest_entry *entry, int dstfd,
			 const char *dstname, enum cenv_link_mode mode, struct cenv_err *err)
{
	bool may_link = mode == CENV_LINK_AUTO || mode == CENV_LINK_HARD;

	if (may_link && linkat(srcfd, cenv_path_base(entry->path), dstfd, dstname, 0) == 0)
		return 0;
	if (symlinkat(entry->target, dstfd, dstname) < 0)
		return cenv_err_sys(err, errno, "cannot create link '%s'", dstname);
	return 0;
}

int cenv_object_place(int srcfd, const struct cenv_manifest_entry *entry, int dstfd,
		      const char *dstname, const char *prefix, enum cenv_link_mode mode,
		      char sha256[CENV_SHA256_HEX], struct cenv_err *err)
{
	if (entry->type == 'l')
		return place_symlink(srcfd, entry, dstfd, dstname, mode, err);
	if (entry->reloc_kind != CENV_RELOC_NONE)
		return place_patched(srcfd, entry, dstfd, dstname, prefix, sha256, err);
	return place_unpatched(srcfd, entry, dstfd, dstname, mode, err);
}

/* ---- whole objects ---- */

/*
 * Entries come sorted, so that the folders of one and the next share most of
 * their path: the chain of open folders on both sides is kept, and names stay
 * one component long for the kernel.
 */
struct level {
	size_t end; /* length of this folder's path within the current one; the root's is 0 */
	int src, dst;
};

struct walk {
	struct level *levels; /* levels[0]: the roots, not ours to close */
	size_t n, cap;
	char *dir; /* path of the deepest level */
};

static void pop(struct walk *w)
{
	struct level *top = &w->levels[--w->n];

	close(top->src);
	close(top->dst);
}

static int open_below(int dirfd, const char *name)
{
	return openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int push(struct walk *w, const char *name, size_t end, const char *path,
		struct cenv_err *err)
{
	const struct level *top = &w->levels[w->n - 1];
	struct level next = {.end = end, .src = open_below(top->src, name), .dst = -1};

	if (next.src < 0)
		return cenv_err_sys(err, errno, "cannot open the folder of '%s' in the store", path);
	next.dst = open_below(top->dst, name);
	if (next.dst < 0) {
		cenv_err_sys(err, errno, "cannot open the folder of '%s'", path);
		close(next.src);
		return -1;
	}
	CENV_GROW(w->levels, w->n, w->cap);
	w->levels[w->n++] = next;
	return 0;
}

/* leave folders that `path` is not in and enter those that it is in */
static int enter(struct walk *w, const char *path, struct cenv_err *err)
{
	size_t len = (size_t)(cenv_path_base(path) - path), at;

	while (w->n > 1) {
		size_t end = w->levels[w->n - 1].end;

		if (end < len && path[end] == '/' && !memcmp(w->dir, path, end))
			break;
		pop(w);
	}
	at = w->levels[w->n - 1].end;
	if (len <= at + 1 && (len == 0 || at > 0))
		return 0;
	free(w->dir);
	w->dir = cenv_xstrndup(path, len);
	for (size_t start = at ? at + 1 : 0; start < len;) {
		char *slash = strchr(w->dir + start, '/');
		int ret;

		*slash = '\0';
		ret = push(w, w->dir + start, (size_t)(slash - w->dir), path, err);
		*slash = '/';
		if (ret < 0)
			return -1;
		start = (size_t)(slash - w->dir) + 1;
	}
	return 0;
}

static int place_entry(struct walk *w, const struct cenv_manifest_entry *entry, const char *prefix,
		       enum cenv_link_mode mode, struct cenv_err *err)
{
	const char *base = cenv_path_base(entry->path);
	char sha256[CENV_SHA256_HEX];
	const struct level *top;

	if (enter(w, entry->path, err) < 0)
		return -1;
	top = &w->levels[w->n - 1];
	if (entry->type == 'd') {
		if (mkdirat(top->dst, base, 0755) < 0 &&
		    (errno != EEXIST || !cenv_fs_is_dir(top->dst, base)))
			return cenv_err_sys(err, errno, "cannot create folder '%s'", entry->path);
		return 0;
	}
	if (cenv_object_place(top->src, entry, top->dst, base, prefix, mode, sha256, err) < 0)
		return cenv_err_wrap(err, "cannot place '%s'", entry->path);
	return 0;
}

int cenv_object_place_all(const struct cenv_object *object, int dstfd, const char *prefix,
			  enum cenv_link_mode mode, struct cenv_err *err)
{
	struct walk w = {0};
	int ret = 0;

	CENV_GROW(w.levels, w.n, w.cap);
	w.levels[w.n++] = (struct level){.src = object->treefd, .dst = dstfd};
	for (size_t i = 0; ret == 0 && i < object->manifest.n; i++)
		ret = place_entry(&w, &object->manifest.entries[i], prefix, mode, err);
	while (w.n > 1)
		pop(&w);
	free(w.levels);
	free(w.dir);
	return ret;
}

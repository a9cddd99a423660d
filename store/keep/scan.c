/* SPDX-License-Identifier: MIT */
#include "store/keep/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/version.h"
#include "store/fs/fs.h"
#include "store/object/info.h"
#include "store/object/object.h"

enum { DEPTH_MAX = 256 };

/* A name of a file that has several. */
struct name {
	dev_t dev;
	ino_t ino;
	nlink_t links;
	size_t owner; /* in the list of things */
};

struct scan {
	struct cenv_kept_list *list;
	struct name *names;
	size_t n, cap;
};

static const struct {
	const char *folder, *name;
	enum cenv_kept_kind kind;
} parts[] = {
	{"objects", "object", CENV_KEPT_OBJECT},    {"sources", "source", CENV_KEPT_SOURCE},
	{"logs", "log", CENV_KEPT_LOG},             {"build", "build folder", CENV_KEPT_BUILD},
	{"tmp", "temporary file", CENV_KEPT_TMP},   {"index", "copy", CENV_KEPT_COPY},
	{"shadow", "copy", CENV_KEPT_COPY},         {"const", "copy", CENV_KEPT_COPY},
};

const char *cenv_kept_kind_name(enum cenv_kept_kind kind)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i].kind == kind)
			return parts[i].name;
	return "thing";
}

const char *cenv_kept_id(const struct cenv_kept *kept)
{
	return cenv_path_base(kept->path);
}

/* ---- walking ---- */

static void note_entry(struct scan *scan, size_t owner, const struct stat *st)
{
	scan->list->v[owner].bytes += (unsigned long long)st->st_blocks * 512;
	if (S_ISDIR(st->st_mode) || st->st_nlink < 2)
		return;
	CENV_GROW(scan->names, scan->n, scan->cap);
	scan->names[scan->n++] = (struct name){st->st_dev, st->st_ino, st->st_nlink, owner};
}

/* Everything below an open directory, which is closed. */
static void walk(struct scan *scan, size_t owner, int fd, unsigned depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *e;
	struct stat st;

	if (!dir) {
		close(fd);
		return;
	}
	while ((e = cenv_fs_next(dir))) {
		int child;

		if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		note_entry(scan, owner, &st);
		if (!S_ISDIR(st.st_mode) || depth >= DEPTH_MAX)
			continue;
		child = openat(dirfd(dir), e->d_name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child >= 0)
			walk(scan, owner, child, depth + 1);
	}
	closedir(dir);
}

static void read_papers(struct cenv_kept *kept, int fd)
{
	struct cenv_object object = {.dirfd = fd};
	struct cenv_err ignored = CENV_ERR_INIT;

	if (cenv_object_info_read(&object, &ignored) == 0) {
		kept->name = cenv_xstrdup(object.name);
		kept->version = cenv_xstrdup(object.version);
	}
	kept->in_use = cenv_fs_exists(fd, CENV_OBJECT_SYMLINKED);
	free(object.name);
	free(object.version);
	free(object.system);
	cenv_strv_release(&object.leaks);
	cenv_strv_release(&object.unreached);
	cenv_err_release(&ignored);
}

/* Takes the path over. */
static void add_thing(struct scan *scan, const struct cenv_store *store, enum cenv_kept_kind kind,
		      char *path)
{
	struct cenv_kept_list *list = scan->list;
	struct stat st;
	int fd;

	if (fstatat(store->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		free(path);
		return;
	}
	CENV_GROW(list->v, list->n, list->cap);
	list->v[list->n++] = (struct cenv_kept){.kind = kind, .path = path, .used = st.st_mtime};
	note_entry(scan, list->n - 1, &st);
	if (!S_ISDIR(st.st_mode))
		return;
	fd = openat(store->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	if (kind == CENV_KEPT_OBJECT)
		read_papers(&list->v[list->n - 1], fd);
	walk(scan, list->n - 1, fd, 0);
}

static int add_part(struct scan *scan, const struct cenv_store *store, size_t part,
		    struct cenv_err *err)
{
	const char *folder = parts[part].folder;
	struct cenv_strv names = {0};
	int ret = 0;

	if (cenv_fs_list(store->fd, folder, &names, err) < 0) {
		ret = err->sys == ENOENT ? 0 : -1;
		if (ret == 0)
			cenv_err_release(err);
	}
	for (size_t i = 0; i < names.n; i++)
		add_thing(scan, store, parts[part].kind, cenv_path_join(folder, names.v[i]));
	cenv_strv_release(&names);
	return ret;
}

/* ---- use ---- */

static int by_file(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

/* A file with more names than were found in the store has one in an environment. */
static void find_use(struct scan *scan)
{
	size_t first, last;

	if (scan->n)
		qsort(scan->names, scan->n, sizeof(*scan->names), by_file);
	for (first = 0; first < scan->n; first = last) {
		last = first + 1;
		while (last < scan->n && by_file(&scan->names[first], &scan->names[last]) == 0)
			last++;
		for (size_t i = first; i < last; i++)
			if (scan->names[i].links > last - first)
				scan->list->v[scan->names[i].owner].in_use = true;
	}
}

/* ---- the list ---- */

static int by_kind_and_name(const void *a, const void *b)
{
	const struct cenv_kept *x = a, *y = b;
	int order = (int)x->kind - (int)y->kind;

	if (order == 0 && x->name && y->name)
		order = strcmp(x->name, y->name);
	if (order == 0 && x->version && y->version)
		order = cenv_version_cmp(x->version, y->version);
	if (order == 0)
		order = !x->name - !y->name;
	return order ? order : strcmp(x->path, y->path);
}

int cenv_kept_scan(struct cenv_kept_list *out, const struct cenv_store *store,
		   struct cenv_err *err)
{
	struct scan scan = {.list = out};
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < sizeof(parts) / sizeof(*parts); i++)
		ret = add_part(&scan, store, i, err);
	find_use(&scan);
	free(scan.names);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_kind_and_name);
	return ret < 0 ? cenv_err_wrap(err, "cannot look through '%s'", store->path) : 0;
}

void cenv_kept_release(struct cenv_kept_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].path);
		free(list->v[i].name);
		free(list->v[i].version);
	}
	free(list->v);
	*list = (struct cenv_kept_list){0};
}

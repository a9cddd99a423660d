/* SPDX-License-Identifier: MIT */
#include "store/unpack/unpack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/strv.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"
#include "store/unpack/member.h"
#include "store/unpack/walk.h"

/* The normal form is specified in docs/formats.md, section "Tree hash". */

struct entry {
	char *path;
	char kind; /* f, x, l; h until a hard link's target is known */
	char sha256[CENV_SHA256_HEX];
	char *link; /* h: path of the target */
};

struct tree {
	struct entry *entries;
	size_t n, cap;
	struct cenv_sha256 *ctx; /* contents of the last file */
};

static void tree_release(struct tree *tree)
{
	for (size_t i = 0; i < tree->n; i++) {
		free(tree->entries[i].path);
		free(tree->entries[i].link);
	}
	free(tree->entries);
	cenv_sha256_free(tree->ctx);
}

static struct entry *tree_add(struct tree *tree, const char *path, char kind)
{
	CENV_GROW(tree->entries, tree->n, tree->cap);
	tree->entries[tree->n] = (struct entry){.path = cenv_xstrdup(path), .kind = kind};
	return &tree->entries[tree->n++];
}

static void hash_text(struct tree *tree, const char *text, char out[CENV_SHA256_HEX])
{
	cenv_sha256_update(tree->ctx, text, strlen(text));
	cenv_sha256_final(tree->ctx, out);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

static void tree_finish(struct tree *tree, char out[CENV_SHA256_HEX])
{
	static const char head[] = "cenv-tree 1\n";

	if (tree->n)
		qsort(tree->entries, tree->n, sizeof(*tree->entries), by_path);
	cenv_sha256_update(tree->ctx, head, strlen(head));
	for (size_t i = 0; i < tree->n; i++) {
		const struct entry *e = &tree->entries[i];

		cenv_sha256_update(tree->ctx, &e->kind, 1);
		cenv_sha256_update(tree->ctx, " ", 1);
		cenv_sha256_update(tree->ctx, e->sha256, CENV_SHA256_HEX - 1);
		cenv_sha256_update(tree->ctx, " ", 1);
		cenv_sha256_update(tree->ctx, e->path, strlen(e->path) + 1);
	}
	cenv_sha256_final(tree->ctx, out);
}

/* ---- of an archive ---- */

static int add_member(void *payload, const struct cenv_member *member, struct cenv_err *err)
{
	struct tree *tree = payload;

	(void)err;
	if (member->type == CENV_MEMBER_FILE)
		tree_add(tree, member->path, member->executable ? 'x' : 'f');
	else if (member->type == CENV_MEMBER_SYMLINK)
		hash_text(tree, member->link, tree_add(tree, member->path, 'l')->sha256);
	else if (member->type == CENV_MEMBER_HARDLINK)
		tree_add(tree, member->path, 'h')->link = cenv_xstrdup(member->link);
	return 0;
}

static int add_data(void *payload, const void *data, size_t len, unsigned long long offset,
		    struct cenv_err *err)
{
	static const char zeros[4096];
	struct tree *tree = payload;

	(void)offset;
	(void)err;
	if (data) {
		cenv_sha256_update(tree->ctx, data, len);
		return 0;
	}
	while (len) {
		size_t n = len < sizeof(zeros) ? len : sizeof(zeros);

		cenv_sha256_update(tree->ctx, zeros, n);
		len -= n;
	}
	return 0;
}

static int end_member(void *payload, const struct cenv_member *member, struct cenv_err *err)
{
	struct tree *tree = payload;

	(void)member;
	(void)err;
	cenv_sha256_final(tree->ctx, tree->entries[tree->n - 1].sha256);
	return 0;
}

/* A hard link is a file with the contents of its target, which walk.c has seen before it. */
static void resolve_hardlinks(struct tree *tree)
{
	struct cenv_map files = {0};

	for (size_t i = 0; i < tree->n; i++) {
		struct entry *e = &tree->entries[i];

		if (e->kind == 'h') {
			const struct entry *target = cenv_map_get(&files, e->link);

			e->kind = target->kind;
			memcpy(e->sha256, target->sha256, sizeof(e->sha256));
		}
		if (e->kind != 'l')
			cenv_map_put(&files, e->path, e);
	}
	cenv_map_release(&files, NULL);
}

static void drop_top(struct tree *tree, const char *top)
{
	size_t len = strlen(top) + 1;

	for (size_t i = 0; i < tree->n; i++) {
		char *path = tree->entries[i].path;

		memmove(path, path + len, strlen(path + len) + 1);
	}
}

int cenv_tree_hash_file(int archive_dirfd, const char *archive, const char *archive_label,
			const struct cenv_unpack_limits *limits, char out[CENV_SHA256_HEX],
			struct cenv_err *err)
{
	static const struct cenv_walk_visitor visitor = {add_member, add_data, end_member};
	struct tree tree = {.ctx = cenv_sha256_new(err)};
	char *top = NULL;
	int ret = -1;

	if (!tree.ctx)
		return -1;
	if (cenv_walk(archive_dirfd, archive, archive_label, "read", limits, &visitor, &tree, &top,
		      err) < 0)
		goto out;
	resolve_hardlinks(&tree);
	if (top)
		drop_top(&tree, top);
	tree_finish(&tree, out);
	ret = 0;
out:
	tree_release(&tree);
	free(top);
	return ret;
}

/* ---- of a folder ---- */

static int scan_folder(struct tree *tree, int fd, const char *path, unsigned depth,
		       struct cenv_err *err);

static int scan_file(struct tree *tree, int dirfd, const char *name, const char *path, bool x,
		     struct cenv_err *err)
{
	return cenv_sha256_file(dirfd, name, tree_add(tree, path, x ? 'x' : 'f')->sha256, err);
}

static int scan_link(struct tree *tree, int dirfd, const char *name, const char *path,
		     struct cenv_err *err)
{
	struct cenv_buf target = CENV_BUF_INIT;
	int ret = cenv_fs_readlink(dirfd, name, &target, err);

	if (ret == 0)
		hash_text(tree, target.buf, tree_add(tree, path, 'l')->sha256);
	cenv_buf_release(&target);
	return ret;
}

static int scan_entry(struct tree *tree, int dirfd, const char *name, const char *path,
		      unsigned depth, struct cenv_err *err)
{
	struct stat st;
	int fd, ret;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return cenv_err_sys(err, errno, "cannot examine '%s'", path);
	if (S_ISREG(st.st_mode))
		return scan_file(tree, dirfd, name, path, st.st_mode & 0100, err);
	if (S_ISLNK(st.st_mode))
		return scan_link(tree, dirfd, name, path, err);
	if (!S_ISDIR(st.st_mode))
		return cenv_err_set(err, CENV_E_INTEGRITY,
				    "'%s' is neither a file, a folder nor a symlink", path);
	if (depth >= CENV_MEMBER_DEPTH)
		return cenv_err_set(err, CENV_E_INTEGRITY, "'%s' is nested too deeply", path);
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return cenv_err_sys(err, errno, "cannot open folder '%s'", path);
	ret = scan_folder(tree, fd, path, depth + 1, err);
	close(fd);
	return ret;
}

bool cenv_tree_leaves_out(int dirfd, const char *name)
{
	static const char *const names[] = {".git", ".hg", ".svn"};
	char *config;
	bool is_env;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	config = cenv_path_join(name, "cenv.cfg");
	is_env = cenv_fs_exists(dirfd, config);
	free(config);
	return is_env;
}

static int scan_folder(struct tree *tree, int fd, const char *path, unsigned depth,
		       struct cenv_err *err)
{
	struct cenv_strv names = {0};
	int ret = cenv_fs_list(fd, ".", &names, err);

	for (size_t i = 0; i < names.n && ret == 0; i++) {
		char *child = *path ? cenv_path_join(path, names.v[i]) : cenv_xstrdup(names.v[i]);

		ret = cenv_interrupt_check(err);
		if (ret == 0 && !cenv_tree_leaves_out(fd, names.v[i]))
			ret = scan_entry(tree, fd, names.v[i], child, depth, err);
		free(child);
	}
	cenv_strv_release(&names);
	return ret;
}

int cenv_tree_hash_dir(int dirfd, const char *name, char out[CENV_SHA256_HEX], struct cenv_err *err)
{
	struct tree tree = {.ctx = cenv_sha256_new(err)};
	int fd, ret = -1;

	if (!tree.ctx)
		return -1;
	fd = cenv_fs_open_dir(dirfd, name, err);
	if (fd >= 0) {
		ret = scan_folder(&tree, fd, "", 0, err);
		close(fd);
	}
	if (ret == 0)
		tree_finish(&tree, out);
	else
		cenv_err_wrap(err, "cannot hash folder '%s'", name);
	tree_release(&tree);
	return ret;
}

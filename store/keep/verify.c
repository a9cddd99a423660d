/* SPDX-License-Identifier: MIT */
#include "store/keep/verify.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/fs/fs.h"
#include "store/keep/drop.h"
#include "store/object/info.h"
#include "store/object/object.h"
#include "store/proc/proc.h"

enum { FAULTS_MAX = 100, DEPTH_MAX = 256, SUMS_MAX = 4096 };
#define PAPER_MAX ((size_t)256 << 20)

/* What is wrong with a thing. */
struct faults {
	struct cenv_strv *list;
	int shortage; /* errno: it could not be checked */
};

struct object {
	struct cenv_object *o; /* opened here, with no checks but ours */
	struct faults *faults;
	struct cenv_verify_result *result;
};

static void fault(struct faults *faults, const char *name, const char *what)
{
	if (faults->list->n < FAULTS_MAX)
		cenv_strv_addf(faults->list, "%s: %s", name, what);
}

static void fault_sys(struct faults *faults, const char *name, int error)
{
	if (cenv_fs_is_shortage(error))
		faults->shortage = error;
	fault(faults, name, error == ENOENT ? "missing" : strerror(error));
}

/* An error is a fault of what could not be read. */
static void fault_of(struct faults *faults, const char *name, struct cenv_err *err)
{
	if (cenv_fs_is_shortage(err->sys))
		faults->shortage = err->sys;
	fault(faults, name, err->msg ? err->msg : "cannot be read");
	cenv_err_release(err);
}

/* ---- the papers ---- */

static bool check_sum(struct object *ob, const struct cenv_buf *sums, const char *name)
{
	struct cenv_err err = CENV_ERR_INIT;
	char sha256[CENV_SHA256_HEX], *line;
	bool same;

	if (cenv_sha256_file(ob->o->dirfd, name, sha256, &err) < 0) {
		fault_of(ob->faults, name, &err);
		return false;
	}
	line = cenv_strf("%s  %s\n", sha256, name);
	same = strstr(sums->buf, line) != NULL;
	if (!same)
		fault(ob->faults, name, "not what " CENV_OBJECT_SUMS " says");
	free(line);
	return same;
}

/* sums itself: these two lines and nothing else. */
static bool check_sums(struct object *ob)
{
	struct cenv_buf sums = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;
	bool good = false;

	if (cenv_fs_read(ob->o->dirfd, CENV_OBJECT_SUMS, SUMS_MAX, &sums, &err) < 0) {
		fault_of(ob->faults, CENV_OBJECT_SUMS, &err);
		goto out;
	}
	good = check_sum(ob, &sums, "info.json");
	good = check_sum(ob, &sums, "manifest") && good;
	if (good && sums.len != 2 * (64 + 2 + 1) + strlen("info.json") + strlen("manifest")) {
		fault(ob->faults, CENV_OBJECT_SUMS, "more than two sums");
		good = false;
	}
out:
	cenv_buf_release(&sums);
	return good;
}

static bool read_papers(struct object *ob)
{
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;
	bool good = true;

	if (cenv_object_info_read(ob->o, &err) < 0) {
		fault_of(ob->faults, "info.json", &err);
		good = false;
	}
	if (cenv_fs_read(ob->o->dirfd, "manifest", PAPER_MAX, &text, &err) < 0 ||
	    cenv_manifest_parse(&ob->o->manifest, text.buf, text.len, "manifest", &err) < 0) {
		fault_of(ob->faults, "manifest", &err);
		good = false;
	}
	cenv_buf_release(&text);
	return good;
}

/* ---- the tree ---- */

static void check_link(struct object *ob, const struct cenv_manifest_entry *entry)
{
	struct cenv_buf target = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_fs_readlink(ob->o->treefd, entry->path, &target, &err) < 0)
		fault_of(ob->faults, entry->path, &err);
	else if (strcmp(target.buf, entry->target) != 0)
		fault(ob->faults, entry->path, "another target");
	cenv_buf_release(&target);
}

static void check_file(struct object *ob, const struct cenv_manifest_entry *entry,
		       const struct stat *st)
{
	struct cenv_err err = CENV_ERR_INIT;
	char sha256[CENV_SHA256_HEX];

	ob->result->files++;
	ob->result->bytes += (unsigned long long)st->st_size;
	if ((unsigned long long)st->st_size != entry->size)
		fault(ob->faults, entry->path, "another size");
	else if (cenv_sha256_file(ob->o->treefd, entry->path, sha256, &err) < 0)
		fault_of(ob->faults, entry->path, &err);
	else if (strcmp(sha256, entry->sha256) != 0)
		fault(ob->faults, entry->path, "other contents");
	if ((st->st_mode & 07777) != entry->mode)
		fault(ob->faults, entry->path, "another mode");
}

static void check_entry(struct object *ob, const struct cenv_manifest_entry *entry)
{
	struct stat st;

	if (fstatat(ob->o->treefd, entry->path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		fault_sys(ob->faults, entry->path, errno);
		return;
	}
	if (entry->type == 'd' && S_ISDIR(st.st_mode))
		return;
	if (entry->type == 'l' && S_ISLNK(st.st_mode))
		check_link(ob, entry);
	else if (entry->type == 'f' && S_ISREG(st.st_mode))
		check_file(ob, entry, &st);
	else
		fault(ob->faults, entry->path, "of another type");
}

/* What nothing put there. `dir` is "" or ends with a slash; fd is closed. */
static void find_strangers(struct object *ob, int fd, const char *dir, unsigned depth)
{
	DIR *stream = fdopendir(fd);
	struct dirent *e;

	if (!stream) {
		fault_sys(ob->faults, *dir ? dir : "tree", errno);
		close(fd);
		return;
	}
	while ((e = cenv_fs_next(stream))) {
		char *path = cenv_strf("%s%s", dir, e->d_name), *below;
		const struct cenv_manifest_entry *entry = cenv_manifest_find(&ob->o->manifest, path);
		int child;

		if (!entry)
			fault(ob->faults, path, "not in the manifest");
		child = entry && entry->type == 'd' && depth < DEPTH_MAX
				? openat(dirfd(stream), e->d_name,
					 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
				: -1;
		if (child < 0 && entry && cenv_fs_is_shortage(errno))
			fault_sys(ob->faults, path, errno);
		if (child >= 0) {
			below = cenv_strf("%s/", path);
			find_strangers(ob, child, below, depth + 1);
			free(below);
		}
		free(path);
	}
	if (errno)
		fault_sys(ob->faults, *dir ? dir : "tree", errno);
	closedir(stream);
}

static void check_tree(struct object *ob)
{
	int fd;

	for (size_t i = 0; i < ob->o->manifest.n && !cenv_interrupted(); i++)
		check_entry(ob, &ob->o->manifest.entries[i]);
	fd = openat(ob->o->treefd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fault_sys(ob->faults, "tree", errno);
	else
		find_strangers(ob, fd, "", 0);
}

/* ---- things ---- */

static void check_object(struct cenv_verify_result *result, const struct cenv_store *store,
			 const char *path, struct faults *faults)
{
	struct object ob = {cenv_xcalloc(1, sizeof(*ob.o)), faults, result};
	struct cenv_err err = CENV_ERR_INIT;

	result->objects++;
	ob.o->treefd = -1;
	ob.o->dirfd = openat(store->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (!cenv_is_sha256(cenv_path_base(path), strlen(cenv_path_base(path)))) {
		fault(ob.faults, path, "nothing that cenv put there");
	} else if (ob.o->dirfd < 0) {
		/* one that went meanwhile is no damage */
		if (errno != ENOENT)
			fault_sys(ob.faults, path, errno);
	} else if (check_sums(&ob) && read_papers(&ob)) {
		ob.o->treefd = cenv_fs_open_dir(ob.o->dirfd, "tree", &err);
		if (ob.o->treefd < 0)
			fault_of(ob.faults, "tree", &err);
		else
			check_tree(&ob);
	}
	cenv_object_free(ob.o);
}

static void check_source(struct cenv_verify_result *result, const struct cenv_store *store,
			 const char *path, struct faults *faults)
{
	const char *name = cenv_path_base(path);
	struct cenv_err err = CENV_ERR_INIT;
	char sha256[CENV_SHA256_HEX];
	struct stat st;

	result->sources++;
	if (fstatat(store->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	result->bytes += (unsigned long long)st.st_size;
	if (!cenv_is_sha256(name, strlen(name)) || !S_ISREG(st.st_mode))
		fault(faults, name, "nothing that cenv put there");
	else if (cenv_sha256_file(store->fd, path, sha256, &err) < 0)
		fault_of(faults, name, &err);
	else if (strcmp(sha256, name) != 0)
		fault(faults, name, "other contents");
}

static void damage_release(struct cenv_damage *damage)
{
	free(damage->path);
	free(damage->name);
	free(damage->version);
	cenv_strv_release(&damage->faults);
}

static int check_thing(struct cenv_verify_result *out, const struct cenv_store *store,
		       const struct cenv_kept *kept, bool repair, struct cenv_err *err)
{
	struct cenv_damage damage = {.kind = kept->kind, .path = cenv_xstrdup(kept->path),
				     .name = cenv_xstrdup(kept->name),
				     .version = cenv_xstrdup(kept->version)};
	struct faults faults = {.list = &damage.faults};
	int ret = 0;

	if (kept->kind == CENV_KEPT_OBJECT)
		check_object(out, store, kept->path, &faults);
	else
		check_source(out, store, kept->path, &faults);
	if (faults.shortage)
		cenv_err_sys(err, faults.shortage, "cannot check '%s/%s'", store->path, kept->path);
	if (err->code || cenv_interrupt_check(err) < 0 || !damage.faults.n) {
		damage_release(&damage);
		return err->code ? -1 : 0;
	}
	if (repair) {
		ret = cenv_drop(store, kept->kind, kept->path, CENV_DROP_ALWAYS, err);
		damage.dropped = ret > 0;
	}
	CENV_GROW(out->damaged, out->n, out->cap);
	out->damaged[out->n++] = damage;
	return ret < 0 ? -1 : 0;
}

int cenv_store_verify(struct cenv_verify_result *out, const struct cenv_store *store, bool repair,
		      struct cenv_err *err)
{
	struct cenv_kept_list list = {0};
	char nothing[CENV_SHA256_HEX];
	int ret;

	*out = (struct cenv_verify_result){0};
	/* where nothing can be hashed, everything would look damaged */
	if (cenv_sha256_data("", 0, nothing, err) < 0)
		return -1;
	ret = cenv_kept_scan(&list, store, err);
	for (size_t i = 0; ret == 0 && i < list.n; i++)
		if (list.v[i].kind == CENV_KEPT_OBJECT || list.v[i].kind == CENV_KEPT_SOURCE)
			ret = check_thing(out, store, &list.v[i], repair, err);
	cenv_kept_release(&list);
	return ret;
}

void cenv_verify_result_release(struct cenv_verify_result *result)
{
	for (size_t i = 0; i < result->n; i++)
		damage_release(&result->damaged[i]);
	free(result->damaged);
	*result = (struct cenv_verify_result){0};
}

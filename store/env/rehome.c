/* SPDX-License-Identifier: MIT */
#include "store/env/rehome.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "store/env/history.h"
#include "store/env/intact.h"
#include "store/env/journal.h"
#include "store/env/record.h"
#include "store/fs/fs.h"
#include "store/object/object.h"

#define PREFIX "lib/cenv/prefix"

/* A file that holds the old path. */
struct item {
	size_t package;
	size_t entry;
	size_t step;
};

struct rehoming {
	const struct cenv_env *env;
	const struct cenv_events *events;
	struct cenv_records records;
	struct cenv_manifest *files; /* as records */
	struct cenv_journal journal;
	unsigned saves;
	struct item *items;
	size_t n, cap;
};

bool cenv_env_is_home(const struct cenv_env *env)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_buf prefix = CENV_BUF_INIT;
	bool is_home = true;

	/* one that cannot be read is written anew */
	if (cenv_fs_read(env->fd, PREFIX, 65536, &prefix, &err) == 0)
		is_home = !strcmp(prefix.buf, env->path);
	else
		is_home = err.sys == ENOENT;
	cenv_buf_release(&prefix);
	cenv_err_release(&err);
	return is_home;
}

static size_t add_replace(struct rehoming *r, const char *path)
{
	cenv_journal_add(&r->journal, CENV_STEP_REPLACE, path)->number = ++r->saves;
	return r->journal.n - 1;
}

static bool is_away(const struct rehoming *r, size_t package)
{
	const char *prefix = r->records.v[package].prefix;

	return prefix && strcmp(prefix, r->env->path);
}

static int plan_file(struct rehoming *r, size_t package, size_t entry, struct cenv_err *err)
{
	const struct cenv_manifest_entry *e = &r->files[package].entries[entry];
	enum cenv_intact intact;

	if (cenv_intact_check(&intact, r->env->fd, e->path, e, NULL, err) < 0)
		return -1;
	if (intact != CENV_INTACT) {
		char *text = cenv_strf("'%s/%s' was changed since it was installed: it may still hold "
				       "the path '%s'", r->env->path, e->path,
				       r->records.v[package].prefix);

		cenv_emit(r->events, &(struct cenv_event){.kind = CENV_EV_WARNING, .text = text});
		free(text);
		return 0;
	}
	CENV_GROW(r->items, r->n, r->cap);
	r->items[r->n++] = (struct item){package, entry, add_replace(r, e->path)};
	return 0;
}

static int plan_package(struct rehoming *r, size_t package, struct cenv_err *err)
{
	struct cenv_manifest *files = &r->files[package];
	static const char *const suffixes[] = {"files", "json"};

	if (cenv_record_files(files, r->env, r->records.v[package].key, err) < 0)
		return -1;
	for (size_t i = 0; i < files->n; i++)
		if (files->entries[i].reloc_kind != CENV_RELOC_NONE &&
		    plan_file(r, package, i, err) < 0)
			return -1;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		char *path = cenv_strf("lib/cenv/%s.%s", r->records.v[package].key, suffixes[i]);

		add_replace(r, path);
		free(path);
	}
	return 0;
}

static int plan(struct rehoming *r, struct cenv_err *err)
{
	for (size_t i = 0; i < r->records.n; i++)
		if (is_away(r, i) && plan_package(r, i, err) < 0)
			return -1;
	add_replace(r, PREFIX);
	r->journal.command = cenv_xstrdup("adapt the environment to its new path");
	return cenv_history_size(r->env, &r->journal.history_size, err);
}

/*
 * The new file is made of a second name of the old one, and renamed over it: in undo/, which goes as
 * a whole, because cenv_object_rehome() has temporary files that the journal does not know.
 */
static int rewrite(struct rehoming *r, const struct item *item, struct cenv_err *err)
{
	struct cenv_manifest_entry *e = &r->files[item->package].entries[item->entry];
	char *made = cenv_strf("lib/cenv/undo/%u.new", r->journal.steps[item->step].number);
	char sha256[CENV_SHA256_HEX] = "";
	struct stat st;
	int ret = cenv_journal_link(r->env, e->path, made, err);

	if (ret == 0)
		ret = cenv_object_rehome(r->env->fd, made, e,
					 r->records.v[item->package].prefix, r->env->path, sha256,
					 err);
	if (ret == 0 && (fstatat(r->env->fd, made, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
			 renameat(r->env->fd, made, r->env->fd, e->path) < 0))
		ret = cenv_err_sys(err, errno, "cannot replace '%s/%s'", r->env->path, e->path);
	if (ret == 0) {
		memcpy(e->sha256, sha256, CENV_SHA256_HEX);
		e->size = (uint64_t)st.st_size;
	}
	free(made);
	return ret;
}

static struct cenv_step *step_of(struct rehoming *r, const char *path)
{
	for (size_t i = 0; i < r->journal.n; i++)
		if (!strcmp(r->journal.steps[i].path, path))
			return &r->journal.steps[i];
	return NULL;
}

static int put(struct rehoming *r, const char *key, const char *suffix, const struct cenv_buf *text,
	       struct cenv_err *err)
{
	char *path = cenv_strf("lib/cenv/%s.%s", key, suffix);
	int ret = cenv_journal_put(step_of(r, path), r->env, text->buf, text->len, err);

	free(path);
	return ret;
}

static int write_package(struct rehoming *r, size_t package, struct cenv_err *err)
{
	struct cenv_record *record = &r->records.v[package];
	struct cenv_buf files = CENV_BUF_INIT, json = CENV_BUF_INIT;
	int ret;

	free(record->prefix);
	record->prefix = cenv_xstrdup(r->env->path);
	cenv_manifest_format(&r->files[package], &files);
	cenv_record_format(record, &json);
	ret = put(r, record->key, "files", &files, err);
	if (ret == 0)
		ret = put(r, record->key, "json", &json, err);
	cenv_buf_release(&files);
	cenv_buf_release(&json);
	return ret;
}

static int carry_out(struct rehoming *r, struct cenv_err *err)
{
	struct cenv_buf prefix = CENV_BUF_INIT;
	int ret = cenv_journal_save(&r->journal, r->env, err);

	for (size_t i = 0; ret == 0 && i < r->n; i++)
		ret = rewrite(r, &r->items[i], err);
	for (size_t i = 0; ret == 0 && i < r->records.n; i++)
		if (is_away(r, i))
			ret = write_package(r, i, err);
	cenv_buf_adds(&prefix, r->env->path);
	if (ret == 0)
		ret = cenv_journal_put(step_of(r, PREFIX), r->env, prefix.buf, prefix.len, err);
	cenv_buf_release(&prefix);
	return ret == 0 ? cenv_journal_commit(r->env, err) : -1;
}

static int change(struct rehoming *r, struct cenv_err *err)
{
	if (plan(r, err) < 0 || cenv_journal_write(&r->journal, r->env, err) < 0)
		return -1;
	if (carry_out(r, err) == 0)
		return cenv_journal_finish(&r->journal, r->env, err);
	cenv_journal_abandon(&r->journal, r->env, err);
	return -1;
}

int cenv_env_rehome(const struct cenv_env *env, const struct cenv_events *events,
		    struct cenv_err *err)
{
	struct rehoming r = {.env = env, .events = events};
	int ret = -1;

	if (cenv_records_read(&r.records, env, err) == 0) {
		r.files = cenv_xcalloc(r.records.n + 1, sizeof(*r.files));
		ret = change(&r, err);
	}
	if (ret == 0)
		cenv_emit(events, &(struct cenv_event){.kind = CENV_EV_NOTE,
						       .text = "the environment was moved: files that "
							       "hold its path were adapted"});
	else
		cenv_err_wrap(err, "cannot adapt '%s' to its new path", env->path);
	for (size_t i = 0; i < r.records.n; i++)
		cenv_manifest_release(&r.files[i]);
	free(r.files);
	free(r.items);
	cenv_journal_release(&r.journal);
	cenv_records_release(&r.records);
	return ret;
}

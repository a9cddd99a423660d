/* SPDX-License-Identifier: MIT */
#include "store/env/transaction.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "store/env/history.h"
#include "store/env/journal.h"
#include "store/env/lock.h"
#include "store/env/placing.h"
#include "store/env/plan.h"
#include "store/fs/fs.h"

struct transaction {
	const struct cenv_env *env;
	const struct cenv_change *change;
	struct cenv_records records; /* as they were */
	struct cenv_plan plan;
};

/* ---- before files are put in place ---- */

/* The user's changed file, from the name that it is kept under: "x.cenv-saved-2" of "x". */
static char *copied_path(const struct cenv_step *step)
{
	static const char suffix[] = ".cenv-saved";
	const char *end = step->path, *next;

	while ((next = strstr(end + 1, suffix)))
		end = next;
	return cenv_xstrndup(step->path, (size_t)(end - step->path));
}

static int keep_copy(const struct cenv_env *env, struct cenv_step *step, struct cenv_err *err)
{
	char *path = copied_path(step);
	int ret = cenv_journal_link(env, path, step->path, err);

	step->done = ret == 0;
	free(path);
	return ret;
}

static int unmake(const struct cenv_env *env, struct cenv_step *step, struct cenv_err *err)
{
	if (unlinkat(env->fd, step->path, AT_REMOVEDIR) < 0)
		return cenv_err_sys(err, errno, "cannot remove folder '%s/%s'", env->path, step->path);
	step->done = true;
	return 0;
}

static int make(const struct cenv_env *env, struct cenv_step *step, struct cenv_err *err)
{
	if (mkdirat(env->fd, step->path, 0755) < 0)
		return cenv_err_sys(err, errno, "cannot create folder '%s/%s'", env->path, step->path);
	step->done = true;
	return 0;
}

static int prepare(struct transaction *t, struct cenv_err *err)
{
	struct cenv_journal *j = &t->plan.journal;
	int ret = cenv_journal_save(j, t->env, err);

	for (size_t i = 0; ret == 0 && i < j->n; i++)
		if (j->steps[i].kind == CENV_STEP_COPY)
			ret = keep_copy(t->env, &j->steps[i], err);
	for (size_t i = 0; ret == 0 && i < j->n; i++) {
		if (j->steps[i].kind == CENV_STEP_TAKE)
			ret = cenv_journal_take(&j->steps[i], t->env, err);
		else if (j->steps[i].kind == CENV_STEP_UNMAKE)
			ret = unmake(t->env, &j->steps[i], err);
		else if (j->steps[i].kind == CENV_STEP_MAKE)
			ret = make(t->env, &j->steps[i], err);
	}
	return ret;
}

/* ---- records ---- */

static void note_patched(struct cenv_manifest_entry *entries, const struct cenv_manifest *manifest,
			 const struct cenv_placings *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct cenv_placing *p = &list->v[i];
		size_t at;

		if (!p->sha256 || p->entry < manifest->entries ||
		    p->entry >= manifest->entries + manifest->n)
			continue;
		at = (size_t)(p->entry - manifest->entries);
		memcpy(entries[at].sha256, p->sha256, CENV_SHA256_HEX);
		entries[at].size = p->size;
	}
}

/* The list of files as they are in this environment. */
static void format_files(struct cenv_buf *out, const struct cenv_plan *plan,
			 const struct cenv_manifest *manifest)
{
	struct cenv_manifest patched = {.n = manifest->n};

	/* strings stay those of the original */
	patched.entries = cenv_xreallocarray(NULL, manifest->n + 1, sizeof(*patched.entries));
	memcpy(patched.entries, manifest->entries, manifest->n * sizeof(*patched.entries));
	note_patched(patched.entries, manifest, &plan->adding);
	note_patched(patched.entries, manifest, &plan->replacing);
	cenv_manifest_format(&patched, out);
	free(patched.entries);
}

/* The object's own manifest, shared with the store: a link costs a tenth of a new file. */
static bool link_files(struct transaction *t, struct cenv_step *step,
		       const struct cenv_object *object)
{
	if (step->kind != CENV_STEP_ADD || t->change->link_mode == CENV_LINK_COPY ||
	    t->change->link_mode == CENV_LINK_REFLINK || cenv_manifest_is_patched(&object->manifest))
		return false;
	if (linkat(object->dirfd, "manifest", t->env->fd, step->path, 0) < 0)
		return false;
	step->done = true;
	return true;
}

static int write_files(struct transaction *t, struct cenv_step *step,
		       const struct cenv_object *object, struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	int ret;

	if (link_files(t, step, object))
		return 0;
	format_files(&text, &t->plan, &object->manifest);
	ret = cenv_journal_put(step, t->env, text.buf, text.len, err);
	cenv_buf_release(&text);
	return ret;
}

static const char *prefix_of(const struct transaction *t, const struct cenv_addition *add)
{
	const struct cenv_record *old;

	if (add->object)
		return cenv_manifest_is_patched(&add->object->manifest) ? t->env->path : NULL;
	old = cenv_records_find(&t->records, add->record->key);
	return old ? old->prefix : NULL;
}

static int write_record(struct transaction *t, struct cenv_step *step,
			const struct cenv_addition *add, struct cenv_err *err)
{
	struct cenv_buf json = CENV_BUF_INIT;
	struct cenv_record record = *add->record; /* borrows everything */
	const char *prefix = prefix_of(t, add);
	int ret;

	record.prefix = cenv_xstrdup(prefix);
	cenv_record_format(&record, &json);
	free(record.prefix);
	ret = cenv_journal_put(step, t->env, json.buf, json.len, err);
	cenv_buf_release(&json);
	return ret;
}

static int write_records(struct transaction *t, struct cenv_err *err)
{
	struct cenv_step *step = &t->plan.journal.steps[t->plan.record_steps];
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < t->change->nadd; i++) {
		const struct cenv_addition *add = &t->change->add[i];

		if (add->object)
			ret = write_files(t, step++, add->object, err);
		if (ret == 0)
			ret = write_record(t, step++, add, err);
	}
	if (ret == 0 && t->plan.prefix_step != SIZE_MAX)
		ret = cenv_journal_put(&t->plan.journal.steps[t->plan.prefix_step], t->env,
				       t->env->path, strlen(t->env->path), err);
	return ret;
}

/* ---- the whole ---- */

/* Links to files tell by themselves that an object is in use; symlinks don't. */
static int mark_symlinked(const struct transaction *t, struct cenv_err *err)
{
	int fd;

	for (size_t i = 0; i < t->change->nadd && t->change->link_mode == CENV_LINK_SYMLINK; i++) {
		const struct cenv_object *object = t->change->add[i].object;

		if (!object)
			continue;
		fd = openat(object->dirfd, CENV_OBJECT_SYMLINKED,
			    O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (fd < 0)
			return cenv_err_sys(err, errno, "cannot mark '%s %s' in the store as used",
					    object->name, object->version);
		close(fd);
	}
	return 0;
}

static int carry_out(struct transaction *t, struct cenv_err *err)
{
	struct cenv_journal *j = &t->plan.journal;

	if (prepare(t, err) < 0 ||
	    cenv_placings_run(&t->plan.adding, j, t->env, t->change, err) < 0 ||
	    cenv_placings_run(&t->plan.replacing, j, t->env, t->change, err) < 0 ||
	    write_records(t, err) < 0 ||
	    cenv_history_append(t->env, t->change, &t->records, err) < 0)
		return -1;
	return cenv_journal_commit(t->env, err);
}

static size_t count_files(const struct cenv_manifest *manifest)
{
	size_t n = 0;

	for (size_t i = 0; i < manifest->n; i++)
		n += manifest->entries[i].type != 'd';
	return n;
}

static void warn(const struct transaction *t)
{
	for (size_t i = 0; i < t->plan.warnings.n; i++)
		cenv_emit(t->change->events, &(struct cenv_event){.kind = CENV_EV_WARNING,
								  .text = t->plan.warnings.v[i]});
}

static void report(const struct transaction *t)
{
	const struct cenv_change *change = t->change;

	for (size_t i = 0; i < change->nadd; i++) {
		const struct cenv_addition *add = &change->add[i];

		if (add->object)
			cenv_emit(change->events,
				  &(struct cenv_event){.kind = CENV_EV_LINKED,
						       .name = add->record->name,
						       .version = add->record->version,
						       .count = count_files(&add->object->manifest)});
	}
	for (size_t i = 0; i < t->records.n; i++) {
		const struct cenv_record *r = &t->records.v[i];

		if (cenv_change_removes(change, r->key))
			cenv_emit(change->events,
				  &(struct cenv_event){.kind = CENV_EV_REMOVED,
						       .name = r->name,
						       .version = r->version,
						       .count = t->plan.going[i]});
	}
}

static int change_environment(struct transaction *t, struct cenv_err *err)
{
	struct cenv_journal *j = &t->plan.journal;

	if (cenv_history_size(t->env, &j->history_size, err) < 0 ||
	    cenv_journal_write(j, t->env, err) < 0)
		return -1;
	if (carry_out(t, err) < 0) {
		cenv_journal_abandon(j, t->env, err);
		return -1;
	}
	if (cenv_journal_finish(j, t->env, err) < 0)
		return cenv_err_wrap(err, "'%s' was changed, but tidying up failed (the next command "
				     "will do it)", t->env->path);
	return 0;
}

static int apply_plan(struct transaction *t, struct cenv_err *err)
{
	if (t->change->dry_run) {
		warn(t);
		return 0;
	}
	if (mark_symlinked(t, err) < 0 || change_environment(t, err) < 0)
		return -1;
	warn(t);
	report(t);
	return 0;
}

int cenv_transaction_apply(const struct cenv_env *env, const struct cenv_change *change,
			   struct cenv_err *err)
{
	struct transaction t = {.env = env, .change = change};
	int files, ret = -1;

	if (!change->nadd && !change->nremove)
		return 0;
	if (cenv_env_lock_files(env, !change->dry_run, change->events, &files, err) < 0)
		return -1;
	if (cenv_records_read(&t.records, env, err) == 0 &&
	    cenv_plan_make(&t.plan, env, change, &t.records, err) == 0)
		ret = apply_plan(&t, err);
	cenv_plan_release(&t.plan);
	cenv_records_release(&t.records);
	close(files);
	return ret;
}

/* SPDX-License-Identifier: MIT */
#include "store/env/plan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "store/env/plan_state.h"
#include "store/fs/fs.h"

bool cenv_change_replaces(const struct cenv_change *change, const char *key)
{
	for (size_t i = 0; i < change->nadd; i++)
		if (change->add[i].object && !strcmp(change->add[i].record->key, key))
			return true;
	return false;
}

bool cenv_change_removes(const struct cenv_change *change, const char *key)
{
	for (size_t i = 0; i < change->nremove; i++)
		if (!strcmp(change->remove[i], key))
			return true;
	return false;
}

static void move_steps(struct cenv_journal *to, struct cenv_journal *from)
{
	for (size_t i = 0; i < from->n; i++) {
		CENV_GROW(to->steps, to->n, to->cap);
		to->steps[to->n++] = from->steps[i];
	}
	from->n = 0;
}

static void reverse_steps(struct cenv_journal *list)
{
	for (size_t i = 0, j = list->n; i + 1 < j; i++) {
		struct cenv_step step = list->steps[i];

		list->steps[i] = list->steps[--j];
		list->steps[j] = step;
	}
}

static int compare_placings(const void *va, const void *vb)
{
	const struct cenv_placing *a = va, *b = vb;
	const struct cenv_claim x = {.entry = a->entry, .dirlen = (unsigned)a->dirlen};
	const struct cenv_claim y = {.entry = b->entry, .dirlen = (unsigned)b->dirlen};
	int cmp = cenv_claims_compare_folders(&x, &y);

	if (!cmp)
		cmp = (a->add > b->add) - (a->add < b->add);
	return cmp ? cmp : strcmp(a->entry->path, b->entry->path);
}

static int compare_replacings(const void *va, const void *vb)
{
	const struct cenv_placing *a = va, *b = vb;
	int cmp = (a->entry->type == 'l') - (b->entry->type == 'l');

	return cmp ? cmp : compare_placings(va, vb);
}

static void sort_placings(struct cenv_placings *list, size_t first_step,
			  int (*compare)(const void *, const void *))
{
	for (size_t i = 0; i < list->n; i++)
		list->v[i].step += first_step;
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), compare);
}

/* A file of cenv's own that is written anew. */
static void record_file(struct cenv_planner *p, const char *path)
{
	if (cenv_fs_exists(p->env->fd, path))
		cenv_plan_saving(p, &p->recording, CENV_STEP_REPLACE, path);
	else
		cenv_journal_add(&p->recording, CENV_STEP_ADD, path);
}

static void record_addition(struct cenv_planner *p, const struct cenv_addition *add)
{
	char *files = cenv_strf("lib/cenv/%s.files", add->record->key);
	char *json = cenv_strf("lib/cenv/%s.json", add->record->key);

	if (add->object)
		record_file(p, files);
	record_file(p, json);
	free(files);
	free(json);
}

static void record_removal(struct cenv_planner *p, const char *key)
{
	static const char *const suffixes[] = {"json", "files"};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		char *path = cenv_strf("lib/cenv/%s.%s", key, suffixes[i]);

		cenv_journal_add(&p->late, CENV_STEP_DELETE, path);
		free(path);
	}
}

static bool holds_prefix(const struct cenv_change *change)
{
	for (size_t i = 0; i < change->nadd; i++)
		if (change->add[i].object &&
		    cenv_manifest_is_patched(&change->add[i].object->manifest))
			return true;
	return false;
}

/* lib/cenv/prefix says where patched files think they are, see lock.c. */
static void record_prefix(struct cenv_planner *p)
{
	struct cenv_buf now = CENV_BUF_INIT;
	struct cenv_err ignored = CENV_ERR_INIT; /* unreadable is as good as different */

	p->plan->prefix_step = SIZE_MAX;
	if (holds_prefix(p->change) &&
	    (cenv_fs_read(p->env->fd, "lib/cenv/prefix", 65536, &now, &ignored) < 0 ||
	     strcmp(now.buf, p->env->path))) {
		p->plan->prefix_step = p->recording.n;
		record_file(p, "lib/cenv/prefix");
	}
	cenv_err_release(&ignored);
	cenv_buf_release(&now);
}

static void record_all(struct cenv_planner *p)
{
	for (size_t i = 0; i < p->change->nadd; i++)
		record_addition(p, &p->change->add[i]);
	record_prefix(p);
	for (size_t i = 0; i < p->change->nremove; i++)
		if (cenv_records_find(p->records, p->change->remove[i]))
			record_removal(p, p->change->remove[i]);
}

/* All steps in the order in which they are carried out. */
static void assemble(struct cenv_planner *p)
{
	struct cenv_plan *plan = p->plan;
	struct cenv_journal *journal = &plan->journal;

	reverse_steps(&p->vanish);
	move_steps(journal, &p->early);
	move_steps(journal, &p->vanish);
	move_steps(journal, &p->make);
	sort_placings(&plan->adding, journal->n, compare_placings);
	move_steps(journal, &p->place);
	sort_placings(&plan->replacing, journal->n, compare_replacings);
	move_steps(journal, &p->replace);
	plan->record_steps = journal->n;
	if (plan->prefix_step != SIZE_MAX)
		plan->prefix_step += journal->n;
	move_steps(journal, &p->recording);
	move_steps(journal, &p->late);
}

static void planner_release(struct cenv_planner *p)
{
	struct cenv_journal *lists[] = {&p->early,   &p->vanish,    &p->make, &p->place,
					&p->replace, &p->recording, &p->late};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		cenv_journal_release(lists[i]);
	cenv_plan_leave(p);
	free(p->names);
	free(p->claims);
	cenv_map_release(&p->folders, NULL);
	cenv_strv_release(&p->conflicts);
}

int cenv_plan_make(struct cenv_plan *out, const struct cenv_env *env,
		   const struct cenv_change *change, const struct cenv_records *records,
		   struct cenv_err *err)
{
	struct cenv_planner p = {
		.plan = out, .env = env, .change = change, .records = records, .fd = -1};
	int ret = -1;

	*out = (struct cenv_plan){0};
	if (cenv_claims_collect(&p, err) == 0 && cenv_plan_decide(&p, err) == 0) {
		record_all(&p);
		assemble(&p);
		out->journal.command = cenv_xstrdup(change->command);
		ret = 0;
	}
	planner_release(&p);
	if (ret < 0)
		cenv_plan_release(out);
	return ret;
}

void cenv_plan_release(struct cenv_plan *plan)
{
	for (size_t i = 0; i < plan->nrecords; i++)
		cenv_manifest_release(&plan->files[i]);
	free(plan->files);
	free(plan->going);
	for (size_t i = 0; i < plan->adding.n; i++)
		free(plan->adding.v[i].sha256);
	for (size_t i = 0; i < plan->replacing.n; i++)
		free(plan->replacing.v[i].sha256);
	free(plan->adding.v);
	free(plan->replacing.v);
	cenv_journal_release(&plan->journal);
	cenv_strv_release(&plan->warnings);
	*plan = (struct cenv_plan){0};
}

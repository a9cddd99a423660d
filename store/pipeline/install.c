/* SPDX-License-Identifier: MIT */
#include "store/pipeline/pipeline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/version.h"
#include "store/env/transaction.h"
#include "store/pipeline/work.h"
#include "store/pipeline/lock.h"
#include "store/pipeline/realize.h"
#include "store/pipeline/restore.h"
#include "store/pipeline/result.h"
#include "store/pipeline/satisfied.h"

static void note_unhashed(struct cenv_strv *missing, const struct cenv_build_plan_item *item)
{
	if (!item->hashes.n && !item->tree_hashes.n)
		cenv_strv_add(missing, item->pkg->key);
}

/* --require-hashes is all or nothing: one package without a hash would undo the promise. */
static int check_hashes(const struct cenv_work *work, struct cenv_err *err)
{
	struct cenv_strv missing = {0};
	int ret = 0;

	if (!work->options->wanted->require_hashes)
		return 0;
	for (size_t i = 0; i < work->plan.n; i++) {
		const struct cenv_build_plan_item *item = &work->plan.items[i];

		if (item->root)
			note_unhashed(&missing, item);
		for (size_t j = 0; item->root && j < item->nclosure; j++)
			note_unhashed(&missing, &work->plan.items[item->closure[j]]);
	}
	cenv_strv_sort_unique(&missing);
	if (missing.n)
		ret = cenv_refuse_unhashed(&missing, err);
	cenv_strv_release(&missing);
	return ret;
}

/* --locked: the file must name everything that is installed because of it. */
static int check_locked_plan(const struct cenv_work *work, struct cenv_err *err)
{
	struct cenv_strv unnamed = {0};
	int ret;

	if (!work->options->locked)
		return 0;
	for (size_t i = 0; i < work->plan.n; i++)
		if (!work->plan.items[i].keep && !work->plan.items[i].root)
			cenv_strv_add(&unnamed, work->plan.items[i].pkg->key);
	ret = cenv_check_locked(work->roots, work->nwanted, &unnamed, err);
	cenv_strv_release(&unnamed);
	return ret;
}

/* The same as far as it can be told before anything is opened: markers are not known yet. */
static int check_locked_lines(const struct cenv_requirements *wanted, struct cenv_err *err)
{
	const struct cenv_requirement **reqs = cenv_xcalloc(wanted->n, sizeof(*reqs));
	size_t n = 0;
	int ret;

	for (size_t i = 0; i < wanted->n; i++)
		if (!wanted->reqs[i].marker)
			reqs[n++] = &wanted->reqs[i];
	ret = cenv_check_locked(reqs, n, NULL, err);
	free(reqs);
	return ret;
}

/* ---- changing the environment ---- */

static bool is_planned(const struct cenv_work *work, const char *key)
{
	for (size_t i = 0; i < work->plan.n; i++)
		if (!strcmp(work->plan.items[i].pkg->key, key))
			return true;
	return false;
}

/* sync: what is installed but neither wanted nor needed */
static void gather_removals(const struct cenv_work *work, const char **keys, size_t *n)
{
	*n = 0;
	for (size_t i = 0; work->options->exact && i < work->installed.n; i++)
		if (!is_planned(work, work->installed.v[i].key))
			keys[(*n)++] = work->installed.v[i].key;
}

/* A package that stays gets a new record when only who asked for it has changed. */
static bool needs_record(const struct cenv_work *work, const struct cenv_build_plan_item *item,
			 struct cenv_record *out)
{
	bool direct = work->options->exact ? item->root != NULL : item->is_direct;

	if (item->restored ? cenv_record_same(item->restored, item->installed)
			   : item->installed->direct == direct)
		return false;
	cenv_record_copy(out, item->restored ? item->restored : item->installed);
	if (!item->restored)
		out->direct = direct;
	return true;
}

static void make_record(const struct cenv_work *work, size_t index, struct cenv_record *out)
{
	const struct cenv_build_plan_item *item = &work->plan.items[index];

	if (item->fixed) {
		cenv_record_copy(out, item->restored);
		return;
	}
	cenv_build_plan_record(&work->plan, index, &work->catalog, out);
	out->compiler = cenv_xstrdup(work->toolchain.compiler);
	if (item->restored)
		out->direct = item->restored->direct;
}

static int apply(struct cenv_work *work, struct cenv_err *err)
{
	const struct cenv_install_options *o = work->options;
	struct cenv_build_plan *plan = &work->plan;
	struct cenv_addition *add = cenv_xcalloc(plan->n, sizeof(*add));
	struct cenv_record *records = cenv_xcalloc(plan->n, sizeof(*records));
	const char **remove = cenv_xcalloc(work->installed.n, sizeof(*remove));
	struct cenv_change change = {
		.add = add,
		.remove = remove,
		.command = o->command,
		.link_mode = o->link_mode,
		.events = o->events,
	};
	int ret = 0;

	gather_removals(work, remove, &change.nremove);
	for (size_t i = 0; i < plan->n; i++) {
		struct cenv_build_plan_item *item = &plan->items[i];

		if (!item->keep) {
			make_record(work, i, &records[i]);
			add[change.nadd++] = (struct cenv_addition){&records[i], item->object};
		} else if (needs_record(work, item, &records[i])) {
			add[change.nadd++] = (struct cenv_addition){&records[i], NULL};
		}
	}
	if (change.nadd || change.nremove)
		ret = cenv_transaction_apply(o->env, &change, err);
	for (size_t i = 0; i < plan->n; i++)
		cenv_record_release(&records[i]);
	free(records);
	free(add);
	free(remove);
	return ret;
}

int cenv_work_install(struct cenv_work *work, struct cenv_install_result *result,
		      struct cenv_err *err)
{
	const struct cenv_install_options *o = work->options;
	struct cenv_fetch_options fetch;
	const char **removals;
	size_t nremovals;

	if (cenv_work_plan(work, err) < 0 || cenv_restore_mark(work, err) < 0)
		return -1;
	cenv_build_plan_close(&work->plan);
	if (check_hashes(work, err) < 0 || check_locked_plan(work, err) < 0)
		return -1;
	fetch = cenv_work_fetch_options(work);
	if (cenv_realize_prepare(&work->plan, o, &work->store, &work->toolchain, &fetch, err) < 0)
		return -1;
	for (size_t i = 0; i < work->plan.n; i++)
		if (!work->plan.items[i].keep)
			cenv_result_note_item(result, &work->plan.items[i]);
	removals = cenv_xcalloc(work->installed.n, sizeof(*removals));
	gather_removals(work, removals, &nremovals);
	for (size_t i = 0; i < nremovals; i++)
		cenv_result_note_removal(result, cenv_records_find(&work->installed, removals[i]));
	free(removals);
	result->already = work->plan.n - (result->n - nremovals);
	if (o->dry_run)
		return 0;
	if (cenv_realize(&work->plan, o, &work->store, &work->toolchain, &fetch, &result->built,
			 err) < 0)
		return -1;
	result->reused = result->n - nremovals - result->built;
	return apply(work, err);
}

int cenv_install(const struct cenv_install_options *options, struct cenv_install_result *result,
		 struct cenv_err *err)
{
	struct cenv_work work = CENV_WORK_INIT;
	bool eager = options->upgrade_all || options->upgrade.n || options->exact ||
		     options->wanted->require_hashes;
	double start = cenv_now();
	int lock = -1, ret;

	*result = (struct cenv_install_result){0};
	work.options = options;
	work.compiler = options->env->cfg.compiler;
	if (options->locked && check_locked_lines(options->wanted, err) < 0)
		return -1;
	ret = cenv_env_lock(options->env, !options->dry_run, options->events, &lock, err);
	if (ret == 0)
		ret = cenv_records_read(&work.installed, options->env, err);
	if (options->dry_run && lock >= 0) { /* what was read suffices: nobody has to wait for us */
		close(lock);
		lock = -1;
	}
	if (ret == 0) {
		if (!eager && cenv_wanted_is_installed(options->wanted, &work.installed))
			result->already = options->wanted->n;
		else
			ret = cenv_work_install(&work, result, err);
	}
	cenv_work_release(&work);
	if (lock >= 0)
		close(lock);
	result->seconds = cenv_now() - start;
	return ret;
}

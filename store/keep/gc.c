/* SPDX-License-Identifier: MIT */
#include "store/keep/gc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/fs/fs.h"
#include "store/keep/drop.h"
#include "store/proc/proc.h"

enum { DAYS_DEFAULT = 30, DAY = 24 * 60 * 60 };

/* ---- choosing ---- */

static bool is_older(const struct cenv_kept *kept, unsigned days, time_t now)
{
	return kept->used <= now - (time_t)days * DAY;
}

/* Others may be about to use a source that they fetched, or write into tmp/. */
static bool may_go(const struct cenv_kept *kept, bool alone, time_t now)
{
	switch (kept->kind) {
	case CENV_KEPT_SOURCE:
	case CENV_KEPT_TMP:
	case CENV_KEPT_COPY:
		return alone || is_older(kept, 1, now);
	default:
		return true;
	}
}

static bool goes_by_rule(const struct cenv_kept *kept, const struct cenv_gc_options *o, time_t now)
{
	bool by_age = o->has_age || !o->has_max;
	unsigned days = o->has_age ? o->days : DAYS_DEFAULT;

	if (o->all)
		return true;
	switch (kept->kind) {
	case CENV_KEPT_OBJECT:
	case CENV_KEPT_SOURCE:
		return by_age && !kept->in_use && is_older(kept, days, now);
	case CENV_KEPT_LOG:
		return is_older(kept, days, now);
	case CENV_KEPT_BUILD:
	case CENV_KEPT_TMP:
		return true;
	default:
		return false;
	}
}

static bool counts(const struct cenv_kept *kept)
{
	return kept->kind == CENV_KEPT_OBJECT || kept->kind == CENV_KEPT_SOURCE;
}

/* The one that was not used for the longest time; NULL when nothing can go any more. */
static const struct cenv_kept *find_oldest(const bool *chosen, const struct cenv_kept_list *list,
					   bool alone, time_t now)
{
	const struct cenv_kept *oldest = NULL;

	for (size_t i = 0; i < list->n; i++) {
		const struct cenv_kept *kept = &list->v[i];

		if (chosen[i] || !counts(kept) || kept->in_use || !may_go(kept, alone, now))
			continue;
		if (!oldest || kept->used < oldest->used)
			oldest = kept;
	}
	return oldest;
}

void cenv_gc_choose(bool *chosen, const struct cenv_kept_list *list,
		    const struct cenv_gc_options *options, bool alone, time_t now)
{
	unsigned long long total = 0;
	const struct cenv_kept *oldest;

	for (size_t i = 0; i < list->n; i++) {
		chosen[i] = may_go(&list->v[i], alone, now) &&
			    goes_by_rule(&list->v[i], options, now);
		if (counts(&list->v[i]) && !chosen[i])
			total += list->v[i].bytes;
	}
	while (options->has_max && total > options->max_bytes &&
	       (oldest = find_oldest(chosen, list, alone, now))) {
		chosen[oldest - list->v] = true;
		total -= oldest->bytes;
	}
}

/* ---- doing ---- */

/* Locks of builds that nobody waits for. Only for who is alone: else another could get one file
 * and a third the next under the same name. */
static void remove_locks(const struct cenv_store *store)
{
	struct cenv_err ignored = CENV_ERR_INIT;
	struct cenv_strv names = {0};

	if (cenv_fs_list(store->fd, "locks", &names, &ignored) == 0)
		for (size_t i = 0; i < names.n; i++) {
			char *path = cenv_path_join("locks", names.v[i]);

			if (cenv_is_sha256(names.v[i], strlen(names.v[i])))
				unlinkat(store->fd, path, 0);
			free(path);
		}
	cenv_strv_release(&names);
	cenv_err_release(&ignored);
}

/* Moves the thing into the list of what was removed. */
static void note_removed(struct cenv_gc_result *out, struct cenv_kept *kept)
{
	struct cenv_kept_list *list = &out->removed;

	if (!kept->in_use)
		out->freed += kept->bytes;
	CENV_GROW(list->v, list->n, list->cap);
	list->v[list->n++] = *kept;
	kept->path = kept->name = kept->version = NULL;
}

static void note_stays(struct cenv_gc_result *out, const struct cenv_kept *kept)
{
	if (counts(kept))
		out->left += kept->bytes;
	if (kept->kind == CENV_KEPT_OBJECT && kept->in_use)
		out->in_use++;
}

static int remove_chosen(struct cenv_gc_result *out, const struct cenv_store *store,
			 struct cenv_kept_list *list, const bool *chosen,
			 const struct cenv_gc_options *options, bool alone, time_t now,
			 struct cenv_err *err)
{
	for (size_t i = 0; i < list->n; i++) {
		struct cenv_kept *kept = &list->v[i];
		int ret = 1;

		if (cenv_interrupt_check(err) < 0)
			return -1;
		if (chosen[i] && options->dry_run)
			ret = !cenv_is_worked_with(store, kept->kind, kept->path);
		else if (chosen[i])
			ret = cenv_drop(store, kept->kind, kept->path, CENV_DROP_IDLE, err);
		if (ret < 0)
			return -1;
		if (chosen[i] && ret > 0) {
			note_removed(out, kept);
			continue;
		}
		out->busy += ret == 0 || (!may_go(kept, alone, now) &&
					  goes_by_rule(kept, options, now));
		note_stays(out, kept);
	}
	return 0;
}

int cenv_store_gc(struct cenv_gc_result *out, const struct cenv_store *store,
		  const struct cenv_gc_options *options, struct cenv_err *err)
{
	struct cenv_kept_list list = {0};
	bool alone = cenv_store_alone(store), *chosen;
	time_t now = time(NULL);
	int ret = cenv_kept_scan(&list, store, err);

	*out = (struct cenv_gc_result){0};
	chosen = cenv_xcalloc(list.n + 1, sizeof(*chosen));
	if (ret == 0) {
		cenv_gc_choose(chosen, &list, options, alone, now);
		ret = remove_chosen(out, store, &list, chosen, options, alone, now, err);
	}
	if (alone && !options->dry_run)
		remove_locks(store);
	cenv_store_share(store);
	free(chosen);
	cenv_kept_release(&list);
	return ret;
}

void cenv_gc_result_release(struct cenv_gc_result *result)
{
	cenv_kept_release(&result->removed);
	*result = (struct cenv_gc_result){0};
}

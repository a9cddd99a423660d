/* SPDX-License-Identifier: MIT */
#include "store/pipeline/pipeline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/lock.h"
#include "store/env/history.h"
#include "store/env/transaction.h"
#include "store/pipeline/pins.h"
#include "store/pipeline/result.h"
#include "store/pipeline/work.h"

/* A way back: the packages there were, and what the store still has of them. */
struct way {
	struct cenv_install_options options;
	struct cenv_work work;
	struct cenv_records target;
	struct cenv_object **objects; /* beside target: open, or NULL when it stays or is missing */
	bool *stays;                  /* beside target: that very build is installed */
	size_t nmissing;
};

/* ---- where to ---- */

static int find_target(struct way *way, size_t *number, struct cenv_err *err)
{
	const struct cenv_env *env = way->options.env;
	struct cenv_history history;
	int ret = 0;

	if (cenv_history_read(&history, env, err) < 0)
		return -1;
	if (!history.n) {
		ret = cenv_err_set(err, CENV_E_FAIL, "nothing to roll back: '%s' was never changed",
				   env->path);
	} else if (*number > history.n) {
		ret = cenv_err_set(err, CENV_E_USAGE, "there is no change %zu in '%s': the last is %zu",
				   *number, env->path, history.n);
		cenv_err_hint(err, "'cenv history' lists them");
	} else {
		*number = *number ? *number : history.n;
		for (size_t i = 0; i < way->work.installed.n; i++)
			cenv_records_put(&way->target, &way->work.installed.v[i]);
		for (size_t i = history.n; i >= *number; i--)
			cenv_history_undo(&way->target, &history.v[i - 1]);
	}
	cenv_history_release(&history);
	return ret;
}

/* ---- what there is ---- */

static int open_objects(struct way *way, struct cenv_err *err)
{
	struct cenv_store store = {.fd = -1};
	char *path = cenv_store_default_path(err);
	int ret = path ? cenv_store_open(&store, path, err) : -1;

	way->objects = cenv_xcalloc(way->target.n + 1, sizeof(struct cenv_object *));
	way->stays = cenv_xcalloc(way->target.n + 1, sizeof(*way->stays));
	for (size_t i = 0; ret == 0 && i < way->target.n; i++) {
		const struct cenv_record *was = &way->target.v[i];
		const struct cenv_record *is = cenv_records_find(&way->work.installed, was->key);

		way->stays[i] = is && is->object && was->object && !strcmp(is->object, was->object);
		if (way->stays[i])
			continue;
		if (was->object)
			ret = cenv_object_open(&way->objects[i], &store, was->object, err);
		way->nmissing += !way->objects[i];
	}
	cenv_store_release(&store);
	free(path);
	return ret;
}

/* ---- from the store ---- */

static const struct cenv_record *installed_as(const struct way *way, const struct cenv_record *was)
{
	return cenv_records_find(&way->work.installed, was->key);
}

/* No index, no compiler and no network are needed for what is all there. */
static int restore_all(struct way *way, struct cenv_install_result *result, struct cenv_err *err)
{
	const struct cenv_records *target = &way->target, *installed = &way->work.installed;
	struct cenv_addition *add = cenv_xcalloc(target->n + 1, sizeof(*add));
	const char **remove = cenv_xcalloc(installed->n + 1, sizeof(*remove));
	struct cenv_change change = {
		.add = add, .remove = remove, .command = way->options.command,
		.link_mode = way->options.link_mode, .events = way->options.events,
	};
	int ret = 0;

	for (size_t i = 0; i < target->n; i++) {
		const struct cenv_record *was = &target->v[i], *is = installed_as(way, was);

		if (!way->stays[i])
			cenv_result_note(result, was->key, was->version, is, true);
		if (!way->stays[i] || !cenv_record_same(was, is))
			add[change.nadd++] = (struct cenv_addition){was, way->objects[i]};
	}
	result->reused = result->n;
	result->already = target->n - result->n;
	for (size_t i = 0; i < installed->n; i++) {
		if (cenv_records_find(target, installed->v[i].key))
			continue;
		remove[change.nremove++] = installed->v[i].key;
		cenv_result_note_removal(result, &installed->v[i]);
	}
	if (!way->options.dry_run)
		ret = cenv_transaction_apply(way->options.env, &change, err);
	free(add);
	free(remove);
	return ret;
}

/* ---- building again ---- */

/* The line that freeze would have written. What need not be built is known by its version alone:
 * its URL may be gone. */
static int add_requirement(struct way *way, struct cenv_requirements *wanted, size_t index,
			   struct cenv_err *err)
{
	struct cenv_record *was = &way->target.v[index];
	bool by_url = was->by_url, is_there = way->stays[index] || way->objects[index];
	struct cenv_buf line = CENV_BUF_INIT;
	struct cenv_pin pin;
	int ret;

	was->by_url = by_url && !is_there;
	cenv_pin_from_record(&pin, was);
	was->by_url = by_url;
	cenv_lock_format_pin(&line, &pin,
			     is_there ? CENV_LOCK_FEATURES : CENV_LOCK_ALL);
	cenv_pin_release(&pin);
	ret = cenv_requirement_parse(&wanted->reqs[wanted->n], line.buf, NULL, NULL, err);
	wanted->n += ret == 0;
	cenv_buf_release(&line);
	return ret == 0 ? 0 : cenv_err_wrap(err, "history of '%s'", way->options.env->path);
}

static int build_missing(struct way *way, struct cenv_install_result *result, struct cenv_err *err)
{
	struct cenv_requirements wanted = *way->options.wanted; /* borrows all but the list */
	int ret = 0;

	wanted.reqs = cenv_xcalloc(way->target.n + 1, sizeof(*wanted.reqs));
	wanted.n = 0;
	for (size_t i = 0; ret == 0 && i < way->target.n; i++)
		ret = add_requirement(way, &wanted, i, err);
	way->options.wanted = &wanted;
	way->options.restore = &way->target;
	way->options.exact = true;
	if (ret == 0)
		ret = cenv_work_install(&way->work, result, err);
	for (size_t i = 0; i < wanted.n; i++)
		cenv_requirement_release(&wanted.reqs[i]);
	free(wanted.reqs);
	return ret;
}

/* ---- the whole ---- */

static int roll_back(struct way *way, size_t number, int *lock, struct cenv_install_result *result,
		     struct cenv_err *err)
{
	char *command;
	int ret;

	if (cenv_records_read(&way->work.installed, way->options.env, err) < 0 ||
	    find_target(way, &number, err) < 0 || open_objects(way, err) < 0)
		return -1;
	if (way->options.dry_run && *lock >= 0) { /* what was read suffices: nobody has to wait */
		close(*lock);
		*lock = -1;
	}
	command = cenv_strf("rollback %zu", number);
	way->options.command = command;
	ret = way->nmissing ? build_missing(way, result, err) : restore_all(way, result, err);
	free(command);
	return ret;
}

int cenv_rollback(const struct cenv_install_options *options, size_t number,
		  struct cenv_install_result *result, struct cenv_err *err)
{
	struct way way = {.options = *options, .work = CENV_WORK_INIT};
	double start = cenv_now();
	int lock = -1, ret;

	*result = (struct cenv_install_result){0};
	way.work.options = &way.options;
	way.work.compiler = options->env->cfg.compiler;
	ret = cenv_env_lock(options->env, !options->dry_run, options->events, &lock, err);
	if (ret == 0)
		ret = roll_back(&way, number, &lock, result, err);
	for (size_t i = 0; way.objects && i < way.target.n; i++)
		cenv_object_free(way.objects[i]);
	free(way.objects);
	free(way.stays);
	cenv_work_release(&way.work);
	cenv_records_release(&way.target);
	if (lock >= 0)
		close(lock);
	result->seconds = cenv_now() - start;
	return ret;
}

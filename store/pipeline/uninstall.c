/* SPDX-License-Identifier: MIT */
#include "store/pipeline/pipeline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/env/transaction.h"
#include "store/pipeline/result.h"

/* What stays but needs something that goes. */
static int refuse_needed(const struct cenv_records *installed, const struct cenv_strv *keys,
			 struct cenv_err *err)
{
	struct cenv_strv users = {0}, needed = {0};
	char *what;

	for (size_t i = 0; i < installed->n; i++) {
		const struct cenv_record *r = &installed->v[i];

		if (cenv_strv_has(keys, r->key))
			continue;
		for (size_t j = 0; j < r->deps.n; j++) {
			if (!cenv_strv_has(keys, r->deps.v[j]))
				continue;
			cenv_strv_addf(&users, "  %s %s needs %s", r->name, r->version, r->deps.v[j]);
			cenv_strv_add(&needed, r->deps.v[j]);
		}
	}
	if (!users.n)
		return 0;
	cenv_strv_sort_unique(&needed);
	what = cenv_strv_join(&needed, ", ");
	cenv_err_set(err, CENV_E_FAIL, "%s %s still needed; nothing was removed", what,
		     needed.n == 1 ? "is" : "are");
	for (size_t i = 0; i < users.n; i++)
		cenv_err_detail(err, "%s", users.v[i]);
	cenv_err_hint(err, "name those packages, too, to remove them together");
	free(what);
	cenv_strv_release(&users);
	cenv_strv_release(&needed);
	return -1;
}

/* A name may have gone before the lock was taken. */
static void note_removals(struct cenv_install_result *result, const struct cenv_records *installed,
			  const struct cenv_strv *keys)
{
	for (size_t i = 0; i < keys->n; i++) {
		const struct cenv_record *record = cenv_records_find(installed, keys->v[i]);

		if (record)
			cenv_result_note_removal(result, record);
	}
}

int cenv_uninstall(const struct cenv_uninstall_options *options, struct cenv_install_result *result,
		   struct cenv_err *err)
{
	const struct cenv_strv *keys = options->keys;
	struct cenv_records installed = {0};
	char *names = cenv_strv_join(keys, " "), *command = cenv_strf("uninstall %s", names);
	struct cenv_change change = {
		.remove = (const char *const *)keys->v,
		.nremove = keys->n,
		.command = command,
		.force = options->force,
		.dry_run = options->dry_run,
		.events = options->events,
	};
	int lock = -1, ret;

	*result = (struct cenv_install_result){0};
	ret = cenv_env_lock(options->env, !options->dry_run, options->events, &lock, err);
	if (ret == 0)
		ret = cenv_records_read(&installed, options->env, err);
	if (ret == 0)
		ret = refuse_needed(&installed, keys, err);
	if (ret == 0)
		note_removals(result, &installed, keys);
	if (ret == 0)
		ret = cenv_transaction_apply(options->env, &change, err);
	if (lock >= 0)
		close(lock);
	cenv_records_release(&installed);
	free(names);
	free(command);
	return ret;
}

/* SPDX-License-Identifier: MIT */
#include "store/pipeline/outdated.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/version.h"
#include "store/env/transaction.h"
#include "store/pipeline/work.h"

static const char *newest_release(const struct cenv_recipe *recipe, const char *installed, bool pre)
{
	for (size_t i = 0; recipe && i < recipe->nversions; i++)
		if (pre || !cenv_version_is_prerelease(recipe->versions[i].version))
			return recipe->versions[i].version;
	return installed;
}

static void compare(struct cenv_outdated_list *out, const struct cenv_build_plan_item *item,
		    const struct cenv_recipe *recipe, bool pre)
{
	const char *have = item->installed->version, *allowed = item->pkg->candidate->version;
	const char *newest = newest_release(recipe, have, pre);

	if (cenv_version_cmp(newest, have) <= 0 && cenv_version_cmp(allowed, have) <= 0)
		return;
	CENV_GROW(out->v, out->n, out->cap);
	out->v[out->n++] = (struct cenv_outdated){
		.name = cenv_xstrdup(item->installed->name),
		.installed = cenv_xstrdup(have),
		.allowed = cenv_xstrdup(allowed),
		.newest = cenv_xstrdup(newest),
	};
}

int cenv_find_outdated(struct cenv_outdated_list *out, const struct cenv_install_options *options,
		       struct cenv_err *err)
{
	struct cenv_work work = CENV_WORK_INIT;
	int lock = -1, ret;

	work.options = options;
	work.compiler = options->env->cfg.compiler;
	work.no_download = true;
	ret = cenv_env_lock(options->env, false, options->events, &lock, err);
	if (ret == 0)
		ret = cenv_records_read(&work.installed, options->env, err);
	if (lock >= 0)
		close(lock);
	if (ret == 0 && work.installed.n)
		ret = cenv_work_plan(&work, err);
	for (size_t i = 0; ret == 0 && i < work.plan.n; i++) {
		const struct cenv_build_plan_item *item = &work.plan.items[i];
		const struct cenv_recipe *recipe = NULL;

		if (!item->installed || item->installed->by_url)
			continue;
		ret = cenv_index_recipe(work.catalog.index, item->pkg->key, &recipe, err);
		if (ret == 0)
			compare(out, item, recipe, options->wanted->pre);
	}
	cenv_work_release(&work);
	return ret;
}

void cenv_outdated_release(struct cenv_outdated_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].name);
		free(list->v[i].installed);
		free(list->v[i].allowed);
		free(list->v[i].newest);
	}
	free(list->v);
	*list = (struct cenv_outdated_list){0};
}

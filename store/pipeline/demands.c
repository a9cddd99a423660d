/* SPDX-License-Identifier: MIT */
#include "store/pipeline/demands.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

/* Keep in list what other has, too. */
static void intersect(struct cenv_strv *list, const struct cenv_strv *other)
{
	struct cenv_strv both = {0};

	for (size_t i = 0; i < list->n; i++)
		if (cenv_strv_has(other, list->v[i]))
			cenv_strv_add(&both, list->v[i]);
	cenv_strv_release(list);
	*list = both;
}

/* One more line's hashes; `had` says whether an earlier line gave some. */
static void narrow(struct cenv_strv *list, const struct cenv_strv *more, bool *had)
{
	if (!more->n)
		return;
	if (*had)
		intersect(list, more);
	else
		cenv_strv_add_all(list, more);
	*had = true;
}

void cenv_demands_add(struct cenv_demands *demands, const struct cenv_requirement *req,
		      bool is_constraint)
{
	struct cenv_demand *demand = cenv_map_get(&demands->by_key, req->key);

	if (!demand) {
		demand = cenv_xcalloc(1, sizeof(*demand));
		cenv_map_put(&demands->by_key, req->key, demand);
	}
	narrow(&demand->hashes, &req->hashes, &demand->has_hashes);
	narrow(&demand->tree_hashes, &req->tree_hashes, &demand->has_trees);
	/* the same line in two files says it once */
	if (!cenv_strv_equal(&demand->options, &req->options))
		cenv_strv_add_all(&demand->options, &req->options);
	if (req->options.n || cenv_specifier_pinned(&req->spec))
		demand->says_options = true;
	if (is_constraint && req->location && !demand->place)
		demand->place = req;
	CENV_GROW(demand->reqs, demand->n, demand->cap);
	demand->reqs[demand->n++] = req;
}

const struct cenv_demand *cenv_demands_find(const struct cenv_demands *demands, const char *key)
{
	return cenv_map_get(&demands->by_key, key);
}

void cenv_demand_detail(const struct cenv_requirement *req, struct cenv_err *err)
{
	char *origin = cenv_origin_text(&req->origin);

	cenv_err_detail(err, "  %s (%s)", req->text, origin);
	free(origin);
}

static int refuse(const struct cenv_demand *demand, const char *option, struct cenv_err *err)
{
	cenv_err_set(err, CENV_E_UNSAT, "no archive of '%s' has a %s that all lines accept",
		     demand->reqs[0]->name, option);
	for (size_t i = 0; i < demand->n; i++)
		if (demand->reqs[i]->hashes.n || demand->reqs[i]->tree_hashes.n)
			cenv_demand_detail(demand->reqs[i], err);
	return -1;
}

int cenv_demands_check(const struct cenv_demands *demands, struct cenv_err *err)
{
	for (size_t i = 0; i < demands->by_key.n; i++) {
		const struct cenv_demand *demand = demands->by_key.entries[i].value;

		if (!demand->hashes.n && demand->has_hashes)
			return refuse(demand, "--hash", err);
		if (!demand->tree_hashes.n && demand->has_trees)
			return refuse(demand, "--tree-hash", err);
	}
	return 0;
}

bool cenv_demand_allows(const struct cenv_demand *demand, const char *version)
{
	for (size_t i = 0; i < demand->n; i++)
		if (!cenv_specifier_match(&demand->reqs[i]->spec, version))
			return false;
	return true;
}

int cenv_refuse_unhashed(const struct cenv_strv *names, struct cenv_err *err)
{
	cenv_err_set(err, CENV_E_INTEGRITY, "--require-hashes: %u package%s no --hash", names->n,
		     names->n == 1 ? " has" : "s have");
	for (size_t i = 0; i < names->n; i++)
		cenv_err_detail(err, "  %s", names->v[i]);
	cenv_err_hint(err, "every package, dependencies too, needs its hash: "
			   "'cenv freeze' and 'cenv lock' write them");
	return -1;
}

static void demand_free(void *ptr)
{
	struct cenv_demand *demand = ptr;

	free(demand->reqs);
	cenv_strv_release(&demand->hashes);
	cenv_strv_release(&demand->tree_hashes);
	cenv_strv_release(&demand->options);
	free(demand);
}

void cenv_demands_release(struct cenv_demands *demands)
{
	cenv_map_release(&demands->by_key, demand_free);
}

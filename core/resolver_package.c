/* SPDX-License-Identifier: MIT */
/* Packages become variables. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/resolver_state.h"

static bool names_prerelease(const struct cenv_demands *d)
{
	for (size_t i = 0; d && i < d->n; i++)
		if (cenv_specifier_names_prerelease(&d->reqs[i]->spec))
			return true;
	return false;
}

static const struct cenv_demands *root_demands(const struct cenv_resolver *r, const char *key,
					       struct cenv_demands *room)
{
	size_t low = 0, high = r->request->nroots, n = r->request->nroots;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(r->roots[mid]->key, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	room->reqs = r->roots + low;
	room->n = 0;
	while (low + room->n < n && !strcmp(room->reqs[room->n]->key, key))
		room->n++;
	return room;
}

static bool is_upgraded(const struct cenv_resolver *r, const char *key)
{
	return r->request->upgrade_all ||
	       (r->request->upgrade && cenv_strv_matches(r->request->upgrade, key));
}

static size_t find_preferred(const struct cenv_resolver *r,
			     const struct cenv_universe_package *pkg)
{
	const struct cenv_candidate *c = pkg->info.candidates;

	if (is_upgraded(r, pkg->key))
		return SIZE_MAX;
	for (size_t i = 0; i < pkg->info.ncandidates; i++)
		if (c[i].is_locked)
			return i;
	for (size_t i = 0; i < pkg->info.ncandidates; i++)
		if (c[i].is_installed)
			return i;
	return SIZE_MAX;
}

static void forbid_newer(struct cenv_resolver *r, struct cenv_universe_package *pkg)
{
	struct cenv_incompat *ic;

	if (!r->request->exclude_newer)
		return;
	for (size_t i = 0; i < pkg->info.ncandidates; i++) {
		const char *date = pkg->info.candidates[i].date;

		if (date && strcmp(date, r->request->exclude_newer) > 0)
			cenv_bits_add(&pkg->newer, pkg->nw, i);
	}
	ic = cenv_incompat_new(&r->arena, CENV_CAUSE_NEWER, 1);
	ic->target = pkg->var;
	cenv_incompat_term(r->solver, ic, pkg->var, &pkg->newer);
	cenv_solver_add(r->solver, ic);
}

static void decide_prereleases(struct cenv_resolver *r, struct cenv_universe_package *pkg)
{
	struct cenv_demands room;
	union cenv_bits final = cenv_bits_new(&r->arena, pkg->nw);
	size_t kept = r->meanings[pkg->var].preferred;

	cenv_bits_copy(&final, &pkg->any, pkg->nw);
	cenv_bits_minus(&final, &pkg->newer, pkg->nw);
	cenv_bits_minus(&final, &pkg->pre, pkg->nw);
	pkg->pre_allowed = r->request->pre || !cenv_bits_count(&pkg->pre, pkg->nw) ||
			   !cenv_bits_count(&final, pkg->nw) ||
			   names_prerelease(root_demands(r, pkg->key, &room)) ||
			   names_prerelease(cenv_map_get(&r->constraints, pkg->key)) ||
			   names_prerelease(cenv_map_get(&r->overrides, pkg->key));
	if (kept != SIZE_MAX)
		cenv_bits_drop(&pkg->pre, pkg->nw, kept);
}

static struct cenv_meaning *new_meaning(struct cenv_resolver *r, struct cenv_universe_package *pkg,
					size_t feature)
{
	struct cenv_meaning *m;

	CENV_GROW(r->meanings, r->nmeanings, r->meanings_cap);
	m = &r->meanings[r->nmeanings++];
	*m = (struct cenv_meaning){.pkg = pkg, .feature = feature, .preferred = SIZE_MAX};
	m->expanded = cenv_bits_new(&r->arena, pkg->nw);
	return m;
}

static void add_package(struct cenv_resolver *r, struct cenv_universe_package *pkg)
{
	const struct cenv_demands *limits = cenv_map_get(&r->constraints, pkg->key);
	struct cenv_context ctx = {.cause = CENV_CAUSE_CONSTRAINT,
			      .asker = CENV_VAR_NONE,
			      .condition = CENV_VAR_NONE};
	struct cenv_demands room;
	struct cenv_meaning *m;

	pkg->var = cenv_solver_var(r->solver, pkg->info.ncandidates + 1, CENV_VAR_PACKAGE);
	m = new_meaning(r, pkg, SIZE_MAX);
	m->preferred = find_preferred(r, pkg);
	m->is_root = root_demands(r, pkg->key, &room)->n > 0;
	for (size_t i = 0; i < pkg->info.nfeatures; i++) {
		cenv_solver_var(r->solver, 2,
				pkg->info.features[i].is_default ? CENV_VAR_DEFAULT_FEATURE
								 : CENV_VAR_FEATURE);
		new_meaning(r, pkg, i);
	}
	forbid_newer(r, pkg);
	decide_prereleases(r, pkg);
	if (cenv_resolver_overrides(r, pkg->key))
		return;
	for (size_t i = 0; limits && i < limits->n; i++) {
		union cenv_bits want = cenv_universe_match(&r->universe, pkg,
							   &limits->reqs[i]->spec);

		cenv_resolver_demand(r, &ctx, pkg, limits->reqs[i], &want);
	}
}

int cenv_resolver_load(struct cenv_resolver *r, const char **keys, size_t n,
			 struct cenv_err *err)
{
	size_t before = cenv_universe_count(&r->universe);

	if (cenv_universe_load(&r->universe, keys, n, err))
		return -1;
	for (size_t i = before; i < cenv_universe_count(&r->universe); i++)
		add_package(r, cenv_universe_at(&r->universe, i));
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "core/resolver.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/resolver_state.h"

/* Requirements in an order that depends on what they say, not on where they stand. */

static int compare_strings(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

int cenv_resolver_compare_reqs(const void *a, const void *b)
{
	const struct cenv_requirement *x = *(const struct cenv_requirement *const *)a;
	const struct cenv_requirement *y = *(const struct cenv_requirement *const *)b;
	int cmp = strcmp(x->key, y->key);

	if (!cmp)
		cmp = compare_strings(x->text, y->text);
	if (!cmp)
		cmp = compare_strings(x->origin.file, y->origin.file);
	if (!cmp)
		cmp = (x->origin.line > y->origin.line) - (x->origin.line < y->origin.line);
	return cmp;
}

static const struct cenv_requirement **sorted_reqs(const struct cenv_requirement *const *reqs,
						   size_t n)
{
	const struct cenv_requirement **copy = cenv_xcalloc(n, sizeof(*copy));

	if (n) {
		memcpy(copy, reqs, n * sizeof(*copy));
		qsort(copy, n, sizeof(*copy), cenv_resolver_compare_reqs);
	}
	return copy;
}

/* What concerns one package lies together in the sorted list. */
static void index_demands(struct cenv_resolver *r, struct cenv_map *map,
			  const struct cenv_requirement ***sorted,
			  const struct cenv_requirement *const *reqs, size_t n)
{
	struct cenv_demands *d = NULL;

	*sorted = sorted_reqs(reqs, n);
	for (size_t i = 0; i < n; i++) {
		if (!i || strcmp((*sorted)[i]->key, (*sorted)[i - 1]->key) != 0) {
			d = cenv_arena_alloc(&r->arena, sizeof(*d));
			d->reqs = &(*sorted)[i];
			cenv_map_put(map, (*sorted)[i]->key, d);
		}
		d->n++;
	}
}

/* Decisions. */

static bool goes_lowest(const struct cenv_resolver *r, const struct cenv_meaning *m)
{
	return r->request->mode == CENV_RESOLVE_LOWEST ||
	       (r->request->mode == CENV_RESOLVE_LOWEST_DIRECT && m->is_root);
}

/* The version to try next; SIZE_MAX: the solver has something new to think about first. */
static int choose(struct cenv_resolver *r, uint32_t var, size_t *out, struct cenv_err *err)
{
	const struct cenv_meaning *m = &r->meanings[var];
	unsigned nw = m->pkg->nw;
	union cenv_bits left = cenv_bits_new(&r->arena, nw);
	int64_t saved;

	cenv_bits_copy(&left, cenv_solver_domain(r->solver, var), nw);
	*out = m->preferred;
	if (*out != SIZE_MAX && cenv_bits_has(&left, nw, *out))
		return 0;
	saved = cenv_solver_saved(r->solver, var);
	if (saved >= 0 && cenv_bits_has(&left, nw, (size_t)saved)) {
		*out = (size_t)saved;
		return 0;
	}
	if (!m->pkg->pre_allowed) {
		cenv_bits_minus(&left, &m->pkg->pre, nw);
		if (!cenv_bits_count(&left, nw)) {
			if (!m->support && !cenv_support_has(r, var, NULL)) {
				*out = SIZE_MAX;
				return cenv_support_add(r, var, err);
			}
			cenv_bits_copy(&left, cenv_solver_domain(r->solver, var), nw);
		}
	}
	*out = goes_lowest(r, m) ? cenv_bits_last(&left, nw) : cenv_bits_next(&left, nw, 0);
	return 0;
}

static void push_default_features(struct cenv_resolver *r, const struct cenv_universe_package *pkg)
{
	for (size_t i = 0; i < pkg->info.nfeatures; i++)
		cenv_solver_push(r->solver, pkg->var + 1 + (uint32_t)i);
}

static int decide_package(struct cenv_resolver *r, uint32_t var, struct cenv_err *err)
{
	struct cenv_universe_package *pkg = r->meanings[var].pkg;
	size_t version;

	if (choose(r, var, &version, err))
		return -1;
	if (version != SIZE_MAX && cenv_bits_has(&r->meanings[var].expanded, pkg->nw, version)) {
		cenv_solver_decide(r->solver, var, version);
		push_default_features(r, pkg);
		return 0;
	}
	cenv_solver_push(r->solver, var);
	return version == SIZE_MAX ? 0 : cenv_resolver_expand(r, var, version, err);
}

static int decide_feature(struct cenv_resolver *r, uint32_t var, struct cenv_err *err)
{
	const struct cenv_meaning *m = &r->meanings[var];
	size_t version = cenv_resolver_chosen(r, m->pkg);

	if (version == SIZE_MAX || cenv_bits_subset(cenv_solver_domain(r->solver, var), &cenv_only_off, 1))
		return 0;
	if (!cenv_solver_required(r->solver, var) && !m->pkg->info.features[m->feature].is_default)
		return 0;
	if (cenv_bits_has(&m->expanded, m->pkg->nw, version)) {
		cenv_solver_decide(r->solver, var, CENV_FEATURE_ON);
		return 0;
	}
	cenv_solver_push(r->solver, var);
	return cenv_resolver_expand(r, var, version, err);
}

static int decide_next(struct cenv_resolver *r, bool *done, struct cenv_err *err)
{
	uint32_t var = cenv_solver_pop(r->solver);

	if (var == CENV_VAR_NONE)
		return cenv_support_check(r, done, err);
	if (cenv_solver_value(r->solver, var) >= 0)
		return 0;
	if (r->meanings[var].feature != SIZE_MAX)
		return decide_feature(r, var, err);
	if (!cenv_solver_required(r->solver, var))
		return 0;
	return decide_package(r, var, err);
}

/*
 * Where there are conflicts, more are found sooner, and without a search, when all is known of the
 * packages that are to be decided.
 */
static int look_ahead(struct cenv_resolver *r, struct cenv_err *err)
{
	size_t conflicts = cenv_solver_conflicts(r->solver);

	if (conflicts == r->seen_conflicts)
		return 0;
	r->seen_conflicts = conflicts;
	for (uint32_t var = 0; var < r->nmeanings; var++)
		if (r->meanings[var].feature == SIZE_MAX && cenv_solver_required(r->solver, var) &&
		    cenv_solver_value(r->solver, var) < 0 && cenv_resolver_expand_all(r, var, err))
			return -1;
	return 0;
}

/* The search as a whole. @return 0 with *failed NULL: solved. */
static int search(struct cenv_resolver *r, struct cenv_incompat **failed,
		  struct cenv_err *err)
{
	bool done = false;

	while (!done) {
		*failed = cenv_solver_propagate(r->solver);
		if (*failed)
			return 0;
		if (r->provider->check && r->provider->check(r->provider->payload, err))
			return -1;
		if (r->max_conflicts && cenv_solver_conflicts(r->solver) > r->max_conflicts)
			return cenv_err_set(err, CENV_E_FAIL, "it takes too long");
		if (look_ahead(r, err) || decide_next(r, &done, err))
			return -1;
	}
	return 0;
}

/* Roots. */

/* Near names are looked for among all that an index has, so that many take long. */
enum { UNKNOWN_SHOWN = 20 };

static int check_roots_exist(const struct cenv_resolver *r, struct cenv_err *err)
{
	struct cenv_err unknown = CENV_ERR_INIT;
	size_t n = 0;

	for (size_t i = 0; i < r->request->nroots; i++) {
		const struct cenv_universe_package *pkg;

		/* roots are sorted by key: each name once, where it stands first */
		if (i && !strcmp(r->roots[i]->key, r->roots[i - 1]->key))
			continue;
		pkg = cenv_universe_get(&r->universe, r->roots[i]->key);
		if (!pkg->info.ncandidates && n++ < UNKNOWN_SHOWN)
			cenv_explain_unknown(r, r->roots[i], &unknown);
	}
	if (!n)
		return 0;
	if (n > UNKNOWN_SHOWN)
		cenv_err_detail(&unknown, "and %zu more unknown name%s", n - UNKNOWN_SHOWN,
				cenv_plural(n - UNKNOWN_SHOWN));
	cenv_err_move(err, &unknown);
	return -1;
}

static int add_roots(struct cenv_resolver *r, struct cenv_err *err)
{
	struct cenv_context ctx = {.cause = CENV_CAUSE_ROOT,
			      .asker = CENV_VAR_NONE,
			      .condition = CENV_VAR_NONE};
	size_t n = r->request->nroots;
	const char **keys = cenv_xcalloc(n, sizeof(*keys));
	int rc;

	for (size_t i = 0; i < n; i++)
		keys[i] = r->roots[i]->key;
	rc = cenv_resolver_load(r, keys, n, err);
	free(keys);
	if (rc || check_roots_exist(r, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct cenv_universe_package *pkg;
		union cenv_bits want;

		pkg = cenv_universe_get(&r->universe, r->roots[i]->key);
		want = cenv_universe_match(&r->universe, pkg, &r->roots[i]->spec);
		cenv_resolver_ask(r, &ctx, pkg, r->roots[i], &want);
	}
	return 0;
}

static void resolver_init(struct cenv_resolver *r, const struct cenv_resolve_request *request,
			  const struct cenv_provider *provider, bool explaining)
{
	*r = (struct cenv_resolver){
		.request = request, .provider = provider, .explaining = explaining};
	cenv_universe_init(&r->universe, provider, &r->arena);
	r->solver = cenv_solver_new(&r->arena, explaining);
	r->deps = cenv_dep_list_new();
	r->roots = sorted_reqs(request->roots, request->nroots);
	index_demands(r, &r->constraints, &r->sorted_constraints, request->constraints,
		      request->nconstraints);
	index_demands(r, &r->overrides, &r->sorted_overrides, request->overrides,
		      request->noverrides);
}

static void resolver_release(struct cenv_resolver *r)
{
	cenv_universe_release(&r->universe);
	cenv_solver_free(r->solver);
	cenv_map_release(&r->constraints, NULL);
	cenv_map_release(&r->overrides, NULL);
	cenv_dep_list_free(r->deps);
	free(r->meanings);
	free(r->roots);
	free(r->sorted_constraints);
	free(r->sorted_overrides);
	cenv_arena_release(&r->arena);
}

/* One whole run. @return 0 solved, 1 no solution, -1 error. */
static int run(struct cenv_resolution **out, struct cenv_resolver *r, struct cenv_err *err)
{
	struct cenv_incompat *failed = NULL;
	int rc;

	rc = add_roots(r, err);
	if (!rc)
		rc = search(r, &failed, err);
	if (!rc && failed)
		rc = r->explaining ? cenv_explain(r, failed, err) : 1;
	else if (!rc)
		rc = cenv_resolution_build(out, r, err);
	resolver_release(r);
	return rc;
}

int cenv_resolver_try(struct cenv_resolution **out, const struct cenv_resolve_request *request,
		      const struct cenv_provider *provider, size_t max_conflicts,
		      struct cenv_err *err)
{
	struct cenv_resolver r;

	resolver_init(&r, request, provider, false);
	r.max_conflicts = max_conflicts;
	return run(out, &r, err);
}

int cenv_resolve(struct cenv_resolution **out, const struct cenv_resolve_request *request,
		 const struct cenv_provider *provider, struct cenv_err *err)
{
	struct cenv_resolver r;
	int rc;

	*out = NULL;
	rc = cenv_resolver_try(out, request, provider, 0, err);
	if (rc <= 0)
		return rc;
	/* the first run forgets how it came to its conclusions, which keeps it small */
	resolver_init(&r, request, provider, true);
	return run(out, &r, err);
}

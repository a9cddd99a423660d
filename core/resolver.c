/* SPDX-License-Identifier: MIT */
#include "core/resolver.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/resolver_state.h"

/* Values of a feature's variable. */
enum { FEATURE_ON, FEATURE_OFF };

static const union cenv_bits only_on = {.one = 1u << FEATURE_ON};
static const union cenv_bits only_off = {.one = 1u << FEATURE_OFF};

/* Who asks, and when: terms that all demands of one asker begin with. */
struct context {
	enum cenv_cause cause;
	uint32_t asker;     /* CENV_VAR_NONE: the user */
	uint32_t condition; /* feature of the asker, or CENV_VAR_NONE */
	union cenv_bits versions;
	const struct cenv_requirement *asked; /* when overridden */
};

/* One dependency that a set of versions of a package has in common. */
struct shared_dep {
	struct cenv_universe_package *target;
	const struct cenv_requirement *req;
	union cenv_bits want; /* of target */
	union cenv_bits versions;
	size_t older; /* the one on the same target before, or SIZE_MAX */
};

/* One dependency of one version. */
struct version_dep {
	size_t version;
	const struct cenv_requirement *req;
	struct cenv_universe_package *target; /* once it is loaded */
};

struct cenv_dep_list {
	struct version_dep *v;
	size_t n, cap;
	struct shared_dep *shared;
	size_t nshared, shared_cap;
};

/* Requirements in an order that depends on what they say, not on where they stand. */

static int compare_strings(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare_reqs(const void *a, const void *b)
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
		qsort(copy, n, sizeof(*copy), compare_reqs);
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

const struct cenv_demands *cenv_resolver_overrides(const struct cenv_resolver *r, const char *key)
{
	return cenv_map_get(&r->overrides, key);
}

/* Demands become incompatibilities. */

static struct cenv_incompat *new_demand(struct cenv_resolver *r, const struct context *ctx,
					const struct cenv_universe_package *target,
					const struct cenv_requirement *req, const char *feature)
{
	struct cenv_incompat *ic = cenv_incompat_new(&r->arena, ctx->cause, 4);

	ic->asker = ctx->asker;
	ic->condition = ctx->condition;
	ic->target = target->var;
	ic->req = req;
	ic->asked = ctx->asked;
	ic->feature = feature;
	if (ctx->asker != CENV_VAR_NONE)
		cenv_incompat_term(r->solver, ic, ctx->asker, &ctx->versions);
	if (ctx->condition != CENV_VAR_NONE)
		cenv_incompat_term(r->solver, ic, ctx->condition, &only_on);
	return ic;
}

static void demand_versions(struct cenv_resolver *r, const struct context *ctx,
			    struct cenv_universe_package *target,
			    const struct cenv_requirement *req, const union cenv_bits *want)
{
	struct cenv_incompat *ic = new_demand(r, ctx, target, req, NULL);
	union cenv_bits forbidden = cenv_bits_new(&r->arena, target->nw);

	/* a constraint leaves the package free to be absent */
	cenv_bits_copy(&forbidden,
		       ctx->cause == CENV_CAUSE_CONSTRAINT
			       ? &target->any
			       : cenv_solver_all(r->solver, target->var),
		       target->nw);
	cenv_bits_minus(&forbidden, want, target->nw);
	cenv_incompat_term(r->solver, ic, target->var, &forbidden);
	cenv_solver_add(r->solver, ic);
}

static void demand_feature(struct cenv_resolver *r, const struct context *ctx,
			   struct cenv_universe_package *target,
			   const struct cenv_requirement *req, const char *name, bool on)
{
	struct cenv_incompat *ic = new_demand(r, ctx, target, req, name);
	size_t feature = cenv_universe_feature(target, name);

	if (ctx->cause == CENV_CAUSE_CONSTRAINT)
		cenv_incompat_term(r->solver, ic, target->var, &target->any);
	/* a feature that does not exist can be neither on nor off: who asks for it can't be used */
	if (feature != SIZE_MAX)
		cenv_incompat_term(r->solver, ic, target->var + 1 + (uint32_t)feature,
				   on ? &only_off : &only_on);
	cenv_solver_add(r->solver, ic);
}

static void add_sayer(struct cenv_resolver *r, uint32_t var, const struct context *ctx)
{
	struct cenv_sayer *sayer = cenv_arena_alloc(&r->arena, sizeof(*sayer));

	sayer->asker = ctx->asker;
	sayer->condition = ctx->condition;
	sayer->versions = ctx->versions;
	sayer->next = r->meanings[var].sayers;
	r->meanings[var].sayers = sayer;
}

static void note_sayers(struct cenv_resolver *r, const struct context *ctx,
			struct cenv_universe_package *target, const struct cenv_requirement *req)
{
	if (!target->pre_allowed && cenv_specifier_names_prerelease(&req->spec))
		add_sayer(r, target->var, ctx);
	for (size_t i = 0; i < req->features_off.n; i++) {
		size_t feature = cenv_universe_feature(target, req->features_off.v[i]);

		if (feature != SIZE_MAX)
			add_sayer(r, target->var + 1 + (uint32_t)feature, ctx);
	}
}

static void add_demand(struct cenv_resolver *r, const struct context *ctx,
		       struct cenv_universe_package *target, const struct cenv_requirement *req,
		       const union cenv_bits *want)
{
	demand_versions(r, ctx, target, req, want);
	if (!target->info.ncandidates)
		return;
	for (size_t i = 0; i < req->features_on.n; i++)
		demand_feature(r, ctx, target, req, req->features_on.v[i], true);
	for (size_t i = 0; i < req->features_off.n; i++)
		demand_feature(r, ctx, target, req, req->features_off.v[i], false);
	note_sayers(r, ctx, target, req);
}

/* What somebody asks, or what an override makes of it. */
static void add_asked(struct cenv_resolver *r, const struct context *ctx,
		      struct cenv_universe_package *target, const struct cenv_requirement *req,
		      const union cenv_bits *want)
{
	const struct cenv_demands *over = cenv_resolver_overrides(r, target->key);
	struct context replaced = *ctx;

	if (!over) {
		add_demand(r, ctx, target, req, want);
		return;
	}
	replaced.asked = req;
	for (size_t i = 0; i < over->n; i++) {
		union cenv_bits set = cenv_universe_match(&r->universe, target,
							  &over->reqs[i]->spec);

		add_demand(r, &replaced, target, over->reqs[i], &set);
	}
}

/* Packages. */

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
	struct context ctx = {.cause = CENV_CAUSE_CONSTRAINT,
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

		add_demand(r, &ctx, pkg, limits->reqs[i], &want);
	}
}

static int load_packages(struct cenv_resolver *r, const char **keys, size_t n,
			 struct cenv_err *err)
{
	size_t before = cenv_universe_count(&r->universe);

	if (cenv_universe_load(&r->universe, keys, n, err))
		return -1;
	for (size_t i = before; i < cenv_universe_count(&r->universe); i++)
		add_package(r, cenv_universe_at(&r->universe, i));
	return 0;
}

/* Dependencies. */

static int compare_deps(const void *a, const void *b)
{
	const struct version_dep *x = a, *y = b;

	return compare_reqs(&x->req, &y->req);
}

/* Mostly by insertion: there are thousands of versions, and each needs few others. */
static void sort_deps(struct version_dep *v, size_t n)
{
	if (n > 16) {
		qsort(v, n, sizeof(*v), compare_deps);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct version_dep dep = v[i];
		size_t j = i;

		for (; j > 0 && compare_reqs(&v[j - 1].req, &dep.req) > 0; j--)
			v[j] = v[j - 1];
		v[j] = dep;
	}
}

static int collect_deps(struct cenv_resolver *r, const struct cenv_meaning *m, size_t version,
			struct cenv_dep_list *list, struct cenv_err *err)
{
	const struct cenv_package_info *info = &m->pkg->info;
	const char *feature = m->feature == SIZE_MAX ? NULL : info->features[m->feature].name;
	const struct cenv_dep *deps = NULL;
	size_t n = 0, first = list->n;

	if (r->provider->dependencies(r->provider->payload, m->pkg->key,
				      &info->candidates[version], &deps, &n, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!deps[i].feature != !feature ||
		    (feature && strcmp(deps[i].feature, feature) != 0))
			continue;
		CENV_GROW(list->v, list->n, list->cap);
		list->v[list->n++] = (struct version_dep){.version = version, .req = deps[i].req};
	}
	/* the order in which a version lists what it needs says nothing */
	sort_deps(list->v + first, list->n - first);
	return 0;
}

static int load_targets(struct cenv_resolver *r, struct cenv_dep_list *list, struct cenv_err *err)
{
	const char **keys = NULL;
	size_t n = 0, cap = 0;
	int rc;

	for (size_t i = 0; i < list->n; i++) {
		list->v[i].target = cenv_universe_get(&r->universe, list->v[i].req->key);
		if (list->v[i].target)
			continue;
		CENV_GROW(keys, n, cap);
		keys[n++] = list->v[i].req->key;
	}
	rc = n ? load_packages(r, keys, n, err) : 0;
	free(keys);
	for (size_t i = 0; rc == 0 && n && i < list->n; i++)
		if (!list->v[i].target)
			list->v[i].target = cenv_universe_get(&r->universe, list->v[i].req->key);
	return rc;
}

/* The same words say the same: most versions repeat what the one before needs. */
static bool same_text(const struct shared_dep *dep, const struct version_dep *other)
{
	return dep->req->text && other->req->text && !strcmp(dep->req->text, other->req->text);
}

static bool same_demand(const struct shared_dep *dep, const struct cenv_universe_package *target,
			const struct cenv_requirement *req, const union cenv_bits *want)
{
	return cenv_bits_equal(&dep->want, want, target->nw) &&
	       cenv_strv_equal(&dep->req->features_on, &req->features_on) &&
	       cenv_strv_equal(&dep->req->features_off, &req->features_off) &&
	       cenv_specifier_names_prerelease(&dep->req->spec) ==
		       cenv_specifier_names_prerelease(&req->spec);
}

/* The newest one on the target, or SIZE_MAX. What the target remembers may be of another list, where
 * something else is now. */
static size_t newest_shared(const struct cenv_dep_list *list, const struct cenv_universe_package *target)
{
	size_t i = target->shared;

	return i < list->nshared && list->shared[i].target == target ? i : SIZE_MAX;
}

/* Put together what several versions need alike: the solver then learns about all at once. */
static void share_dep(struct cenv_resolver *r, struct cenv_dep_list *list,
		      const struct cenv_universe_package *asker, const struct version_dep *dep)
{
	struct cenv_universe_package *target = dep->target;
	bool overridden = r->overrides.n && cenv_resolver_overrides(r, target->key);
	size_t newest = newest_shared(list, target);
	struct shared_dep *sd;
	union cenv_bits want;

	for (size_t i = newest; i != SIZE_MAX; i = list->shared[i].older) {
		if (overridden || same_text(&list->shared[i], dep)) {
			cenv_bits_add(&list->shared[i].versions, asker->nw, dep->version);
			return;
		}
	}
	want = cenv_universe_match(&r->universe, target, &dep->req->spec);
	for (size_t i = newest; i != SIZE_MAX; i = list->shared[i].older) {
		if (same_demand(&list->shared[i], target, dep->req, &want)) {
			cenv_bits_add(&list->shared[i].versions, asker->nw, dep->version);
			return;
		}
	}
	CENV_GROW(list->shared, list->nshared, list->shared_cap);
	sd = &list->shared[list->nshared];
	sd->target = target;
	sd->req = dep->req;
	sd->want = want;
	sd->versions = cenv_bits_new(&r->arena, asker->nw);
	sd->older = newest;
	cenv_bits_add(&sd->versions, asker->nw, dep->version);
	target->shared = list->nshared++;
}

static int compare_shared(const void *a, const void *b)
{
	const struct shared_dep *x = a, *y = b;

	if (x->target != y->target)
		return x->target->var < y->target->var ? -1 : 1;
	return compare_reqs(&x->req, &y->req);
}

/* Tell the solver what the given versions of a package, or its feature, need. */
static int expand(struct cenv_resolver *r, uint32_t var, const union cenv_bits *versions,
		  struct cenv_err *err)
{
	struct cenv_universe_package *pkg = r->meanings[var].pkg;
	bool is_package = r->meanings[var].feature == SIZE_MAX;
	struct context ctx = {.cause = CENV_CAUSE_DEP,
			      .asker = pkg->var,
			      .condition = is_package ? CENV_VAR_NONE : var};
	struct cenv_dep_list *list = r->deps;

	list->n = list->nshared = 0;
	cenv_bits_or(&r->meanings[var].expanded, versions, pkg->nw);
	if (r->request->no_deps)
		return 0;
	for (size_t i = cenv_bits_next(versions, pkg->nw, 0); i != SIZE_MAX;
	     i = cenv_bits_next(versions, pkg->nw, i + 1))
		if (collect_deps(r, &r->meanings[var], i, list, err))
			return -1;
	if (load_targets(r, list, err))
		return -1;
	for (size_t i = 0; i < list->n; i++)
		share_dep(r, list, pkg, &list->v[i]);
	if (list->nshared > 1)
		qsort(list->shared, list->nshared, sizeof(*list->shared), compare_shared);
	for (size_t i = 0; i < list->nshared; i++) {
		ctx.versions = list->shared[i].versions;
		add_asked(r, &ctx, list->shared[i].target, list->shared[i].req,
			  &list->shared[i].want);
	}
	return 0;
}

/*
 * A package decided for the first time is told about one version at a time: most
 * universes have no conflict there. When it is tried again, or when the run is
 * for an explanation, all its versions are put together.
 */
static int expand_for(struct cenv_resolver *r, uint32_t var, size_t version, struct cenv_err *err)
{
	struct cenv_universe_package *pkg = r->meanings[var].pkg;
	union cenv_bits set = cenv_bits_new(&r->arena, pkg->nw);

	if (r->explaining || cenv_solver_tries(r->solver, var) ||
	    cenv_bits_count(&r->meanings[var].expanded, pkg->nw)) {
		cenv_bits_copy(&set, &pkg->any, pkg->nw);
		cenv_bits_minus(&set, &pkg->newer, pkg->nw);
	} else {
		cenv_bits_add(&set, pkg->nw, version);
	}
	return expand(r, var, &set, err);
}

int cenv_resolver_explore(struct cenv_resolver *r, struct cenv_err *err)
{
	for (uint32_t var = 0; var < r->nmeanings; var++) {
		struct cenv_universe_package *pkg = r->meanings[var].pkg;

		if (!cenv_bits_subset(&pkg->any, &r->meanings[var].expanded, pkg->nw) &&
		    expand(r, var, &pkg->any, err))
			return -1;
	}
	return 0;
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
	return version == SIZE_MAX ? 0 : expand_for(r, var, version, err);
}

static int decide_feature(struct cenv_resolver *r, uint32_t var, struct cenv_err *err)
{
	const struct cenv_meaning *m = &r->meanings[var];
	size_t version = cenv_resolver_chosen(r, m->pkg);

	if (version == SIZE_MAX || cenv_bits_subset(cenv_solver_domain(r->solver, var), &only_off, 1))
		return 0;
	if (!cenv_solver_required(r->solver, var) && !m->pkg->info.features[m->feature].is_default)
		return 0;
	if (cenv_bits_has(&m->expanded, m->pkg->nw, version)) {
		cenv_solver_decide(r->solver, var, FEATURE_ON);
		return 0;
	}
	cenv_solver_push(r->solver, var);
	return expand_for(r, var, version, err);
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
		if (decide_next(r, &done, err))
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
	struct context ctx = {.cause = CENV_CAUSE_ROOT,
			      .asker = CENV_VAR_NONE,
			      .condition = CENV_VAR_NONE};
	size_t n = r->request->nroots;
	const char **keys = cenv_xcalloc(n, sizeof(*keys));
	int rc;

	for (size_t i = 0; i < n; i++)
		keys[i] = r->roots[i]->key;
	rc = load_packages(r, keys, n, err);
	free(keys);
	if (rc || check_roots_exist(r, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct cenv_universe_package *pkg;
		union cenv_bits want;

		pkg = cenv_universe_get(&r->universe, r->roots[i]->key);
		want = cenv_universe_match(&r->universe, pkg, &r->roots[i]->spec);
		add_asked(r, &ctx, pkg, r->roots[i], &want);
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
	r->deps = cenv_xcalloc(1, sizeof(*r->deps));
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
	free(r->deps->v);
	free(r->deps->shared);
	free(r->deps);
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

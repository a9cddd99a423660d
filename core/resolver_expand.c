/* SPDX-License-Identifier: MIT */
/* What versions need becomes demands. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/resolver_state.h"

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

struct cenv_dep_list *cenv_dep_list_new(void)
{
	return cenv_xcalloc(1, sizeof(struct cenv_dep_list));
}

void cenv_dep_list_free(struct cenv_dep_list *list)
{
	free(list->v);
	free(list->shared);
	free(list);
}

static int compare_deps(const void *a, const void *b)
{
	const struct version_dep *x = a, *y = b;

	return cenv_resolver_compare_reqs(&x->req, &y->req);
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

		for (; j > 0 && cenv_resolver_compare_reqs(&v[j - 1].req, &dep.req) > 0; j--)
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
	rc = n ? cenv_resolver_load(r, keys, n, err) : 0;
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

/* The newest one on the target, or SIZE_MAX. What the target remembers may be of an earlier list,
 * and in this one be something else. */
static size_t newest_shared(const struct cenv_dep_list *list,
			    const struct cenv_universe_package *target)
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
	return cenv_resolver_compare_reqs(&x->req, &y->req);
}

/* Tell the solver what the given versions of a package, or its feature, need. */
static int expand(struct cenv_resolver *r, uint32_t var, const union cenv_bits *versions,
		  struct cenv_err *err)
{
	struct cenv_universe_package *pkg = r->meanings[var].pkg;
	bool is_package = r->meanings[var].feature == SIZE_MAX;
	struct cenv_context ctx = {.cause = CENV_CAUSE_DEP,
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
		cenv_resolver_ask(r, &ctx, list->shared[i].target, list->shared[i].req,
			  &list->shared[i].want);
	}
	return 0;
}

int cenv_resolver_expand_all(struct cenv_resolver *r, uint32_t var, struct cenv_err *err)
{
	const struct cenv_universe_package *pkg = r->meanings[var].pkg;
	union cenv_bits set = cenv_bits_new(&r->arena, pkg->nw);

	cenv_bits_copy(&set, &pkg->any, pkg->nw);
	cenv_bits_minus(&set, &pkg->newer, pkg->nw);
	return cenv_bits_subset(&set, &r->meanings[var].expanded, pkg->nw) ? 0
									   : expand(r, var, &set, err);
}

int cenv_resolver_expand(struct cenv_resolver *r, uint32_t var, size_t version,
			 struct cenv_err *err)
{
	struct cenv_universe_package *pkg = r->meanings[var].pkg;
	union cenv_bits set = cenv_bits_new(&r->arena, pkg->nw);

	if (r->explaining || cenv_solver_tries(r->solver, var) ||
	    cenv_bits_count(&r->meanings[var].expanded, pkg->nw))
		return cenv_resolver_expand_all(r, var, err);
	cenv_bits_add(&set, pkg->nw, version);
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

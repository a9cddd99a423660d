/* SPDX-License-Identifier: MIT */
#include "store/pipeline/ahead.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/version.h"

/* A package that may be asked for, and the requirement that leads there; NULL: one unknown. */
struct want {
	const char *key;
	const struct cenv_requirement *req;
};

struct level {
	struct want *v;
	size_t n, cap;
};

struct ahead {
	struct cenv_index *index;
	const struct cenv_demands *demands; /* NULL: none */
	struct cenv_provider provider;
	const struct cenv_resolve_request *request;
	struct cenv_map seen; /* "key version feature": its needs were followed */
	struct level next;
};

/* What overrides say of a version. @return whether they say anything of the package */
static bool is_overridden(const struct cenv_resolve_request *r, const char *key,
			  const char *version, bool *allowed)
{
	bool overridden = false;

	*allowed = true;
	for (size_t i = 0; i < r->noverrides; i++) {
		if (strcmp(r->overrides[i]->key, key) != 0)
			continue;
		overridden = true;
		*allowed = *allowed && cenv_specifier_match(&r->overrides[i]->spec, version);
	}
	return overridden;
}

static bool may_be_chosen(const struct ahead *a, const struct want *want,
			  const struct cenv_demand *demand, const struct cenv_candidate *c)
{
	const struct cenv_resolve_request *r = a->request;
	bool allowed;

	if (r->exclude_newer && c->date && strcmp(c->date, r->exclude_newer) > 0)
		return false;
	if (is_overridden(r, want->key, c->version, &allowed))
		return allowed;
	return (!want->req || cenv_specifier_match(&want->req->spec, c->version)) &&
	       (!demand || cenv_demand_allows(demand, c->version));
}

/* As resolver.c ranks them, as far as that can be told in advance. */
static int rank(const struct cenv_resolve_request *r, const char *key,
		const struct cenv_candidate *c)
{
	bool upgraded = r->upgrade_all || (r->upgrade && cenv_strv_matches(r->upgrade, key));

	if (!upgraded && (c->is_locked || c->is_installed))
		return c->is_locked ? 3 : 2;
	return r->pre || !cenv_version_is_prerelease(c->version);
}

static const struct cenv_candidate *guess(const struct ahead *a, const struct want *want,
					  const struct cenv_package_info *info)
{
	const struct cenv_resolve_request *r = a->request;
	const struct cenv_demand *demand =
		a->demands ? cenv_demands_find(a->demands, want->key) : NULL;
	const struct cenv_candidate *best = NULL;
	int best_rank = -1;

	for (size_t i = 0; i < info->ncandidates; i++) {
		bool lowest = r->mode == CENV_RESOLVE_LOWEST;
		const struct cenv_candidate *c =
			&info->candidates[lowest ? info->ncandidates - 1 - i : i];
		int its_rank = rank(r, want->key, c);

		if (its_rank > best_rank && may_be_chosen(a, want, demand, c)) {
			best = c;
			best_rank = its_rank;
		}
	}
	return best;
}

static bool switches_on(const struct cenv_requirement *req, const char *feature)
{
	return cenv_strv_has(&req->features_on, feature);
}

static bool is_on(const struct cenv_resolve_request *r, const struct want *want,
		  const struct cenv_package_info *info, const char *feature)
{
	for (size_t i = 0; i < info->nfeatures; i++)
		if (!strcmp(info->features[i].name, feature) && info->features[i].is_default &&
		    !(want->req && cenv_strv_has(&want->req->features_off, feature)))
			return true;
	for (size_t i = 0; i < r->nroots; i++)
		if (!strcmp(r->roots[i]->key, want->key) && switches_on(r->roots[i], feature))
			return true;
	return want->req && switches_on(want->req, feature);
}

/* Once for each version with each of its features. */
static bool is_news(struct ahead *a, const char *key, const char *version, const char *feature)
{
	char *name = cenv_strf("%s %s %s", key, version, feature ? feature : "");
	bool seen = cenv_map_has(&a->seen, name);

	if (!seen)
		cenv_map_put(&a->seen, name, a);
	free(name);
	return !seen;
}

static void follow(struct ahead *a, const struct want *want, const struct cenv_package_info *info,
		   const struct cenv_candidate *c, struct cenv_err *err)
{
	const struct cenv_dep *deps = NULL;
	const char *feature = NULL;
	bool wanted = is_news(a, want->key, c->version, NULL);
	size_t n = 0;

	if (a->provider.dependencies(a->provider.payload, want->key, c, &deps, &n, err) < 0)
		return;
	/* those without feature come first, then feature by feature */
	for (size_t i = 0; i < n; i++) {
		if (deps[i].feature && (!feature || strcmp(feature, deps[i].feature) != 0)) {
			feature = deps[i].feature;
			wanted = is_on(a->request, want, info, feature) &&
				 is_news(a, want->key, c->version, feature);
		}
		if (!wanted)
			continue;
		CENV_GROW(a->next.v, a->next.n, a->next.cap);
		a->next.v[a->next.n++] = (struct want){deps[i].req->key, deps[i].req};
	}
}

static void look_into(struct ahead *a, const struct want *want)
{
	struct cenv_package_info info = {0};
	struct cenv_err ignored = CENV_ERR_INIT; /* it is told when the resolver asks */
	const struct cenv_candidate *c;

	if (a->provider.packages(a->provider.payload, &want->key, 1, &info, &ignored) == 0) {
		c = guess(a, want, &info);
		if (c && !a->request->no_deps)
			follow(a, want, &info, c, &ignored);
	}
	cenv_err_release(&ignored);
}

static int look_at_level(struct ahead *a, const struct level *level, struct cenv_err *err)
{
	const char **keys = cenv_xcalloc(level->n, sizeof(*keys));
	int ret;

	for (size_t i = 0; i < level->n; i++)
		keys[i] = level->v[i].key;
	ret = cenv_index_prefetch(a->index, keys, level->n, err);
	for (size_t i = 0; ret == 0 && i < level->n; i++)
		look_into(a, &level->v[i]);
	free(keys);
	return ret;
}

int cenv_look_ahead(struct cenv_catalog *catalog, const struct cenv_resolve_request *request,
		    const char *const *keys, size_t n, struct cenv_err *err)
{
	struct ahead a = {.index = catalog->index,
			  .demands = catalog->demands,
			  .provider = cenv_catalog_provider(catalog),
			  .request = request};
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		CENV_GROW(a.next.v, a.next.n, a.next.cap);
		a.next.v[a.next.n++] = (struct want){keys[i], NULL};
	}
	while (ret == 0 && a.next.n) {
		struct level level = a.next;

		a.next = (struct level){0};
		ret = look_at_level(&a, &level, err);
		free(level.v);
	}
	free(a.next.v);
	cenv_map_release(&a.seen, NULL);
	return ret;
}

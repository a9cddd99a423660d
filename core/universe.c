/* SPDX-License-Identifier: MIT */
#include "core/universe.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/version.h"

void cenv_universe_init(struct cenv_universe *u, const struct cenv_provider *provider,
			struct cenv_arena *arena)
{
	*u = (struct cenv_universe){.provider = provider, .arena = arena};
}

void cenv_universe_release(struct cenv_universe *u)
{
	cenv_map_release(&u->by_key, NULL); /* the packages are the arena's */
}

struct cenv_universe_package *cenv_universe_get(const struct cenv_universe *u, const char *key)
{
	return cenv_map_get(&u->by_key, key);
}

size_t cenv_universe_count(const struct cenv_universe *u)
{
	return u->by_key.n;
}

struct cenv_universe_package *cenv_universe_at(const struct cenv_universe *u, size_t i)
{
	return u->by_key.entries[i].value;
}

static void add_package(struct cenv_universe *u, const char *key,
			const struct cenv_package_info *info)
{
	struct cenv_universe_package *pkg = cenv_arena_alloc(u->arena, sizeof(*pkg));

	cenv_map_put(&u->by_key, key, pkg);
	pkg->key = u->by_key.entries[u->by_key.n - 1].key;
	pkg->info = *info;
	if (!pkg->info.name)
		pkg->info.name = pkg->key;
	pkg->nw = cenv_bits_words(info->ncandidates + 1);
	pkg->any = cenv_bits_new(u->arena, pkg->nw);
	pkg->pre = cenv_bits_new(u->arena, pkg->nw);
	pkg->newer = cenv_bits_new(u->arena, pkg->nw);
	cenv_bits_add_range(&pkg->any, pkg->nw, 0, info->ncandidates);
	for (size_t i = 0; i < info->ncandidates; i++)
		if (cenv_version_is_prerelease(info->candidates[i].version))
			cenv_bits_add(&pkg->pre, pkg->nw, i);
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int cenv_universe_load(struct cenv_universe *u, const char **keys, size_t n, struct cenv_err *err)
{
	struct cenv_package_info *infos;
	size_t kept = 0;
	int rc;

	if (n > 1)
		qsort(keys, n, sizeof(*keys), compare_keys);
	for (size_t i = 0; i < n; i++)
		if ((!kept || strcmp(keys[kept - 1], keys[i])) && !cenv_universe_get(u, keys[i]))
			keys[kept++] = keys[i];
	if (!kept)
		return 0;
	infos = cenv_xcalloc(kept, sizeof(*infos));
	rc = u->provider->packages(u->provider->payload, keys, kept, infos, err);
	for (size_t i = 0; !rc && i < kept; i++)
		add_package(u, keys[i], &infos[i]);
	free(infos);
	return rc;
}

size_t cenv_universe_feature(const struct cenv_universe_package *pkg, const char *name)
{
	for (size_t i = 0; i < pkg->info.nfeatures; i++)
		if (!strcmp(pkg->info.features[i].name, name))
			return i;
	return SIZE_MAX;
}

/* The first candidate (newest first) that is not newer than the version, or when
 * or_equal is not set, that is older. */
static size_t first_at_most(const struct cenv_universe_package *pkg, const char *version,
			    bool or_equal)
{
	size_t low = 0, high = pkg->info.ncandidates;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int cmp = cenv_version_cmp(pkg->info.candidates[mid].version, version);

		if (cmp < 0 || (or_equal && cmp == 0))
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* Clauses that compare by order are ranges of the sorted candidates. */
static bool clause_range(const struct cenv_universe_package *pkg, const struct cenv_clause *clause,
			 size_t *from, size_t *to)
{
	*from = 0;
	*to = pkg->info.ncandidates;
	if (clause->wildcard)
		return false;
	switch (clause->op) {
	case CENV_OP_GE:
		*to = first_at_most(pkg, clause->version, false);
		return true;
	case CENV_OP_GT:
		*to = first_at_most(pkg, clause->version, true);
		return true;
	case CENV_OP_LE:
		*from = first_at_most(pkg, clause->version, true);
		return true;
	case CENV_OP_LT:
		*from = first_at_most(pkg, clause->version, false);
		return true;
	case CENV_OP_EQ:
		*from = first_at_most(pkg, clause->version, true);
		*to = first_at_most(pkg, clause->version, false);
		return true;
	default:
		return false;
	}
}

static void match_clause(struct cenv_universe *u, const struct cenv_universe_package *pkg,
			 const struct cenv_clause *clause, union cenv_bits *out)
{
	union cenv_bits set = cenv_bits_new(u->arena, pkg->nw);
	size_t from, to;

	if (clause_range(pkg, clause, &from, &to)) {
		cenv_bits_add_range(&set, pkg->nw, from, to);
	} else {
		struct cenv_clause copy = *clause;
		struct cenv_specifier one = {.clauses = &copy, .n = 1, .cap = 1};

		for (size_t i = 0; i < pkg->info.ncandidates; i++)
			if (cenv_specifier_match(&one, pkg->info.candidates[i].version))
				cenv_bits_add(&set, pkg->nw, i);
	}
	cenv_bits_and(out, &set, pkg->nw);
}

union cenv_bits cenv_universe_match(struct cenv_universe *u,
				    const struct cenv_universe_package *pkg,
				    const struct cenv_specifier *spec)
{
	union cenv_bits set = cenv_bits_new(u->arena, pkg->nw);

	cenv_bits_copy(&set, &pkg->any, pkg->nw);
	for (size_t i = 0; i < spec->n; i++)
		match_clause(u, pkg, &spec->clauses[i], &set);
	return set;
}

/* SPDX-License-Identifier: MIT */
#include "store/pipeline/catalog.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/version.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"
#include "store/pipeline/ahead.h"

struct package {
	const struct cenv_recipe *recipe; /* NULL: only installed or given */
	const char *name, *origin;
	const struct cenv_requirement *chosen_by; /* its location or hash left these candidates */
	struct cenv_candidate *candidates; /* newest first */
	struct cenv_source *sources;       /* one for each candidate, same order after sorting */
	size_t n, cap, sources_cap;
	struct cenv_feature_info *features;
	size_t nfeatures;
};

static void source_release(struct cenv_source *source)
{
	for (size_t i = 0; i < source->nown; i++)
		cenv_requirement_release(&source->own_requires[i]);
	free(source->own_requires);
	free(source->deps);
}

static void package_free(void *ptr)
{
	struct package *pkg = ptr;

	for (size_t i = 0; i < pkg->n; i++)
		source_release(&pkg->sources[i]);
	free(pkg->sources);
	free(pkg->candidates);
	free(pkg->features);
	free(pkg);
}

void cenv_given_free(struct cenv_given *given)
{
	if (!given)
		return;
	cenv_recipe_free(given->recipe);
	free(given->sha256);
	free(given->tree_hash);
	free(given->dir);
	free(given->url);
	free(given);
}

static void given_free(void *ptr)
{
	cenv_given_free(ptr);
}

static void release_others(struct cenv_catalog *catalog)
{
	for (size_t i = 0; i < catalog->nothers; i++) {
		cenv_map_release(&catalog->others[i]->packages, package_free);
		cenv_index_free(catalog->others[i]->index);
		free(catalog->others[i]);
	}
	free(catalog->others);
}

void cenv_catalog_release(struct cenv_catalog *catalog)
{
	release_others(catalog);
	cenv_map_release(&catalog->packages, package_free);
	cenv_map_release(&catalog->given, given_free);
	cenv_links_release(&catalog->links);
}

void cenv_catalog_give(struct cenv_catalog *catalog, const char *key, struct cenv_given *given)
{
	cenv_given_free(cenv_map_put(&catalog->given, key, given));
}

/* ---- candidates ---- */

static struct cenv_source *find_version(struct package *pkg, const char *version)
{
	for (size_t i = 0; i < pkg->n; i++)
		if (cenv_version_cmp(pkg->candidates[i].version, version) == 0)
			return &pkg->sources[i];
	return NULL;
}

static void add_candidate(struct package *pkg, const char *version, const char *date,
			  struct cenv_source source)
{
	CENV_GROW(pkg->candidates, pkg->n, pkg->cap);
	CENV_GROW(pkg->sources, pkg->n, pkg->sources_cap);
	pkg->candidates[pkg->n] = (struct cenv_candidate){.version = version, .date = date};
	pkg->sources[pkg->n++] = source;
}

static void add_recipe(struct package *pkg, const struct cenv_recipe *recipe)
{
	pkg->recipe = recipe;
	pkg->name = recipe->name;
	pkg->cap = pkg->sources_cap = recipe->nversions + 1; /* one more may be installed */
	pkg->candidates = cenv_xreallocarray(NULL, pkg->cap, sizeof(*pkg->candidates));
	pkg->sources = cenv_xreallocarray(NULL, pkg->cap, sizeof(*pkg->sources));
	for (size_t i = 0; i < recipe->nversions; i++) {
		const struct cenv_recipe_version *rv = &recipe->versions[i];

		add_candidate(pkg, rv->version, rv->date,
			      (struct cenv_source){.recipe = recipe, .rv = rv});
	}
	pkg->features = cenv_xcalloc(recipe->nfeatures, sizeof(*pkg->features));
	for (size_t i = 0; i < recipe->nfeatures; i++)
		pkg->features[pkg->nfeatures++] = (struct cenv_feature_info){
			recipe->features[i].name, recipe->features[i].is_default};
}

/* Without a recipe the features are those that it was built with and without. */
static void add_recorded_features(struct package *pkg, const struct cenv_record *record)
{
	pkg->features = cenv_xcalloc(record->features.n + record->features_off.n,
				     sizeof(*pkg->features));
	for (size_t i = 0; i < record->features.n; i++)
		pkg->features[pkg->nfeatures++] =
			(struct cenv_feature_info){record->features.v[i], true};
	for (size_t i = 0; i < record->features_off.n; i++)
		pkg->features[pkg->nfeatures++] =
			(struct cenv_feature_info){record->features_off.v[i], false};
}

/* What is installed counts as a candidate even when no index has it any more. */
static void add_installed(struct package *pkg, const struct cenv_record *record)
{
	struct cenv_source *source = find_version(pkg, record->version);

	if (source)
		source->record = record;
	else
		add_candidate(pkg, record->version, NULL, (struct cenv_source){.record = record});
	if (!pkg->name)
		pkg->name = record->name;
	if (!pkg->recipe)
		add_recorded_features(pkg, record);
}

/* ---- find-links ---- */

/* They are built as the newest recipe says where there is one. */
static void add_links(struct package *pkg, const char *key, const struct cenv_links *links)
{
	for (size_t i = 0; i < links->n; i++) {
		const struct cenv_link *link = &links->v[i];
		struct cenv_source source = {.archive = link->location};

		if (strcmp(link->key, key) != 0 || find_version(pkg, link->version))
			continue;
		if (pkg->recipe && pkg->recipe->nversions) {
			source.recipe = pkg->recipe;
			source.rv = &pkg->recipe->versions[0];
		}
		add_candidate(pkg, link->version, NULL, source);
	}
}

/* ---- a package as a whole ---- */

static void add_given(struct package *pkg, const struct cenv_given *given,
		      const struct cenv_recipe *indexed)
{
	const struct cenv_recipe *own = given->recipe;
	struct cenv_source source = {.recipe = own, .rv = &own->versions[0], .given = given};

	if (!given->has_own_recipe && indexed && indexed->nversions) {
		const struct cenv_recipe_version *rv =
			cenv_recipe_version(indexed, own->versions[0].version);

		source.recipe = indexed;
		source.rv = rv ? rv : &indexed->versions[0];
	}
	pkg->recipe = source.recipe;
	pkg->name = own->name;
	add_candidate(pkg, own->versions[0].version, NULL, source);
	pkg->features = cenv_xcalloc(source.recipe->nfeatures, sizeof(*pkg->features));
	for (size_t i = 0; i < source.recipe->nfeatures; i++)
		pkg->features[pkg->nfeatures++] = (struct cenv_feature_info){
			source.recipe->features[i].name, source.recipe->features[i].is_default};
}

/* Candidates and sources are sorted together, newest first; the first of them are so already. */
static void sort_candidates(struct package *pkg, size_t sorted)
{
	for (size_t i = sorted ? sorted : 1; i < pkg->n; i++) {
		struct cenv_candidate c = pkg->candidates[i];
		struct cenv_source s = pkg->sources[i];
		size_t j = i;

		for (; j > 0 && cenv_version_cmp(pkg->candidates[j - 1].version, c.version) < 0; j--) {
			pkg->candidates[j] = pkg->candidates[j - 1];
			pkg->sources[j] = pkg->sources[j - 1];
		}
		pkg->candidates[j] = c;
		pkg->sources[j] = s;
	}
	for (size_t i = 0; i < pkg->n; i++)
		pkg->candidates[i].payload = &pkg->sources[i];
}

static void mark_preferred(const struct cenv_catalog *catalog, struct package *pkg,
			   const char *key)
{
	const struct cenv_record *pin =
		catalog->locked ? cenv_records_find(catalog->locked, key) : NULL;

	for (size_t i = 0; i < pkg->n; i++) {
		pkg->candidates[i].is_installed = pkg->sources[i].record != NULL;
		pkg->candidates[i].is_locked =
			pin && cenv_version_cmp(pin->version, pkg->candidates[i].version) == 0;
	}
}

/* ---- what a hash decides ---- */

/* The sha256 that a candidate's archive is known to have, or NULL. */
static const char *known_hash(const struct cenv_source *source)
{
	if (source->archive || source->given)
		return NULL;
	if (!source->rv)
		return source->record ? source->record->sha256 : NULL;
	cenv_recipe_read_version(source->recipe, source->rv);
	return source->rv->sha256;
}

static bool has_hash(const struct cenv_demand *demand, const struct cenv_source *source)
{
	const char *sha256 = known_hash(source);

	return (sha256 && cenv_strv_has(&demand->hashes, sha256)) ||
	       (source->record && source->record->sha256 &&
		cenv_strv_has(&demand->hashes, source->record->sha256));
}

static bool is_pinned(const struct cenv_demand *demand)
{
	for (size_t i = 0; i < demand->n; i++)
		if (cenv_specifier_pinned(&demand->reqs[i]->spec))
			return true;
	return false;
}

static const struct cenv_requirement *first_hashed(const struct cenv_demand *demand)
{
	for (size_t i = 0; i < demand->n; i++)
		if (demand->reqs[i]->hashes.n)
			return demand->reqs[i];
	return NULL;
}

/* "zlib>=1 --hash=..." without a pin means the version that has the hash. When none has, all
 * stay: the archive may have changed since the recipe was written, and fetching it tells. */
static void keep_hashed(struct package *pkg, const struct cenv_demand *demand)
{
	bool found = false;
	size_t n = 0;

	if (!demand || !demand->hashes.n || is_pinned(demand))
		return;
	for (size_t i = 0; i < pkg->n && !found; i++)
		found = has_hash(demand, &pkg->sources[i]) &&
			cenv_demand_allows(demand, pkg->candidates[i].version);
	for (size_t i = 0; i < pkg->n && found; i++) {
		if (known_hash(&pkg->sources[i]) && !has_hash(demand, &pkg->sources[i])) {
			source_release(&pkg->sources[i]);
			continue;
		}
		pkg->candidates[n] = pkg->candidates[i];
		pkg->sources[n++] = pkg->sources[i];
	}
	if (!found)
		return;
	pkg->n = n;
	pkg->chosen_by = first_hashed(demand);
}

/* What a URL or path brings for the key, if one is known; *out NULL: none. */
static int find_given(struct cenv_catalog *catalog, const char *key,
		      const struct cenv_given **out, struct cenv_err *err)
{
	const struct cenv_demand *demand =
		catalog->demands ? cenv_demands_find(catalog->demands, key) : NULL;
	struct cenv_given *given = NULL;

	*out = cenv_map_get(&catalog->given, key);
	if (*out || !demand || !demand->place)
		return 0;
	if (catalog->locate(catalog->locate_payload, demand->place, &given, err) < 0)
		return -1;
	cenv_catalog_give(catalog, key, given);
	*out = given;
	return 0;
}

static int load_package(struct cenv_catalog *catalog, const char *key, struct package **out,
			struct cenv_err *err)
{
	const struct cenv_given *given;
	const struct cenv_record *record =
		catalog->installed ? cenv_records_find(catalog->installed, key) : NULL;
	const struct cenv_record *restored =
		catalog->restored ? cenv_records_find(catalog->restored, key) : NULL;
	const struct cenv_recipe *recipe = NULL;
	struct package *pkg;
	size_t sorted = 0;

	if (find_given(catalog, key, &given, err) < 0 ||
	    cenv_index_outline(catalog->index, key, &recipe, err) < 0)
		return -1;
	pkg = cenv_xcalloc(1, sizeof(*pkg));
	if (given) {
		add_given(pkg, given, recipe);
		pkg->origin = given->url ? given->url : given->dir;
		pkg->chosen_by = given->req;
		if (record && find_version(pkg, record->version) && record->by_url)
			pkg->sources[0].record = record;
	} else {
		if (recipe) {
			add_recipe(pkg, recipe);
			sorted = pkg->n; /* as recipes come */
			pkg->origin = cenv_index_origin(catalog->index, key);
		}
		add_links(pkg, key, &catalog->links);
		if (record)
			add_installed(pkg, record);
		if (restored)
			add_installed(pkg, restored);
		if (catalog->demands)
			keep_hashed(pkg, cenv_demands_find(catalog->demands, key));
	}
	sort_candidates(pkg, sorted);
	mark_preferred(catalog, pkg, key);
	cenv_map_put(&catalog->packages, key, pkg);
	*out = pkg;
	return 0;
}

/* Over HTTP: have at hand what is asked for, and what will be asked for because of it. */
static int fetch_ahead(struct cenv_catalog *catalog, const char *const *keys, size_t n,
		       struct cenv_err *err)
{
	const struct cenv_resolve_request *request = catalog->request;
	size_t known = 0;
	int ret;

	if (!request || !cenv_index_is_remote(catalog->index))
		return 0;
	while (known < n && cenv_map_has(&catalog->packages, keys[known]))
		known++;
	if (known == n)
		return 0;
	catalog->request = NULL; /* it asks here in turn */
	ret = cenv_look_ahead(catalog, request, keys, n, err);
	catalog->request = request;
	return ret;
}

static int provide_packages(void *payload, const char *const *keys, size_t n,
			    struct cenv_package_info *infos, struct cenv_err *err)
{
	struct cenv_catalog *catalog = payload;

	if (fetch_ahead(catalog, keys, n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct package *pkg = cenv_map_get(&catalog->packages, keys[i]);

		if (!pkg && load_package(catalog, keys[i], &pkg, err) < 0)
			return -1;
		infos[i] = (struct cenv_package_info){
			.name = pkg->name ? pkg->name : keys[i],
			.source = pkg->origin,
			.chosen_by = pkg->chosen_by,
			.candidates = pkg->candidates,
			.ncandidates = pkg->n,
			.features = pkg->features,
			.nfeatures = pkg->nfeatures,
		};
	}
	return 0;
}

/* ---- dependencies ---- */

static bool applies(const struct cenv_catalog *catalog, const struct cenv_requirement *req)
{
	return !req->marker || cenv_marker_eval(req->marker, &catalog->marker_env);
}

static size_t add_deps(const struct cenv_catalog *catalog, struct cenv_dep *deps, size_t n,
		       const struct cenv_requirement *reqs, size_t nreqs, const char *feature)
{
	for (size_t i = 0; i < nreqs; i++)
		if (applies(catalog, &reqs[i]))
			deps[n++] = (struct cenv_dep){.req = &reqs[i], .feature = feature};
	return n;
}

static void deps_from_recipe(const struct cenv_catalog *catalog, struct cenv_source *source)
{
	const struct cenv_recipe_version *rv = source->rv;
	size_t max, nfeatures = source->recipe->nfeatures, n;

	cenv_recipe_read_version(source->recipe, rv);
	max = rv->nrequires;
	for (size_t i = 0; i < nfeatures; i++)
		max += rv->features[i].nrequires;
	source->deps = cenv_xcalloc(max, sizeof(*source->deps));
	n = add_deps(catalog, source->deps, 0, rv->requires, rv->nrequires, NULL);
	for (size_t i = 0; i < nfeatures; i++)
		n = add_deps(catalog, source->deps, n, rv->features[i].requires,
			     rv->features[i].nrequires, rv->features[i].name);
	source->ndeps = n;
}

/* Only the record knows it: what it needed when it was installed. */
static int deps_from_record(struct cenv_source *source, struct cenv_err *err)
{
	const struct cenv_strv *lines = &source->record->requires;

	source->own_requires = cenv_xcalloc(lines->n, sizeof(*source->own_requires));
	source->deps = cenv_xcalloc(lines->n, sizeof(*source->deps));
	for (size_t i = 0; i < lines->n; i++) {
		struct cenv_requirement *req = &source->own_requires[i];

		if (cenv_requirement_parse(req, lines->v[i], NULL, NULL, err) < 0)
			return cenv_err_wrap(err, "record of '%s'", source->record->name);
		source->nown++;
		source->deps[source->ndeps++] = (struct cenv_dep){.req = req};
	}
	return 0;
}

static int provide_dependencies(void *payload, const char *key,
				const struct cenv_candidate *candidate,
				const struct cenv_dep **out, size_t *n, struct cenv_err *err)
{
	struct cenv_catalog *catalog = payload;
	struct cenv_source *source = candidate->payload;

	(void)key;
	if (!source->has_deps) {
		if (source->rv)
			deps_from_recipe(catalog, source);
		else if (source->record && deps_from_record(source, err) < 0)
			return -1;
		source->has_deps = true;
	}
	*out = source->deps;
	*n = source->ndeps;
	return 0;
}

static size_t provide_suggestions(void *payload, const char *key, const char **out, size_t want)
{
	struct cenv_catalog *catalog = payload;
	struct cenv_err ignored = CENV_ERR_INIT;
	const struct cenv_strv *names;

	if (cenv_index_names(catalog->index, &names, &ignored) < 0) {
		cenv_err_release(&ignored);
		return 0;
	}
	return cenv_suggest(key, (const char *const *)names->v, names->n, out, want);
}

/* ---- other arrangements of the indexes ---- */

static bool provide_elsewhere(void *payload, size_t nth, struct cenv_provider *out,
			      struct cenv_elsewhere *where)
{
	struct cenv_catalog *catalog = payload, *other;
	struct cenv_index *index = cenv_index_rearrange(catalog->index, nth, &where->index);

	if (!index)
		return false;
	other = cenv_xcalloc(1, sizeof(*other));
	*other = *catalog; /* all but what follows is shared */
	other->index = index;
	other->packages = (struct cenv_map){0};
	other->others = NULL;
	other->nothers = 0;
	catalog->others = cenv_xreallocarray(catalog->others, catalog->nothers + 1,
					     sizeof(*catalog->others));
	catalog->others[catalog->nothers++] = other;
	*out = cenv_catalog_provider(other);
	out->elsewhere = NULL;
	return true;
}

static int provide_check(void *payload, struct cenv_err *err)
{
	(void)payload;
	return cenv_interrupt_check(err);
}

struct cenv_provider cenv_catalog_provider(struct cenv_catalog *catalog)
{
	return (struct cenv_provider){
		.packages = provide_packages,
		.dependencies = provide_dependencies,
		.check = provide_check,
		.suggest = provide_suggestions,
		.elsewhere = provide_elsewhere,
		.payload = catalog,
	};
}

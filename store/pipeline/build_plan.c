/* SPDX-License-Identifier: MIT */
#include "store/pipeline/build_plan.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/secret.h"
#include "core/version.h"
#include "store/pipeline/given.h"
#include "store/pipeline/satisfied.h"

/* ---- what stays ---- */

/* Is what is installed made of the source that is wanted now? */
static bool same_source(const struct cenv_build_plan_item *item)
{
	const struct cenv_record *have = item->installed;
	const struct cenv_given *given = item->source->given;

	if (given && given->dir)
		return have->tree_hash && given->tree_hash && !strcmp(have->tree_hash, given->tree_hash);
	if (item->hashes.n || item->tree_hashes.n)
		return cenv_record_has_hash(have, &item->hashes, &item->tree_hashes);
	if (item->source_sha256)
		return have->sha256 && !strcmp(have->sha256, item->source_sha256);
	return true;
}

static bool deps_stay(const struct cenv_build_plan *plan, const struct cenv_build_plan_item *item)
{
	for (size_t i = 0; i < item->pkg->ndeps; i++) {
		const struct cenv_build_plan_item *dep = &plan->items[item->pkg->deps[i]];

		if (dep < item && !dep->keep)
			return false;
	}
	return true;
}

/* Naming a package again does not undo the options it was built with, a pin says all. */
static bool same_options(const struct cenv_build_plan_item *item)
{
	if (!item->demand || !item->demand->says_options)
		return true;
	return cenv_strv_equal(&item->installed->options, &item->options);
}

static bool stays(const struct cenv_build_plan *plan, const struct cenv_build_plan_item *item)
{
	const struct cenv_record *have = item->installed;

	return have && cenv_version_cmp(have->version, item->pkg->candidate->version) == 0 &&
	       cenv_strv_equal(&have->features, &item->pkg->features) &&
	       same_options(item) && same_source(item) && deps_stay(plan, item);
}

/* ---- gathering ---- */

static void find_root(struct cenv_build_plan_item *item, const struct cenv_requirement *const *roots,
		      size_t nroots)
{
	for (size_t i = 0; i < nroots && !item->root; i++)
		if (roots[i]->key && !strcmp(roots[i]->key, item->pkg->key))
			item->root = roots[i];
}

static void gather_demand(struct cenv_build_plan_item *item)
{
	if (item->demand) {
		cenv_strv_add_all(&item->hashes, &item->demand->hashes);
		cenv_strv_add_all(&item->tree_hashes, &item->demand->tree_hashes);
		cenv_strv_add_all(&item->options, &item->demand->options);
	}
	/* a rebuild for another reason keeps the options it was asked for with */
	if (!item->root && item->installed && !(item->demand && item->demand->says_options))
		cenv_strv_add_all(&item->options, &item->installed->options);
}

static void gather_options(struct cenv_build_plan_item *item)
{
	const struct cenv_source *source = item->source;

	if (source->rv)
		cenv_strv_add_all(&item->section_options, &source->rv->build->options);
	for (size_t i = 0; source->rv && i < source->recipe->nfeatures; i++) {
		const struct cenv_feature *f = &source->rv->features[i];
		bool on = cenv_strv_has(&item->pkg->features, f->name);

		cenv_strv_add_all(&item->section_options, on ? &f->enable : &f->disable);
		if (f->is_default && !on)
			cenv_strv_add(&item->features_off, f->name);
	}
	cenv_strv_add_all(&item->section_options, &item->options);
}

static void choose_source(struct cenv_build_plan_item *item)
{
	const struct cenv_source *source = item->source;
	const char *sha256 = NULL;

	if (source->given)
		sha256 = source->given->sha256;
	else if (!source->archive && source->rv)
		sha256 = source->rv->sha256;
	/* when the user's hash is another, what fits it is known once it is fetched; and so it is
	 * when only the tree is pinned */
	if (sha256 && (item->hashes.n ? cenv_strv_has(&item->hashes, sha256) : !item->tree_hashes.n))
		item->source_sha256 = cenv_xstrdup(sha256);
	if (item->source_sha256 && item->tree_hashes.n == 1)
		item->tree_hash = cenv_xstrdup(item->tree_hashes.v[0]);
}

/* ---- checking ---- */

/* The version of the recipe whose archive one of the user's hashes is, or NULL. */
static const struct cenv_recipe_version *version_of_hash(const struct cenv_build_plan_item *item)
{
	const struct cenv_recipe *recipe = item->source->recipe;

	for (size_t i = 0; i < recipe->nversions; i++) {
		const struct cenv_recipe_version *rv = &recipe->versions[i];

		cenv_recipe_read_version(recipe, rv);
		if (rv->sha256 && cenv_strv_has(&item->hashes, rv->sha256))
			return rv;
	}
	return NULL;
}

/* A hash that no version has may be that of an archive which has changed since; but that of
 * another version would install it under a false name. */
int cenv_build_plan_check(const struct cenv_build_plan *plan, struct cenv_err *err)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct cenv_build_plan_item *item = &plan->items[i];
		const struct cenv_source *source = item->source;
		const struct cenv_recipe_version *other;

		if (!item->hashes.n || source->given || source->archive || !source->rv ||
		    cenv_strv_has(&item->hashes, source->rv->sha256))
			continue;
		other = version_of_hash(item);
		if (!other)
			continue;
		cenv_err_set(err, CENV_E_INTEGRITY, "the --hash of '%s' is that of %s, not of %s",
			     item->pkg->key, other->version, source->rv->version);
		for (size_t j = 0; j < item->demand->n; j++)
			cenv_demand_detail(item->demand->reqs[j], err);
		cenv_err_hint(err, "%s has --hash=sha256:%s", source->rv->version,
			      source->rv->sha256);
		return -1;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct cenv_build_plan_item *const *x = a, *const *y = b;

	return strcmp((*x)->pkg->key, (*y)->pkg->key);
}

/*
 * Dependencies come before their users, so each closure is the union of finished ones.
 * @param sorted all items by name.
 */
static void gather_closure(struct cenv_build_plan *plan, size_t index,
			   const struct cenv_build_plan_item *const *sorted)
{
	struct cenv_build_plan_item *item = &plan->items[index];
	bool *seen = cenv_xcalloc(plan->n, sizeof(*seen));

	for (size_t i = 0; i < item->pkg->ndeps; i++) {
		size_t dep = item->pkg->deps[i];

		if (dep >= index)
			continue; /* a cycle, broken here */
		seen[dep] = true;
		for (size_t j = 0; j < plan->items[dep].nclosure; j++)
			seen[plan->items[dep].closure[j]] = true;
	}
	item->closure = cenv_xcalloc(index, sizeof(*item->closure));
	for (size_t i = 0; i < plan->n; i++)
		if (seen[sorted[i] - plan->items])
			item->closure[item->nclosure++] = (size_t)(sorted[i] - plan->items);
	free(seen);
}

void cenv_build_plan_close(struct cenv_build_plan *plan)
{
	const struct cenv_build_plan_item **sorted = cenv_xcalloc(plan->n, sizeof(*sorted));

	for (size_t i = 0; i < plan->n; i++)
		sorted[i] = &plan->items[i];
	qsort(sorted, plan->n, sizeof(*sorted), by_name);
	for (size_t i = 0; i < plan->n; i++)
		gather_closure(plan, i, sorted);
	free(sorted);
}

void cenv_build_plan_make(struct cenv_build_plan *plan, struct cenv_resolution *resolution,
		    const struct cenv_requirement *const *roots, size_t nroots,
		    const struct cenv_demands *demands, const struct cenv_records *installed)
{
	*plan = (struct cenv_build_plan){.n = resolution->n, .resolution = resolution};
	plan->items = cenv_xcalloc(plan->n, sizeof(*plan->items));
	for (size_t i = 0; i < plan->n; i++) {
		struct cenv_build_plan_item *item = &plan->items[i];

		item->pkg = &resolution->packages[i];
		item->source = cenv_candidate_source(item->pkg->candidate);
		if (item->source->rv)
			cenv_recipe_read_version(item->source->recipe, item->source->rv);
		item->installed = cenv_records_find(installed, item->pkg->key);
		item->demand = cenv_demands_find(demands, item->pkg->key);
		find_root(item, roots, nroots);
		gather_demand(item);
		item->is_direct = item->root || (item->installed && item->installed->direct);
		gather_options(item);
		choose_source(item);
		item->keep = stays(plan, item);
		if (item->keep)
			memcpy(item->key, item->installed->object, sizeof(item->key));
	}
}

/* ---- requests and records ---- */

void cenv_build_plan_request(const struct cenv_build_plan *plan, size_t index,
		       const struct cenv_install_options *options, const struct cenv_store *store,
		       const struct cenv_toolchain *toolchain, const struct cenv_object **deps,
		       struct cenv_build_request *out)
{
	const struct cenv_build_plan_item *item = &plan->items[index];
	const struct cenv_source *source = item->source;

	for (size_t i = 0; i < item->nclosure; i++)
		deps[i] = plan->items[item->closure[i]].object;
	*out = (struct cenv_build_request){
		.store = store,
		.toolchain = toolchain,
		.name = item->pkg->key,
		.version = item->pkg->candidate->version,
		.source_sha256 = item->source_sha256,
		.source_label = item->from ? item->from : item->pkg->key,
		.source_dir = source->given ? source->given->dir : NULL,
		.source_dir_hash = source->given ? source->given->tree_hash : NULL,
		.features = &item->pkg->features,
		.pkgconfig = source->recipe ? &source->recipe->pkgconfig : NULL,
		.deps = deps,
		.ndeps = item->nclosure,
		.sandbox = options->sandbox,
		.isolation = item->isolation,
		.jobs = options->jobs,
		.timeout_s = options->build_timeout_s,
		.log_max = options->build_log_max,
		.limits = &options->limits,
		.keep = options->keep_build,
		.events = options->events,
	};
	if (source->rv)
		out->section = *source->rv->build;
	out->section.options = item->section_options;
}

static void add_requires(struct cenv_strv *out, const struct cenv_requirement *reqs, size_t n,
			 const struct cenv_marker_env *marker_env)
{
	for (size_t i = 0; i < n; i++) {
		struct cenv_buf line = CENV_BUF_INIT;
		struct cenv_requirement plain;

		if (reqs[i].marker && !cenv_marker_eval(reqs[i].marker, marker_env))
			continue;
		/* the marker held when it was installed; what is recorded is what that left */
		plain = reqs[i];
		plain.marker = NULL;
		plain.marker_text = NULL;
		cenv_requirement_format(&plain, &line);
		cenv_strv_take(out, cenv_buf_detach(&line));
	}
}

static void record_requires(struct cenv_record *out, const struct cenv_build_plan_item *item,
			    const struct cenv_catalog *catalog)
{
	const struct cenv_recipe_version *rv = item->source->rv;

	if (!rv) {
		if (item->source->record)
			cenv_strv_add_all(&out->requires, &item->source->record->requires);
		return;
	}
	add_requires(&out->requires, rv->requires, rv->nrequires, &catalog->marker_env);
	for (size_t i = 0; i < item->source->recipe->nfeatures; i++)
		if (cenv_strv_has(&item->pkg->features, rv->features[i].name))
			add_requires(&out->requires, rv->features[i].requires,
				     rv->features[i].nrequires, &catalog->marker_env);
	cenv_strv_sort_unique(&out->requires);
}

char *cenv_build_plan_url(const struct cenv_build_plan_item *item)
{
	const struct cenv_source *source = item->source;

	if (source->given)
		return cenv_given_location(source->given->req);
	if (source->archive)
		return cenv_url_redact(source->archive);
	return source->rv && source->rv->urls.n ? cenv_url_redact(source->rv->urls.v[0]) : NULL;
}

void cenv_build_plan_record(const struct cenv_build_plan *plan, size_t index, const struct cenv_catalog *catalog,
		      struct cenv_record *out)
{
	const struct cenv_build_plan_item *item = &plan->items[index];
	const struct cenv_source *source = item->source;
	const char *name = source->given ? source->given->recipe->name
			   : source->recipe ? source->recipe->name : item->pkg->key;

	*out = (struct cenv_record){
		.name = cenv_xstrdup(name),
		.key = cenv_xstrdup(item->pkg->key),
		.version = cenv_xstrdup(item->pkg->candidate->version),
		.summary = source->recipe ? cenv_xstrdup(source->recipe->summary) : NULL,
		.license = source->recipe ? cenv_xstrdup(source->recipe->license) : NULL,
		.url = cenv_build_plan_url(item),
		.by_url = source->given != NULL,
		.editable = source->given && source->given->req->editable,
		.sha256 = cenv_xstrdup(item->source_sha256),
		.tree_hash = cenv_xstrdup(source->given && source->given->dir
						  ? source->given->tree_hash : item->tree_hash),
		.direct = item->is_direct,
		.object = cenv_xstrdup(item->key),
		.system = item->object ? cenv_xstrdup(item->object->system) : NULL,
		.index = source->given ? NULL
				       : cenv_xstrdup(cenv_index_origin(catalog->index, item->pkg->key)),
	};
	cenv_strv_add_all(&out->features, &item->pkg->features);
	cenv_strv_add_all(&out->features_off, &item->features_off);
	cenv_strv_sort(&out->features_off);
	cenv_strv_add_all(&out->options, &item->options);
	record_requires(out, item, catalog);
	for (size_t i = 0; i < item->pkg->ndeps; i++)
		cenv_strv_add(&out->deps, plan->items[item->pkg->deps[i]].pkg->key);
	cenv_strv_sort_unique(&out->deps);
}

void cenv_build_plan_release(struct cenv_build_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		struct cenv_build_plan_item *item = &plan->items[i];

		free(item->source_sha256);
		free(item->tree_hash);
		free(item->from);
		free(item->closure);
		cenv_strv_release(&item->hashes);
		cenv_strv_release(&item->tree_hashes);
		cenv_strv_release(&item->options);
		cenv_strv_release(&item->section_options);
		cenv_strv_release(&item->features_off);
		cenv_object_free(item->object);
	}
	free(plan->items);
	cenv_resolution_free(plan->resolution);
	*plan = (struct cenv_build_plan){0};
}

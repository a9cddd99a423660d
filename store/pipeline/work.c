/* SPDX-License-Identifier: MIT */
#include "store/pipeline/work.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/pipeline/given.h"

/* Of recipes, and of the search: for hundreds of packages. */
enum { EXPECTED_BYTES = 16 << 20 };

double cenv_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void cenv_work_release(struct cenv_work *work)
{
	cenv_build_plan_release(&work->plan);
	cenv_catalog_release(&work->catalog);
	cenv_index_free(work->catalog.index);
	if (work->has_toolchain)
		cenv_toolchain_release(&work->toolchain);
	if (work->store.path)
		cenv_store_release(&work->store);
	cenv_records_release(&work->installed);
	cenv_strv_release(&work->mirrors);
	for (size_t i = 0; i < work->nown; i++)
		cenv_requirement_release(&work->own[i]);
	free(work->own);
	free(work->roots);
	free(work->constraints);
	cenv_demands_release(&work->demands);
}

/* ---- opening what is needed ---- */

struct cenv_fetch_options cenv_work_fetch_options(const struct cenv_work *work)
{
	return (struct cenv_fetch_options){
		.mirrors = &work->mirrors,
		.offline = work->options->offline,
		.limits = &work->options->limits,
		.events = work->options->events,
	};
}

static int open_world(struct cenv_work *work, struct cenv_err *err)
{
	const struct cenv_requirements *wanted = work->options->wanted;
	struct cenv_index_options index = {
		.locations = &wanted->indexes,
		.no_default = wanted->no_default_index,
		.offline = work->options->offline,
	};
	char *path = cenv_store_default_path(err);
	struct cenv_fetch_options fetch;
	int ret;

	if (!path)
		return -1;
	ret = cenv_store_open(&work->store, path, err);
	free(path);
	if (ret < 0 || cenv_toolchain_probe(&work->toolchain, &work->store,
					    work->compiler, err) < 0)
		return -1;
	work->has_toolchain = true;
	if (cenv_index_open(&work->catalog.index, &index, &work->store, err) < 0)
		return -1;
	work->catalog.installed = &work->installed;
	work->catalog.restored = work->options->restore;
	cenv_strv_add_all(&work->mirrors, &wanted->mirrors);
	cenv_strv_add_all(&work->mirrors, &wanted->find_links);
	cenv_toolchain_marker_env(&work->toolchain, &work->catalog.marker_env);
	fetch = cenv_work_fetch_options(work);
	return cenv_links_gather(&work->catalog.links, &wanted->find_links, &fetch, err);
}

/* ---- roots ---- */

static int load_given(struct cenv_work *work, const struct cenv_requirement *req,
		      struct cenv_given **out, struct cenv_err *err)
{
	struct cenv_fetch_options fetch = cenv_work_fetch_options(work);

	return (work->no_download ? cenv_given_guess : cenv_given_load)(out, req, &work->store, &fetch,
									err);
}

/* A package comes from one place. */
static int check_place(const struct cenv_requirement *before, const struct cenv_requirement *req,
		       const char *name, struct cenv_err *err)
{
	char *one = cenv_given_location(before), *other = cenv_given_location(req);
	bool same = !strcmp(one, other);

	free(one);
	free(other);
	if (same)
		return 0;
	cenv_err_set(err, CENV_E_UNSAT, "'%s' is asked for from two places", name);
	cenv_demand_detail(before, err);
	cenv_demand_detail(req, err);
	cenv_err_hint(err, "keep one of these lines");
	return -1;
}

/* A requirement by URL becomes one by name, and the catalog learns where that name is from. */
static int add_given_root(struct cenv_work *work, const struct cenv_requirement *req, struct cenv_err *err)
{
	struct cenv_requirement *root = &work->own[work->nown];
	const struct cenv_given *before;
	struct cenv_given *given;

	if (load_given(work, req, &given, err) < 0)
		return -1;
	cenv_requirement_copy(root, req);
	work->nown++;
	root->kind = CENV_REQ_NAME;
	free(root->name);
	free(root->key);
	root->name = cenv_xstrdup(given->recipe->name);
	root->key = cenv_xstrdup(given->recipe->key);
	work->roots[work->nroots++] = root;
	before = cenv_map_get(&work->catalog.given, root->key);
	if (!before) {
		cenv_catalog_give(&work->catalog, root->key, given);
		return 0;
	}
	cenv_given_free(given);
	return check_place(before->req, req, root->name, err);
}

static bool is_wanted(const struct cenv_work *work, const char *key)
{
	for (size_t i = 0; i < work->nwanted; i++)
		if (!strcmp(work->roots[i]->key, key))
			return true;
	return false;
}

static void keep_features(struct cenv_requirement *root, const struct cenv_record *record)
{
	cenv_strv_add_all(&root->features_on, &record->features);
	cenv_strv_add_all(&root->features_off, &record->features_off);
}

/* Naming a package again without features does not undo those it was asked for with. */
static void add_named_root(struct cenv_work *work, const struct cenv_requirement *req)
{
	const struct cenv_record *record = cenv_records_find(&work->installed, req->key);
	struct cenv_requirement *root = &work->own[work->nown];

	if (work->options->exact || !record || !record->direct || req->features_on.n ||
	    req->features_off.n) {
		work->roots[work->nroots++] = req;
		return;
	}
	cenv_requirement_copy(root, req);
	keep_features(root, record);
	work->nown++;
	work->roots[work->nroots++] = root;
}

/* What the user asked for earlier stays asked for, so that a new package can't break it. */
static void keep_direct(struct cenv_work *work)
{
	for (size_t i = 0; i < work->installed.n; i++) {
		const struct cenv_record *r = &work->installed.v[i];
		struct cenv_requirement *root = &work->own[work->nown];

		if (!r->direct || is_wanted(work, r->key))
			continue;
		root->name = cenv_xstrdup(r->name);
		root->key = cenv_xstrdup(r->key);
		root->text = cenv_xstrdup(r->name);
		root->origin.file = cenv_xstrdup(CENV_ORIGIN_INSTALLED);
		keep_features(root, r);
		work->nown++;
		work->roots[work->nroots++] = root;
	}
}

static int gather_roots(struct cenv_work *work, struct cenv_err *err)
{
	const struct cenv_requirements *wanted = work->options->wanted;

	work->roots = cenv_xcalloc(wanted->n + work->installed.n, sizeof(*work->roots));
	work->own = cenv_xcalloc(wanted->n + work->installed.n, sizeof(*work->own));
	for (size_t i = 0; i < wanted->n; i++) {
		const struct cenv_requirement *req = &wanted->reqs[i];

		if (req->marker && !cenv_marker_eval(req->marker, &work->catalog.marker_env))
			continue;
		if (req->kind == CENV_REQ_NAME)
			add_named_root(work, req);
		else if (add_given_root(work, req, err) < 0)
			return -1;
	}
	work->nwanted = work->nroots;
	if (!work->options->exact)
		keep_direct(work);
	return 0;
}

static void gather_constraints(struct cenv_work *work)
{
	const struct cenv_requirements *wanted = work->options->wanted;

	work->constraints = cenv_xcalloc(wanted->nconstraints, sizeof(*work->constraints));
	for (size_t i = 0; i < wanted->nconstraints; i++) {
		const struct cenv_requirement *c = &wanted->constraints[i];

		if (!c->marker || cenv_marker_eval(c->marker, &work->catalog.marker_env))
			work->constraints[work->nconstraints++] = c;
	}
}

/* The catalog asks for a package that a constraint has a place for. */
static int locate(void *payload, const struct cenv_requirement *constraint, struct cenv_given **out,
		  struct cenv_err *err)
{
	return load_given(payload, constraint, out, err);
}

static int gather_demands(struct cenv_work *work, struct cenv_err *err)
{
	for (size_t i = 0; i < work->nwanted; i++)
		cenv_demands_add(&work->demands, work->roots[i], false);
	for (size_t i = 0; i < work->nconstraints; i++) {
		const struct cenv_requirement *c = work->constraints[i];
		const struct cenv_given *given = cenv_map_get(&work->catalog.given, c->key);
		const struct cenv_demand *demand = cenv_demands_find(&work->demands, c->key);
		const struct cenv_requirement *before =
			given ? given->req : demand ? demand->place : NULL;

		if (before && c->location && check_place(before, c, c->name, err) < 0)
			return -1;
		cenv_demands_add(&work->demands, c, true);
	}
	work->catalog.demands = &work->demands;
	work->catalog.locate = locate;
	work->catalog.locate_payload = work;
	return cenv_demands_check(&work->demands, err);
}

/* ---- resolving ---- */

/* A misspelt name after -P would otherwise do nothing, and nobody would know. */
static void tell_idle_upgrades(const struct cenv_install_options *o,
			       const struct cenv_resolution *resolution)
{
	for (size_t i = 0; i < o->upgrade.n; i++) {
		char *text;
		bool used = false;

		for (size_t j = 0; j < resolution->n && !used; j++)
			used = cenv_glob_match(o->upgrade.v[i], resolution->packages[j].key);
		if (used)
			continue;
		text = cenv_strf("'%s' is not upgraded: nothing needs a package of that name",
				 o->upgrade.v[i]);
		cenv_emit(o->events, &(struct cenv_event){.kind = CENV_EV_WARNING, .text = text});
		free(text);
	}
}

static int resolve(struct cenv_work *work, struct cenv_err *err)
{
	const struct cenv_install_options *o = work->options;
	const struct cenv_requirements *wanted = o->wanted;
	struct cenv_provider provider = cenv_catalog_provider(&work->catalog);
	struct cenv_resolve_request request = {
		.roots = work->roots,
		.nroots = work->nroots,
		.constraints = work->constraints,
		.nconstraints = work->nconstraints,
		.overrides = o->overrides,
		.noverrides = o->noverrides,
		.mode = o->mode,
		.pre = wanted->pre,
		.upgrade_all = o->upgrade_all,
		.upgrade = &o->upgrade,
		.exclude_newer = o->exclude_newer,
		.no_deps = o->no_deps,
	};
	struct cenv_resolution *resolution = NULL;
	double start = cenv_now();
	int ret;

	work->catalog.request = &request;
	ret = cenv_resolve(&resolution, &request, &provider, err);
	work->catalog.request = NULL;
	cenv_index_rest(work->catalog.index); /* a long build may follow */
	if (ret < 0)
		return -1;
	cenv_emit(o->events, &(struct cenv_event){.kind = CENV_EV_RESOLVED,
						  .count = resolution->n,
						  .seconds = cenv_now() - start});
	tell_idle_upgrades(o, resolution);
	cenv_build_plan_make(&work->plan, resolution, work->roots, work->nwanted, &work->demands,
			     &work->installed);
	return cenv_build_plan_check(&work->plan, err);
}

int cenv_work_plan(struct cenv_work *work, struct cenv_err *err)
{
	cenv_mem_expect(EXPECTED_BYTES);
	if (open_world(work, err) < 0 || gather_roots(work, err) < 0)
		return -1;
	gather_constraints(work);
	if (gather_demands(work, err) < 0)
		return -1;
	return resolve(work, err);
}

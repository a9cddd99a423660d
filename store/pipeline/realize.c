/* SPDX-License-Identifier: MIT */
#include "store/pipeline/realize.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "store/build/schedule.h"
#include "store/fs/fs.h"
#include "store/unpack/unpack.h"

/* ---- sources ---- */

static bool is_folder(const struct cenv_build_plan_item *item)
{
	return item->source->given && item->source->given->dir;
}

/* What a fetch is told, kept as long as it runs. */
struct order {
	struct cenv_strv urls, hashes, trees;
};

/* The hashes by which the source may be known already, or found. */
static void order_hashes(const struct cenv_build_plan_item *item, struct order *order)
{
	const struct cenv_source *source = item->source;

	if (item->source_sha256)
		cenv_strv_add(&order->hashes, item->source_sha256);
	else
		cenv_strv_add_all(&order->hashes, &item->hashes);
	/* where the tree decides, the hash that came first, or that the recipe has, is as good:
	 * check_tree() looks whether it is */
	if (item->tree_hashes.n && source->given)
		cenv_strv_add(&order->hashes, source->given->sha256);
	else if (item->tree_hashes.n && !item->hashes.n && source->rv && source->rv->sha256)
		cenv_strv_add(&order->hashes, source->rv->sha256);
	cenv_strv_sort_unique(&order->hashes);
	cenv_strv_add_all(&order->trees, &item->tree_hashes);
	/* a recipe's own tree makes up for its own hash, not for one that the user gave */
	if (!item->hashes.n && !item->tree_hashes.n && !source->given && source->rv &&
	    source->rv->tree_hash)
		cenv_strv_add(&order->trees, source->rv->tree_hash);
}

static void fill_order(const struct cenv_build_plan_item *item, struct order *order,
		       struct cenv_fetch_item *out)
{
	const struct cenv_source *source = item->source;

	if (source->archive)
		cenv_strv_add(&order->urls, source->archive);
	else if (source->given)
		cenv_strv_add(&order->urls, source->given->req->location);
	else if (source->rv)
		cenv_strv_add_all(&order->urls, &source->rv->urls);
	order_hashes(item, order);
	*out = (struct cenv_fetch_item){
		.name = item->pkg->key,
		.version = item->pkg->candidate->version,
		.urls = &order->urls,
		.sha256 = &order->hashes,
		.tree_hashes = &order->trees,
	};
}

static void order_release(struct order *order)
{
	cenv_strv_release(&order->urls);
	cenv_strv_release(&order->hashes);
	cenv_strv_release(&order->trees);
}

/* The tree must fit, too, where the user pins it. */
static int check_tree(struct cenv_build_plan_item *item, const struct cenv_store *store,
		      const struct cenv_unpack_limits *limits, struct cenv_err *err)
{
	char *path, hash[CENV_SHA256_HEX];
	int ret;

	if (!item->tree_hashes.n)
		return 0;
	path = cenv_source_path(item->source_sha256);
	ret = cenv_tree_hash_file(store->fd, path, item->from ? item->from : item->pkg->key, limits, hash,
				  err);
	free(path);
	if (ret == 0 && !cenv_strv_has(&item->tree_hashes, hash)) {
		ret = cenv_err_set(err, CENV_E_INTEGRITY,
				   "the unpacked tree of '%s %s' is not the one that was asked for",
				   item->pkg->key, item->pkg->candidate->version);
		for (size_t i = 0; i < item->tree_hashes.n; i++)
			cenv_err_detail(err, "  expected  %s", item->tree_hashes.v[i]);
		cenv_err_detail(err, "  actual    %s", hash);
	}
	if (ret < 0)
		return cenv_source_blame(store, item->source_sha256, err);
	free(item->tree_hash);
	item->tree_hash = cenv_xstrdup(hash);
	return 0;
}

/* @return 1 when the source is another than the one that was expected */
static int take_source(struct cenv_build_plan_item *item, struct cenv_fetch_item *got,
		       const struct cenv_store *store, const struct cenv_unpack_limits *limits,
		       struct cenv_err *err)
{
	const struct cenv_recipe_version *rv = item->source->rv;
	bool changed = !item->source_sha256 || strcmp(item->source_sha256, got->got_sha256) != 0;

	free(item->source_sha256);
	item->source_sha256 = cenv_xstrdup(got->got_sha256);
	free(item->from);
	item->from = got->got_from ? got->got_from : cenv_build_plan_url(item);
	if (changed && !item->source->given && !item->hashes.n && !item->tree_hash && rv)
		item->tree_hash = cenv_xstrdup(rv->tree_hash);
	return check_tree(item, store, limits, err) < 0 ? -1 : changed;
}

/* A package that only its record knows can't be built: its recipe is gone. */
static int refuse_unknown(const struct cenv_build_plan_item *item, struct cenv_err *err)
{
	if (item->source->rv || item->source->given || item->source->archive)
		return 0;
	cenv_err_set(err, CENV_E_NOTFOUND,
		     "'%s %s' must be built again, but no index has that version any more",
		     item->pkg->key, item->pkg->candidate->version);
	cenv_err_hint(err, "run 'cenv install -P %s %s' to move to a version that exists",
		      item->pkg->key, item->pkg->key);
	return -1;
}

typedef bool (*selector)(const struct cenv_build_plan_item *item);

static bool source_is_unknown(const struct cenv_build_plan_item *item)
{
	return !item->keep && !item->fixed && !item->source_sha256 && !is_folder(item);
}

static bool object_is_missing(const struct cenv_build_plan_item *item)
{
	return !item->keep && !item->object && !is_folder(item);
}

static int fetch_selected(struct cenv_build_plan *plan, const struct cenv_store *store,
			  const struct cenv_fetch_options *fetch, selector select, bool *changed,
			  struct cenv_err *err)
{
	struct cenv_fetch_item *items = cenv_xcalloc(plan->n, sizeof(*items));
	struct order *orders = cenv_xcalloc(plan->n, sizeof(*orders));
	size_t *index = cenv_xcalloc(plan->n, sizeof(*index)), n = 0;
	int ret = 0;

	for (size_t i = 0; i < plan->n && ret == 0; i++) {
		if (!select(&plan->items[i]))
			continue;
		ret = refuse_unknown(&plan->items[i], err);
		fill_order(&plan->items[i], &orders[n], &items[n]);
		index[n++] = i;
	}
	if (ret == 0 && n)
		ret = cenv_fetch(store, items, n, fetch, err);
	for (size_t i = 0; i < n; i++) {
		if (ret >= 0)
			ret = take_source(&plan->items[index[i]], &items[i], store, fetch->limits,
					  err);
		else
			free(items[i].got_from);
		*changed = *changed || ret > 0;
		order_release(&orders[i]);
	}
	free(items);
	free(orders);
	free(index);
	return ret < 0 ? -1 : 0;
}

/* ---- keys ---- */

/* A key depends on the keys of the dependencies, not on their files: before they are built,
 * objects that hold nothing but name and key stand for them. */
static int fill_key(struct cenv_build_plan *plan, size_t index, const struct cenv_install_options *options,
		    const struct cenv_store *store, const struct cenv_toolchain *toolchain,
		    struct cenv_err *err)
{
	struct cenv_build_plan_item *item = &plan->items[index];
	struct cenv_object *stubs = cenv_xcalloc(item->nclosure, sizeof(*stubs));
	const struct cenv_object **deps = cenv_xcalloc(item->nclosure, sizeof(*deps));
	struct cenv_build_request request;
	int ret;

	cenv_build_plan_request(plan, index, options, store, toolchain, deps, &request);
	for (size_t i = 0; i < item->nclosure; i++) {
		const struct cenv_build_plan_item *dep = &plan->items[item->closure[i]];

		memcpy(stubs[i].key, dep->key, sizeof(stubs[i].key));
		stubs[i].name = dep->pkg->key;
		stubs[i].version = (char *)(size_t)dep->pkg->candidate->version;
		deps[i] = &stubs[i];
	}
	request.isolation = CENV_ISOLATION_UNDECIDED;
	ret = cenv_build_decide(&request, item->key, err);
	item->isolation = request.isolation;
	free(stubs);
	free(deps);
	return ret;
}

/* What stays is needed as an object only by something new that builds against it. */
static int revive_kept(struct cenv_build_plan *plan, const struct cenv_store *store, bool *changed,
		       struct cenv_err *err)
{
	for (size_t i = plan->n; i-- > 0;) {
		struct cenv_build_plan_item *item = &plan->items[i];

		if (item->keep || item->object)
			continue;
		for (size_t j = 0; j < item->nclosure; j++) {
			struct cenv_build_plan_item *dep = &plan->items[item->closure[j]];

			if (!dep->keep || dep->object)
				continue;
			if (cenv_object_open(&dep->object, store, dep->key, err) < 0)
				return -1;
			dep->keep = dep->object != NULL;
			*changed = *changed || !dep->keep;
		}
	}
	return 0;
}

int cenv_realize_prepare(struct cenv_build_plan *plan, const struct cenv_install_options *options,
			 const struct cenv_store *store, const struct cenv_toolchain *toolchain,
			 const struct cenv_fetch_options *fetch, struct cenv_err *err)
{
	bool changed = false;

	if (fetch_selected(plan, store, fetch, source_is_unknown, &changed, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->n; i++) {
		struct cenv_build_plan_item *item = &plan->items[i];

		if (item->keep || item->fixed)
			continue;
		cenv_object_free(item->object); /* of an earlier round with other keys */
		item->object = NULL;
		if (refuse_unknown(item, err) < 0 ||
		    fill_key(plan, i, options, store, toolchain, err) < 0 ||
		    cenv_object_open(&item->object, store, item->key, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- building ---- */

/* What is to be built, and the plan that it stands in. */
struct builds {
	struct cenv_build_plan *plan;
	const struct cenv_install_options *options;
	const struct cenv_store *store;
	const struct cenv_toolchain *toolchain;
	size_t *items;  /* of the plan, by place in the schedule */
	size_t *places; /* and the other way round; SIZE_MAX: not to be built */
	size_t n;
	const struct cenv_object **deps; /* of the request that was filled last */
};

static int start_build(void *payload, size_t place, struct cenv_build_request *out,
		       struct cenv_err *err)
{
	struct builds *b = payload;

	(void)err;
	cenv_build_plan_request(b->plan, b->items[place], b->options, b->store, b->toolchain, b->deps,
				out);
	return 0;
}

static int take_built(void *payload, size_t place, struct cenv_err *err)
{
	struct builds *b = payload;
	struct cenv_build_plan_item *item = &b->plan->items[b->items[place]];

	if (cenv_object_open(&item->object, b->store, item->key, err) < 0)
		return -1;
	if (item->object)
		return 0;
	return cenv_err_set(err, CENV_E_FAIL, "'%s %s' was built, but the store lost it at once",
			    item->pkg->key, item->pkg->candidate->version);
}

/* Those in its closure that are built, too, and how many wait for it in turn. */
static void fill_needs(const struct builds *b, struct cenv_schedule_item *items, size_t place,
		       size_t *needs)
{
	const struct cenv_build_plan_item *item = &b->plan->items[b->items[place]];

	items[place].needs = needs;
	for (size_t i = 0; i < item->nclosure; i++) {
		size_t other = b->places[item->closure[i]];

		if (other == SIZE_MAX)
			continue;
		needs[items[place].nneeds++] = other;
		items[other].weight++;
	}
}

static int run_builds(struct builds *b, struct cenv_err *err)
{
	struct cenv_schedule_item *items = cenv_xcalloc(b->n, sizeof(*items));
	size_t **needs = cenv_xcalloc(b->n, sizeof(*needs));
	struct cenv_schedule schedule = {
		.items = items,
		.n = b->n,
		.jobs = b->options->jobs,
		.events = b->options->events,
		.start = start_build,
		.built = take_built,
		.payload = b,
	};
	int ret;

	for (size_t i = 0; i < b->n; i++) {
		needs[i] = cenv_xcalloc(b->plan->items[b->items[i]].nclosure, sizeof(**needs));
		fill_needs(b, items, i, needs[i]);
	}
	ret = cenv_schedule_run(&schedule, err);
	for (size_t i = 0; i < b->n; i++)
		free(needs[i]);
	free(needs);
	free(items);
	return ret;
}

static void emit_reused(const struct cenv_install_options *options, const struct cenv_build_plan_item *item)
{
	cenv_emit(options->events, &(struct cenv_event){.kind = CENV_EV_REUSED,
							.name = item->pkg->key,
							.version = item->pkg->candidate->version});
}

/* Build what has no object yet. */
static int build_missing(struct builds *b, size_t *built, struct cenv_err *err)
{
	int ret;

	b->items = cenv_xcalloc(b->plan->n, sizeof(*b->items));
	b->places = cenv_xcalloc(b->plan->n, sizeof(*b->places));
	b->deps = cenv_xcalloc(b->plan->n, sizeof(*b->deps));
	for (size_t i = 0; i < b->plan->n; i++) {
		const struct cenv_build_plan_item *item = &b->plan->items[i];

		b->places[i] = SIZE_MAX;
		if (item->keep)
			continue;
		if (item->object) {
			emit_reused(b->options, item);
			continue;
		}
		b->places[i] = b->n;
		b->items[b->n++] = i;
	}
	ret = run_builds(b, err);
	*built = ret == 0 ? b->n : 0;
	free(b->items);
	free(b->places);
	free(b->deps);
	return ret;
}

int cenv_realize(struct cenv_build_plan *plan, const struct cenv_install_options *options,
		 const struct cenv_store *store, const struct cenv_toolchain *toolchain,
		 const struct cenv_fetch_options *fetch, size_t *built, struct cenv_err *err)
{
	struct builds builds = {
		.plan = plan, .options = options, .store = store, .toolchain = toolchain};
	bool revived = false, changed = false;

	*built = 0;
	if (revive_kept(plan, store, &revived, err) < 0 ||
	    (revived && cenv_realize_prepare(plan, options, store, toolchain, fetch, err) < 0) ||
	    fetch_selected(plan, store, fetch, object_is_missing, &changed, err) < 0)
		return -1;
	/* an archive that was packed anew: other sources, other keys */
	if (changed && cenv_realize_prepare(plan, options, store, toolchain, fetch, err) < 0)
		return -1;
	return build_missing(&builds, built, err);
}

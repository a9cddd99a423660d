/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/resolver_state.h"

/* The answer of a finished search: what the roots need, who asked for it, and an order. */

/* One demand within the solution, between nodes. */
struct edge {
	size_t from, to;
	const struct cenv_requirement *req;
};

struct builder {
	struct cenv_resolver *r;
	bool *reached;  /* by variable */
	uint32_t *vars; /* package of each node, sorted by key */
	size_t n;
	size_t *node_of; /* by variable */
	struct edge *edges;
	size_t nedges, edges_cap;
	size_t *first; /* of each node's edges; n + 1 entries */
	size_t *order; /* nodes, what is needed first */
	size_t *place; /* of each node in order */
};

bool cenv_resolver_feature_on(const struct cenv_resolver *r, uint32_t var)
{
	return cenv_solver_required(r->solver, var);
}

size_t cenv_resolver_chosen(const struct cenv_resolver *r, const struct cenv_universe_package *pkg)
{
	int64_t value = cenv_solver_value(r->solver, pkg->var);

	/* the last value: it was decided to do without */
	return value < 0 || (size_t)value == pkg->info.ncandidates ? SIZE_MAX : (size_t)value;
}

/* What the chosen version of a package needs with its features, without its own name. */
static int chosen_deps(const struct cenv_resolver *r, const struct cenv_universe_package *pkg,
		       const struct cenv_requirement ***out, size_t *n, struct cenv_err *err)
{
	const struct cenv_dep *deps = NULL;
	size_t ndeps = 0;

	*n = 0;
	*out = NULL;
	if (r->provider->dependencies(r->provider->payload, pkg->key,
				      &pkg->info.candidates[cenv_resolver_chosen(r, pkg)], &deps,
				      &ndeps, err))
		return -1;
	*out = cenv_xcalloc(ndeps, sizeof(**out));
	for (size_t i = 0; i < ndeps; i++) {
		size_t feature = 0;

		if (!strcmp(deps[i].req->key, pkg->key))
			continue;
		if (deps[i].feature) {
			feature = cenv_universe_feature(pkg, deps[i].feature);
			if (feature == SIZE_MAX ||
			    !cenv_resolver_feature_on(r, pkg->var + 1 + (uint32_t)feature))
				continue;
		}
		(*out)[(*n)++] = deps[i].req;
	}
	return 0;
}

static void reach(const struct cenv_resolver *r, const char *key, bool *out, uint32_t *stack,
		  size_t *depth)
{
	const struct cenv_universe_package *pkg = cenv_universe_get(&r->universe, key);

	if (pkg && !out[pkg->var] && cenv_resolver_chosen(r, pkg) != SIZE_MAX) {
		out[pkg->var] = true;
		stack[(*depth)++] = pkg->var;
	}
}

int cenv_resolver_reach(struct cenv_resolver *r, bool *out, struct cenv_err *err)
{
	uint32_t *stack = cenv_xcalloc(r->nmeanings, sizeof(*stack));
	size_t depth = 0;
	int rc = 0;

	for (size_t i = 0; i < r->request->nroots; i++)
		reach(r, r->roots[i]->key, out, stack, &depth);
	while (!rc && depth && !r->request->no_deps) {
		const struct cenv_requirement **deps = NULL;
		size_t n = 0;

		rc = chosen_deps(r, r->meanings[stack[--depth]].pkg, &deps, &n, err);
		for (size_t i = 0; i < n; i++)
			reach(r, deps[i]->key, out, stack, &depth);
		free(deps);
	}
	free(stack);
	return rc;
}

struct keyed_var {
	const char *key;
	uint32_t var;
};

static int compare_keys(const void *a, const void *b)
{
	return strcmp(((const struct keyed_var *)a)->key, ((const struct keyed_var *)b)->key);
}

/* The nodes: packages reached, sorted by key. */
static void list_nodes(struct builder *b)
{
	struct cenv_resolver *r = b->r;
	struct keyed_var *list = cenv_xcalloc(r->nmeanings, sizeof(*list));

	for (uint32_t var = 0; var < r->nmeanings; var++)
		if (b->reached[var])
			list[b->n++] = (struct keyed_var){r->meanings[var].pkg->key, var};
	qsort(list, b->n, sizeof(*list), compare_keys);
	b->vars = cenv_xcalloc(b->n, sizeof(*b->vars));
	b->node_of = cenv_xcalloc(r->nmeanings, sizeof(*b->node_of));
	for (size_t i = 0; i < b->n; i++) {
		b->vars[i] = list[i].var;
		b->node_of[list[i].var] = i;
	}
	free(list);
}

static int compare_edges(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return strcmp(x->req->text ? x->req->text : "", y->req->text ? y->req->text : "");
}

static int list_edges(struct builder *b, struct cenv_err *err)
{
	b->first = cenv_xcalloc(b->n + 1, sizeof(*b->first));
	for (size_t i = 0; i < b->n; i++) {
		const struct cenv_requirement **deps = NULL;
		size_t n = 0;
		int rc = chosen_deps(b->r, b->r->meanings[b->vars[i]].pkg, &deps, &n, err);

		for (size_t k = 0; !rc && k < n; k++) {
			struct cenv_universe_package *to;

			to = cenv_universe_get(&b->r->universe, deps[k]->key);
			/* without dependencies, only those that are there anyway count */
			if (!to || !b->reached[to->var])
				continue;
			CENV_GROW(b->edges, b->nedges, b->edges_cap);
			b->edges[b->nedges++] = (struct edge){i, b->node_of[to->var], deps[k]};
		}
		free(deps);
		if (rc)
			return -1;
		b->first[i + 1] = b->nedges;
	}
	for (size_t i = 0; i < b->n; i++)
		if (b->first[i + 1] - b->first[i] > 1)
			qsort(b->edges + b->first[i], b->first[i + 1] - b->first[i],
			      sizeof(*b->edges), compare_edges);
	return 0;
}

/* Depth first from each node by key: a node is placed when all it needs is. */
static void order_nodes(struct builder *b)
{
	size_t *stack = cenv_xcalloc(b->n, sizeof(*stack));
	size_t *next = cenv_xcalloc(b->n, sizeof(*next)); /* edge to follow, + 1; 0: not seen */
	size_t placed = 0;

	b->order = cenv_xcalloc(b->n, sizeof(*b->order));
	b->place = cenv_xcalloc(b->n, sizeof(*b->place));
	for (size_t root = 0; root < b->n; root++) {
		size_t depth = 0;

		if (next[root])
			continue;
		stack[depth++] = root;
		next[root] = b->first[root] + 1;
		while (depth) {
			size_t node = stack[depth - 1];

			if (next[node] - 1 == b->first[node + 1]) {
				b->place[node] = placed;
				b->order[placed++] = node;
				depth--;
			} else {
				size_t to = b->edges[next[node]++ - 1].to;

				if (!next[to]) {
					next[to] = b->first[to] + 1;
					stack[depth++] = to;
				}
			}
		}
	}
	free(stack);
	free(next);
}

static int compare_sizes(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x > y) - (x < y);
}

static void fill_deps(const struct builder *b, size_t node, struct cenv_resolved *p)
{
	size_t from = b->first[node], to = b->first[node + 1];

	if (from == to)
		return;
	p->deps = cenv_xcalloc(to - from, sizeof(*p->deps));
	for (size_t i = from; i < to; i++)
		if (i == from || b->edges[i].to != b->edges[i - 1].to)
			p->deps[p->ndeps++] = b->place[b->edges[i].to];
	qsort(p->deps, p->ndeps, sizeof(*p->deps), compare_sizes);
}

static void add_asker(struct cenv_resolved *p, const char *key, const struct cenv_requirement *req)
{
	/* askers grow in doubling steps: the count tells when */
	if (!(p->naskers & (p->naskers - 1)))
		p->askers = cenv_xreallocarray(p->askers, p->naskers ? p->naskers * 2 : 1,
					       sizeof(*p->askers));
	p->askers[p->naskers++] = (struct cenv_asker){key, req};
}

static void fill_package(const struct builder *b, size_t node, struct cenv_resolved *p)
{
	const struct cenv_resolver *r = b->r;
	const struct cenv_universe_package *pkg = r->meanings[b->vars[node]].pkg;

	p->key = cenv_xstrdup(pkg->key);
	p->candidate = &pkg->info.candidates[cenv_resolver_chosen(r, pkg)];
	p->is_root = r->meanings[pkg->var].is_root;
	for (size_t i = 0; i < pkg->info.nfeatures; i++)
		if (cenv_resolver_feature_on(r, pkg->var + 1 + (uint32_t)i))
			cenv_strv_add(&p->features, pkg->info.features[i].name);
	cenv_strv_sort(&p->features);
	fill_deps(b, node, p);
}

/* The user's requirements first, then the packages by key. */
static void fill_askers(const struct builder *b, struct cenv_resolution *res)
{
	const struct cenv_resolver *r = b->r;

	for (size_t i = 0; i < r->request->nroots; i++) {
		uint32_t var = cenv_universe_get(&r->universe, r->roots[i]->key)->var;

		add_asker(&res->packages[b->place[b->node_of[var]]], NULL, r->roots[i]);
	}
	for (size_t i = 0; i < b->nedges; i++)
		add_asker(&res->packages[b->place[b->edges[i].to]],
			  res->packages[b->place[b->edges[i].from]].key, b->edges[i].req);
}

int cenv_resolution_build(struct cenv_resolution **out, struct cenv_resolver *r,
			  struct cenv_err *err)
{
	struct builder b = {.r = r};
	struct cenv_resolution *res;
	int rc = -1;

	b.reached = cenv_xcalloc(r->nmeanings, sizeof(*b.reached));
	if (cenv_resolver_reach(r, b.reached, err))
		goto out;
	list_nodes(&b);
	if (list_edges(&b, err))
		goto out;
	order_nodes(&b);
	res = cenv_xcalloc(1, sizeof(*res));
	res->n = b.n;
	res->packages = cenv_xcalloc(b.n, sizeof(*res->packages));
	for (size_t i = 0; i < b.n; i++)
		fill_package(&b, i, &res->packages[b.place[i]]);
	fill_askers(&b, res);
	*out = res;
	rc = 0;
out:
	free(b.reached);
	free(b.vars);
	free(b.node_of);
	free(b.edges);
	free(b.first);
	free(b.order);
	free(b.place);
	return rc;
}

void cenv_resolution_free(struct cenv_resolution *resolution)
{
	if (!resolution)
		return;
	for (size_t i = 0; i < resolution->n; i++) {
		struct cenv_resolved *p = &resolution->packages[i];

		free(p->key);
		cenv_strv_release(&p->features);
		free(p->askers);
		free(p->deps);
	}
	free(resolution->packages);
	free(resolution);
}

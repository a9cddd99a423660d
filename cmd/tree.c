/* SPDX-License-Identifier: MIT */
/* cenv tree: installed packages by who needs whom. */
#include "cmd/commands.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/world.h"
#include "cmd/term.h"
#include "core/base/mem.h"

struct tree_opts {
	const char *env;
	bool invert, json;
	unsigned depth;
};

/* The edges to follow, as indices into the records: dependencies, or with --invert dependents. */
struct graph {
	const struct cenv_records *records;
	size_t **edges, *nedges;
	bool *shown;
	unsigned depth_max; /* levels below the first */
};

static void add_edge(struct graph *g, size_t from, size_t to)
{
	g->edges[from] = cenv_xreallocarray(g->edges[from], g->nedges[from] + 1, sizeof(size_t));
	g->edges[from][g->nedges[from]++] = to;
}

static void graph_init(struct graph *g, const struct cenv_records *records, bool invert)
{
	*g = (struct graph){.records = records};
	g->edges = cenv_xcalloc(records->n, sizeof(*g->edges));
	g->nedges = cenv_xcalloc(records->n, sizeof(*g->nedges));
	g->shown = cenv_xcalloc(records->n, sizeof(*g->shown));
	for (size_t i = 0; i < records->n; i++) {
		const struct cenv_strv *deps = &records->v[i].deps;

		for (size_t j = 0; j < deps->n; j++) {
			const struct cenv_record *dep = cenv_records_find(records, deps->v[j]);

			if (dep && invert)
				add_edge(g, (size_t)(dep - records->v), i);
			else if (dep)
				add_edge(g, i, (size_t)(dep - records->v));
		}
	}
}

static void graph_release(struct graph *g)
{
	for (size_t i = 0; i < g->records->n; i++)
		free(g->edges[i]);
	free(g->edges);
	free(g->nedges);
	free(g->shown);
}

/* prefix: the bars of the levels above */
static void print_node(struct graph *g, size_t i, struct cenv_buf *prefix, unsigned depth, bool last)
{
	const struct cenv_record *r = &g->records->v[i];
	size_t mark = prefix->len;
	bool again = g->shown[i] && g->nedges[i];

	if (depth)
		term_print("%s%s ", prefix->buf, last ? "└──" : "├──");
	term_print("%s %s%s\n", r->name, r->version, again ? " (*)" : "");
	if (again || depth >= g->depth_max)
		return;
	g->shown[i] = true;
	if (depth)
		cenv_buf_adds(prefix, last ? "    " : "│   ");
	for (size_t j = 0; j < g->nedges[i]; j++)
		print_node(g, g->edges[i][j], prefix, depth + 1, j + 1 == g->nedges[i]);
	cenv_buf_truncate(prefix, mark);
}

static cJSON *json_node(struct graph *g, size_t i, unsigned depth)
{
	const struct cenv_record *r = &g->records->v[i];
	cJSON *node = cJSON_CreateObject(), *children;

	json_add_string(node, "name", r->name);
	json_add_string(node, "version", r->version);
	if (depth >= g->depth_max)
		return node;
	children = cJSON_AddArrayToObject(node, "packages");
	if (g->shown[i] && g->nedges[i]) {
		/* a cycle must end; what is below stands where the package comes first */
		cJSON_AddBoolToObject(node, "repeated", 1);
		return node;
	}
	g->shown[i] = true;
	for (size_t j = 0; j < g->nedges[i]; j++)
		cJSON_AddItemToArray(children, json_node(g, g->edges[i][j], depth + 1));
	return node;
}

static void reach(const struct graph *g, size_t i, bool *reached)
{
	if (reached[i])
		return;
	reached[i] = true;
	for (size_t j = 0; j < g->nedges[i]; j++)
		reach(g, g->edges[i][j], reached);
}

/* A circle has no end to start from: what is still missing is printed from its first package. */
static void add_circles(const struct graph *g, bool *top)
{
	bool *reached = cenv_xcalloc(g->records->n, sizeof(*reached));

	for (size_t i = 0; i < g->records->n; i++)
		if (top[i])
			reach(g, i, reached);
	for (size_t i = 0; i < g->records->n; i++) {
		top[i] = top[i] || !reached[i];
		reach(g, i, reached);
	}
	free(reached);
}

/* Where the printing starts: what was named, else what nobody above has as a child. */
static void find_tops(const struct graph *g, const struct cenv_strv *keys, bool *top)
{
	if (keys->n) {
		for (size_t i = 0; i < keys->n; i++)
			top[cenv_records_find(g->records, keys->v[i]) - g->records->v] = true;
		return;
	}
	for (size_t i = 0; i < g->records->n; i++)
		top[i] = true;
	for (size_t i = 0; i < g->records->n; i++)
		for (size_t j = 0; j < g->nedges[i]; j++)
			top[g->edges[i][j]] = false;
	add_circles(g, top);
}

static void print_tree(const struct cenv_records *records, const struct tree_opts *o,
		       const struct cenv_strv *keys)
{
	bool *top = cenv_xcalloc(records->n, sizeof(*top));
	cJSON *doc = NULL, *packages = NULL;
	struct cenv_buf prefix = CENV_BUF_INIT;
	struct graph g;

	graph_init(&g, records, o->invert);
	g.depth_max = o->depth;
	if (o->json) {
		doc = json_document();
		packages = cJSON_AddArrayToObject(doc, "packages");
	}
	find_tops(&g, keys, top);
	for (size_t i = 0; i < records->n; i++) {
		if (!top[i])
			continue;
		if (doc)
			cJSON_AddItemToArray(packages, json_node(&g, i, 0));
		else
			print_node(&g, i, &prefix, 0, true);
	}
	if (doc)
		json_print(doc);
	cenv_buf_release(&prefix);
	graph_release(&g);
	free(top);
}

static int tree_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct tree_opts *o = opts;
	struct world_view view;

	if (world_look(ctx, o->env, argc, argv, false, &view, err) < 0)
		return -1;
	print_tree(&view.records, o, &view.keys);
	world_view_release(&view);
	return 0;
}

static const struct cmd_opt opts[] = {
	WORLD_OPT_ENV(struct tree_opts),
	{0, "invert", CMD_FLAG, offsetof(struct tree_opts, invert), NULL, 0, false,
	 "show below each package who needs it"},
	{0, "depth", CMD_NUMBER, offsetof(struct tree_opts, depth), "N", CMD_COMPLETE_NONE, false,
	 "go no deeper than N levels below the first; 0: only the first"},
	{0, "json", CMD_FLAG, offsetof(struct tree_opts, json), NULL, 0, false,
	 "print one JSON document"},
	CMD_OPT_END,
};

static const struct tree_opts defaults = {.depth = ~0u};

static const struct cmd_example examples[] = {
	{"cenv tree", "everything, from what nothing else needs"},
	{"cenv tree --invert zlib", "who needs zlib, directly and indirectly"},
	{NULL, NULL},
};

const struct cmd_def cmd_tree = {
	.name = "tree",
	.summary = "Show installed packages as a tree",
	.args = "[NAME...]",
	.description = "Prints packages with what they need below them. (*) marks a package whose own\n"
		       "dependencies stand further up.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct tree_opts),
	.defaults = &defaults,
	.complete = CMD_COMPLETE_INSTALLED,
	.run = tree_run,
};

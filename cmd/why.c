/* SPDX-License-Identifier: MIT */
/* cenv why: the reasons that a package is installed. */
#include "cmd/commands.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/world.h"
#include "cmd/term.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/requirement.h"

struct why_opts {
	const char *env;
	bool json;
};

/* The requirement line of `record` that asks for key, or the bare key. */
static const char *asked_as(const struct cenv_record *record, const char *key)
{
	for (size_t i = 0; i < record->requires.n; i++) {
		const char *line = record->requires.v[i];
		size_t len = strcspn(line, "[<>=!~@; ");
		char *name = cenv_xstrndup(line, len), *other = cenv_name_normalize(name);
		bool same = !strcmp(other, key);

		free(name);
		free(other);
		if (same)
			return line;
	}
	return key;
}

/* Breadth first from the package to who asked: next[i] is the package that i was reached from. */
static void search_up(const struct cenv_records *records, size_t start, size_t *next)
{
	size_t *queue = cenv_xcalloc(records->n, sizeof(*queue)), head = 0, tail = 0;

	for (size_t i = 0; i < records->n; i++)
		next[i] = records->n;
	next[start] = start;
	queue[tail++] = start;
	while (head < tail) {
		size_t at = queue[head++];

		for (size_t i = 0; i < records->n; i++) {
			if (next[i] != records->n ||
			    !cenv_strv_has(&records->v[i].deps, records->v[at].key))
				continue;
			next[i] = at;
			queue[tail++] = i;
		}
	}
	free(queue);
}

static void print_chain(const struct cenv_records *records, const size_t *next, size_t from)
{
	term_print("  %s %s, which was asked for", records->v[from].name, records->v[from].version);
	for (size_t at = from; next[at] != at; at = next[at])
		term_print(",\n    needs %s", asked_as(&records->v[at], records->v[next[at]].key));
	putchar('\n');
}

static cJSON *json_chain(const struct cenv_records *records, const size_t *next, size_t from)
{
	cJSON *chain = cJSON_CreateArray();

	for (size_t at = from;; at = next[at]) {
		cJSON *step = cJSON_CreateObject();

		json_add_string(step, "name", records->v[at].name);
		json_add_string(step, "version", records->v[at].version);
		cJSON_AddItemToArray(chain, step);
		if (next[at] == at)
			return chain;
		json_add_string(step, "needs", asked_as(&records->v[at], records->v[next[at]].key));
	}
}

static void explain(const struct cenv_records *records, const char *key, cJSON *doc)
{
	const struct cenv_record *record = cenv_records_find(records, key);
	size_t *next = cenv_xcalloc(records->n, sizeof(*next)), chains = 0;
	cJSON *array = doc ? cJSON_AddArrayToObject(doc, record->key) : NULL;

	search_up(records, (size_t)(record - records->v), next);
	if (!doc)
		term_print("%s %s is installed because of\n", record->name, record->version);
	for (size_t i = 0; i < records->n; i++) {
		if (!records->v[i].direct || next[i] == records->n)
			continue;
		if (array)
			cJSON_AddItemToArray(array, json_chain(records, next, i));
		else if (&records->v[i] == record)
			puts("  itself: it was asked for");
		else
			print_chain(records, next, i);
		chains++;
	}
	if (!chains && !doc)
		puts("  nothing any more: 'cenv uninstall' can take it out");
	free(next);
}

static int why_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct why_opts *o = opts;
	cJSON *doc = NULL, *reasons = NULL;
	struct world_view view;

	if (world_look(ctx, o->env, argc, argv, false, &view, err) < 0)
		return -1;
	if (o->json) {
		doc = json_document();
		reasons = cJSON_AddObjectToObject(doc, "packages");
	}
	for (size_t i = 0; i < view.keys.n; i++)
		explain(&view.records, view.keys.v[i], reasons);
	if (doc)
		json_print(doc);
	world_view_release(&view);
	return 0;
}

static const struct cmd_opt opts[] = {
	WORLD_OPT_ENV(struct why_opts),
	{0, "json", CMD_FLAG, offsetof(struct why_opts, json), NULL, 0, false,
	 "print one JSON document"},
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv why zlib", "one chain of requirements from each package that was asked for"},
	{NULL, NULL},
};

const struct cmd_def cmd_why = {
	.name = "why",
	.summary = "Explain why a package is installed",
	.args = "NAME...",
	.description = "Prints, for each package that was asked for and leads to NAME, the shortest\n"
		       "chain of requirements between them.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct why_opts),
	.complete = CMD_COMPLETE_INSTALLED,
	.min_args = 1,
	.run = why_run,
};

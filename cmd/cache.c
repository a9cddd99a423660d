/* SPDX-License-Identifier: MIT */
/* cenv cache: the store. */
#include "cmd/commands.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/term.h"
#include "store/store.h"
#include "store/usage.h"

struct cache_opts {
	bool json;
};

static void print_row(const char *label, size_t n, unsigned long long bytes)
{
	char size[32];

	term_size(size, sizeof(size), bytes);
	printf("%-9s %6zu  %s\n", label, n, size);
}

static void add_row(cJSON *doc, const char *label, size_t n, unsigned long long bytes)
{
	cJSON *row = cJSON_AddObjectToObject(doc, label);

	cJSON_AddNumberToObject(row, "count", (double)n);
	cJSON_AddNumberToObject(row, "bytes", (double)bytes);
}

static int print_info(const char *path, bool json, struct cenv_err *err)
{
	struct cenv_store store = {.fd = -1};
	struct cenv_store_usage u;

	if (cenv_store_open(&store, path, err) < 0)
		return -1;
	cenv_store_usage(&u, &store);
	if (json) {
		cJSON *doc = json_document();

		json_add_string(doc, "path", store.path);
		add_row(doc, "sources", u.sources, u.source_bytes);
		add_row(doc, "objects", u.objects, u.object_bytes);
		add_row(doc, "logs", u.logs, u.log_bytes);
		add_row(doc, "builds", u.builds, u.build_bytes);
		json_print(doc);
	} else {
		printf("%s\n", store.path);
		print_row("sources", u.sources, u.source_bytes);
		print_row("objects", u.objects, u.object_bytes);
		print_row("logs", u.logs, u.log_bytes);
		print_row("builds", u.builds, u.build_bytes);
	}
	cenv_store_release(&store);
	return 0;
}

static int cache_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct cache_opts *o = opts;
	bool is_dir = !strcmp(argv[0], "dir");
	char *path;
	int ret = 0;

	(void)ctx;
	(void)argc;
	if (!is_dir && strcmp(argv[0], "info") != 0) {
		cenv_err_set(err, CENV_E_USAGE, "cache: unknown action '%s'", argv[0]);
		cenv_err_hint(err, "there are 'cenv cache dir' and 'cenv cache info'");
		return -1;
	}
	path = cenv_store_default_path(err);
	if (!path)
		return -1;
	if (is_dir)
		puts(path);
	else
		ret = print_info(path, o->json, err);
	free(path);
	return ret;
}

static const struct cmd_opt opts[] = {
	{0, "json", CMD_FLAG, offsetof(struct cache_opts, json), NULL, 0, false,
	 "info: print one JSON document"},
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv cache dir", "where the store is"},
	{"cenv cache info", "what it holds, and how much"},
	{NULL, NULL},
};

const struct cmd_def cmd_cache = {
	.name = "cache",
	.summary = "Look at the store of sources and builds",
	.args = "dir|info",
	.description =
		"The store keeps verified sources and finished builds for all environments. It is\n"
		"$CENV_HOME, or ${XDG_CACHE_HOME:-~/.cache}/cenv, and can be deleted at any time:\n"
		"environments that exist stay fully usable.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct cache_opts),
	.complete = CMD_COMPLETE_WORDS,
	.min_args = 1,
	.max_args = 1,
	.run = cache_run,
};

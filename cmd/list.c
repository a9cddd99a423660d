/* SPDX-License-Identifier: MIT */
/* cenv list: what is installed. */
#include "cmd/commands.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/world.h"
#include "cmd/term.h"
#include "core/base/str.h"

struct list_opts {
	const char *env;
	bool json;
};

static void print_table(const struct cenv_records *records, const struct cenv_strv *keys)
{
	int width = 0;

	for (size_t i = 0; i < keys->n; i++) {
		int len = (int)strlen(cenv_records_find(records, keys->v[i])->name);

		width = len > width ? len : width;
	}
	for (size_t i = 0; i < keys->n; i++) {
		const struct cenv_record *r = cenv_records_find(records, keys->v[i]);

		term_print("%-*s  %s", width, r->name, r->version);
		if (r->features.n) {
			char *features = cenv_strv_join(&r->features, ",");

			term_print("  [%s]", features);
			free(features);
		}
		putchar('\n');
	}
}

static void print_json(const struct cenv_env *env, const struct cenv_records *records,
		       const struct cenv_strv *keys)
{
	cJSON *doc = json_document(), *packages;

	json_add_string(doc, "environment", env->path);
	packages = cJSON_AddArrayToObject(doc, "packages");
	for (size_t i = 0; i < keys->n; i++)
		cJSON_AddItemToArray(packages, json_record(cenv_records_find(records, keys->v[i])));
	json_print(doc);
}

static int list_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct list_opts *o = opts;
	struct world_view view;

	if (world_look(ctx, o->env, argc, argv, true, &view, err) < 0)
		return -1;
	if (o->json)
		print_json(&view.env, &view.records, &view.keys);
	else
		print_table(&view.records, &view.keys);
	world_view_release(&view);
	return 0;
}

static const struct cmd_opt opts[] = {
	WORLD_OPT_ENV(struct list_opts),
	{0, "json", CMD_FLAG, offsetof(struct list_opts, json), NULL, 0, false,
	 "print one JSON document"},
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv list", "everything installed, one package a line"},
	{"cenv list 'lib*'", "those whose names match"},
	{NULL, NULL},
};

const struct cmd_def cmd_list = {
	.name = "list",
	.summary = "List installed packages",
	.args = "[PATTERN...]",
	.description = "Prints one package a line: name, version, and the features it was built with.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct list_opts),
	.complete = CMD_COMPLETE_INSTALLED,
	.run = list_run,
};

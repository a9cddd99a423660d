/* SPDX-License-Identifier: MIT */
/* cenv show: what is known of installed packages. */
#include "cmd/commands.h"

#include <stdlib.h>

#include "cmd/json.h"
#include "cmd/world.h"
#include "cmd/term.h"
#include "core/base/str.h"

struct show_opts {
	const char *env;
	bool files, json;
};

static void print_field(const char *label, const char *value)
{
	if (value && *value)
		term_print("%-13s %s\n", label, value);
}

static void print_list(const char *label, const struct cenv_strv *values)
{
	char *joined = cenv_strv_join(values, ", ");

	print_field(label, joined);
	free(joined);
}

static void gather_users(const struct cenv_records *records, const char *key, struct cenv_strv *out)
{
	for (size_t i = 0; i < records->n; i++)
		if (cenv_strv_has(&records->v[i].deps, key))
			cenv_strv_add(out, records->v[i].name);
}

static int print_files(const struct cenv_env *env, const struct cenv_record *r, struct cenv_err *err)
{
	struct cenv_manifest manifest = {0};

	if (cenv_record_files(&manifest, env, r->key, err) < 0)
		return -1;
	puts("files:");
	for (size_t i = 0; i < manifest.n; i++)
		if (manifest.entries[i].type != 'd')
			term_print("  %s\n", manifest.entries[i].path);
	cenv_manifest_release(&manifest);
	return 0;
}

static int print_record(const struct cenv_env *env, const struct cenv_records *records,
			const struct cenv_record *r, bool files, struct cenv_err *err)
{
	struct cenv_strv users = {0};

	gather_users(records, r->key, &users);
	print_field("name:", r->name);
	print_field("version:", r->version);
	print_field("summary:", r->summary);
	print_field("license:", r->license);
	print_list("features:", &r->features);
	print_list("features off:", &r->features_off);
	print_list("options:", &r->options);
	print_list("requires:", &r->requires);
	print_list("required by:", &users);
	print_field("asked for:", r->direct ? "yes" : "no, as a dependency");
	print_field("source:", r->url);
	print_field("sha256:", r->sha256);
	print_field("tree hash:", r->tree_hash);
	print_field("built with:", r->system);
	print_field("compiler:", r->compiler);
	print_field("object:", r->object);
	cenv_strv_release(&users);
	return files ? print_files(env, r, err) : 0;
}

static int add_json(cJSON *packages, const struct cenv_env *env, const struct cenv_records *records,
		    const struct cenv_record *r, struct cenv_err *err)
{
	struct cenv_manifest manifest = {0};
	struct cenv_strv users = {0}, files = {0};
	cJSON *object = json_record(r);

	cJSON_AddItemToArray(packages, object);
	gather_users(records, r->key, &users);
	json_add_strings(object, "required_by", &users);
	cenv_strv_release(&users);
	if (cenv_record_files(&manifest, env, r->key, err) < 0)
		return -1;
	for (size_t i = 0; i < manifest.n; i++)
		if (manifest.entries[i].type != 'd')
			cenv_strv_add(&files, manifest.entries[i].path);
	json_add_strings(object, "files", &files);
	cenv_strv_release(&files);
	cenv_manifest_release(&manifest);
	return 0;
}

static int show_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct show_opts *o = opts;
	cJSON *doc = NULL, *packages = NULL;
	struct world_view view;
	int ret = 0;

	if (world_look(ctx, o->env, argc, argv, false, &view, err) < 0)
		return -1;
	if (o->json) {
		doc = json_document();
		packages = cJSON_AddArrayToObject(doc, "packages");
	}
	for (size_t i = 0; i < view.keys.n && ret == 0; i++) {
		const struct cenv_record *r = cenv_records_find(&view.records, view.keys.v[i]);

		if (i && !o->json)
			putchar('\n');
		ret = o->json ? add_json(packages, &view.env, &view.records, r, err)
			      : print_record(&view.env, &view.records, r, o->files, err);
	}
	if (doc && ret == 0)
		json_print(doc);
	else
		cJSON_Delete(doc);
	world_view_release(&view);
	return ret;
}

static const struct cmd_opt opts[] = {
	WORLD_OPT_ENV(struct show_opts),
	{0, "files", CMD_FLAG, offsetof(struct show_opts, files), NULL, 0, false,
	 "also list the installed files"},
	{0, "json", CMD_FLAG, offsetof(struct show_opts, json), NULL, 0, false,
	 "print one JSON document"},
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv show libpng", "where it is from, what it needs, who needs it"},
	{"cenv show --files zlib", "and every file it installed"},
	{NULL, NULL},
};

const struct cmd_def cmd_show = {
	.name = "show",
	.summary = "Show what is known of installed packages",
	.args = "NAME...",
	.description = "Prints version, licence, source, hash, features, dependencies and dependents of\n"
		       "installed packages.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct show_opts),
	.complete = CMD_COMPLETE_INSTALLED,
	.min_args = 1,
	.run = show_run,
};

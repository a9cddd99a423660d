/* SPDX-License-Identifier: MIT */
/* cenv info: what an index knows of a package. */
#include "cmd/commands.h"

#include <stdint.h>
#include <stdlib.h>

#include "cmd/catalog.h"
#include "cmd/json.h"
#include "cmd/term.h"
#include "core/base/str.h"

struct info_opts {
	struct catalog_opts catalog;
	bool json;
};

static void format_requires(const struct cenv_requirement *reqs, size_t n, struct cenv_strv *out)
{
	for (size_t i = 0; i < n; i++) {
		struct cenv_buf line = CENV_BUF_INIT;

		cenv_requirement_format(&reqs[i], &line);
		cenv_strv_take(out, cenv_buf_detach(&line));
	}
}

static void print_field(const char *label, const char *value)
{
	if (value && *value)
		term_print("%-13s %s\n", label, value);
}

/* @param newest what a feature takes is said of this version; or NULL */
static void print_feature(const struct cenv_recipe *recipe, size_t i,
			  const struct cenv_recipe_version *newest)
{
	const struct cenv_feature *feature = newest ? &newest->features[i] : &recipe->features[i];
	struct cenv_strv requires = {0};
	char *text;

	format_requires(feature->requires, feature->nrequires, &requires);
	text = cenv_strv_join(&requires, ", ");
	term_print("%-13s %s%s: %s%s%s%s\n", i ? "" : "features:", recipe->features[i].name,
		   recipe->features[i].is_default ? " (default)" : "",
		   recipe->features[i].summary ? recipe->features[i].summary : "",
		   requires.n ? " (requires " : "", text, requires.n ? ")" : "");
	free(text);
	cenv_strv_release(&requires);
}

static void print_recipe(const struct cenv_recipe *recipe, const char *origin)
{
	const struct cenv_recipe_version *newest = recipe->nversions ? &recipe->versions[0] : NULL;
	struct cenv_strv requires = {0}, versions = {0};
	char *text;

	for (size_t i = 0; i < recipe->nversions; i++)
		cenv_strv_add(&versions, recipe->versions[i].version);
	if (newest)
		format_requires(newest->requires, newest->nrequires, &requires);
	print_field("name:", recipe->name);
	print_field("summary:", recipe->summary);
	print_field("homepage:", recipe->homepage);
	print_field("license:", recipe->license);
	text = cenv_strv_join(&versions, " ");
	print_field("versions:", text);
	free(text);
	text = cenv_strv_join(&requires, ", ");
	print_field("requires:", text);
	free(text);
	text = cenv_strv_join(&recipe->pkgconfig, " ");
	print_field("pkg-config:", text);
	free(text);
	if (newest)
		print_field("built with:", newest->build->system == CENV_BUILD_DETECT
						   ? "what is found in the sources"
						   : cenv_build_system_name(newest->build->system));
	for (size_t i = 0; i < recipe->nfeatures; i++)
		print_feature(recipe, i, newest);
	print_field("index:", origin);
	cenv_strv_release(&requires);
	cenv_strv_release(&versions);
}

static void json_add_requires(cJSON *object, const char *name, const struct cenv_requirement *reqs,
			      size_t n)
{
	struct cenv_strv requires = {0};

	format_requires(reqs, n, &requires);
	json_add_strings(object, name, &requires);
	cenv_strv_release(&requires);
}

static cJSON *json_version(const struct cenv_recipe *recipe, const struct cenv_recipe_version *v)
{
	cJSON *row = cJSON_CreateObject(), *features;

	json_add_string(row, "version", v->version);
	json_add_string(row, "sha256", v->sha256);
	json_add_string(row, "date", v->date);
	json_add_strings(row, "urls", &v->urls);
	json_add_requires(row, "requires", v->requires, v->nrequires);
	features = cJSON_AddObjectToObject(row, "feature_requires");
	for (size_t i = 0; i < recipe->nfeatures; i++)
		json_add_requires(features, recipe->features[i].name, v->features[i].requires,
				  v->features[i].nrequires);
	return row;
}

static cJSON *json_recipe(const struct cenv_recipe *recipe, const char *origin)
{
	cJSON *object = cJSON_CreateObject(), *list;

	json_add_string(object, "name", recipe->name);
	json_add_string(object, "summary", recipe->summary);
	json_add_string(object, "homepage", recipe->homepage);
	json_add_string(object, "license", recipe->license);
	json_add_strings(object, "pkgconfig", &recipe->pkgconfig);
	json_add_string(object, "index", origin);
	list = cJSON_AddArrayToObject(object, "versions");
	for (size_t i = 0; i < recipe->nversions; i++)
		cJSON_AddItemToArray(list, json_version(recipe, &recipe->versions[i]));
	list = cJSON_AddArrayToObject(object, "features");
	for (size_t i = 0; i < recipe->nfeatures; i++) {
		cJSON *row = cJSON_CreateObject();

		json_add_string(row, "name", recipe->features[i].name);
		json_add_string(row, "summary", recipe->features[i].summary);
		cJSON_AddBoolToObject(row, "default", recipe->features[i].is_default);
		cJSON_AddItemToArray(list, row);
	}
	return object;
}

/* @param name as it was written: "leaf==1.0" becomes a key that nobody would know again. */
static int unknown(struct cenv_index *index, const char *name, const char *key,
		   struct cenv_err *err)
{
	const struct cenv_strv *names;
	const char *near[3];
	size_t n;

	if (cenv_index_names(index, &names, err) < 0)
		return -1;
	cenv_err_set(err, CENV_E_NOTFOUND, "no index has a package '%s'", name);
	n = cenv_suggest(key, (const char *const *)names->v, names->n, near, 3);
	if (n)
		cenv_err_hint(err, "did you mean %s%s%s%s%s?", near[0], n > 1 ? ", " : "",
			      n > 1 ? near[1] : "", n > 2 ? ", " : "", n > 2 ? near[2] : "");
	else
		cenv_err_hint(err, "'cenv search' lists what there is");
	return -1;
}

/* Names as they are, patterns as the names that they match.
 *
 * @param written the same as the user wrote them, for messages
 */
static int select_names(struct cenv_index *index, int argc, char **argv, struct cenv_strv *keys,
			struct cenv_strv *written, struct cenv_err *err)
{
	for (int i = 0; i < argc; i++) {
		const struct cenv_strv *names = NULL;
		char *key = cenv_name_normalize(argv[i]);
		size_t before = keys->n;

		if (!cenv_glob_has_magic(key))
			cenv_strv_add(keys, key);
		else if (cenv_index_names(index, &names, err) < 0)
			before = SIZE_MAX;
		for (size_t j = 0; names && j < names->n; j++)
			if (cenv_glob_match(key, names->v[j]))
				cenv_strv_add(keys, names->v[j]);
		for (size_t j = before; before != SIZE_MAX && j < keys->n; j++)
			cenv_strv_add(written, names ? keys->v[j] : argv[i]);
		free(key);
		if (keys->n != before && before != SIZE_MAX)
			continue;
		return before == SIZE_MAX ? -1
					  : cenv_err_set(err, CENV_E_NOTFOUND,
							 "no package matches '%s'", argv[i]);
	}
	return 0;
}

static int info_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct info_opts *o = opts;
	cJSON *doc = o->json ? json_document() : NULL;
	cJSON *list = doc ? cJSON_AddArrayToObject(doc, "packages") : NULL;
	struct cenv_strv keys = {0}, written = {0};
	struct catalog catalog;
	int ret;

	(void)ctx;
	ret = catalog_open(&catalog, &o->catalog, err);
	if (ret == 0)
		ret = select_names(catalog.index, argc, argv, &keys, &written, err);
	if (ret == 0)
		ret = cenv_index_prefetch(catalog.index, (const char *const *)keys.v, keys.n, err);
	for (size_t i = 0; i < keys.n && ret == 0; i++) {
		const struct cenv_recipe *recipe = NULL;
		const char *key = keys.v[i], *origin;

		ret = cenv_index_recipe(catalog.index, key, &recipe, err);
		origin = cenv_index_origin(catalog.index, key);
		if (ret == 0 && !recipe)
			ret = unknown(catalog.index, written.v[i], key, err);
		if (ret == 0 && list)
			cJSON_AddItemToArray(list, json_recipe(recipe, origin));
		else if (ret == 0) {
			if (i)
				putchar('\n');
			print_recipe(recipe, origin);
		}
	}
	if (doc && ret == 0)
		json_print(doc);
	else
		cJSON_Delete(doc);
	catalog_close(&catalog);
	cenv_strv_release(&keys);
	cenv_strv_release(&written);
	return ret;
}

static const struct cmd_opt opts[] = {
	CATALOG_OPTS(struct info_opts),
	{0, "json", CMD_FLAG, offsetof(struct info_opts, json), NULL, 0, false,
	 "print one JSON document"},
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv info curl", "versions, features and dependencies that can be had"},
	{"cenv info --json 'lib*'", "of all that match, for a program"},
	{NULL, NULL},
};

const struct cmd_def cmd_info = {
	.name = "info",
	.summary = "Show what an index knows of a package",
	.args = "NAME|PATTERN...",
	.description = "Prints the recipe of a package: all versions, what the newest one requires, and\n"
		       "its features with what they require. 'cenv show' tells of installed packages.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct info_opts),
	.complete = CMD_COMPLETE_KNOWN,
	.min_args = 1,
	.run = info_run,
};

/* SPDX-License-Identifier: MIT */
/* cenv search: packages that an index has. */
#include "cmd/commands.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/catalog.h"
#include "cmd/json.h"
#include "cmd/term.h"
#include "core/base/str.h"

struct search_opts {
	struct catalog_opts catalog;
	bool json;
};

/* Case does not matter; a pattern must match the whole name, a word may stand anywhere. */
static bool matches(const char *word, const struct cenv_recipe *recipe)
{
	if (cenv_glob_has_magic(word)) {
		char *pattern = cenv_name_normalize(word);
		bool found = cenv_glob_match(pattern, recipe->key);

		free(pattern);
		return found;
	}
	return strcasestr(recipe->name, word) ||
	       (recipe->summary && strcasestr(recipe->summary, word));
}

static bool matches_all(int argc, char **argv, const struct cenv_recipe *recipe)
{
	for (int i = 0; i < argc; i++)
		if (!matches(argv[i], recipe))
			return false;
	return true;
}

static void print_found(const struct cenv_recipe *recipe, cJSON *list)
{
	const char *newest = recipe->nversions ? recipe->versions[0].version : "";

	if (list) {
		cJSON *row = cJSON_CreateObject();

		json_add_string(row, "name", recipe->name);
		json_add_string(row, "version", newest);
		json_add_string(row, "summary", recipe->summary);
		cJSON_AddItemToArray(list, row);
	} else {
		term_print("%-16s %-12s %s\n", recipe->name, newest, recipe->summary ? recipe->summary : "");
	}
}

static int search_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct search_opts *o = opts;
	cJSON *doc = o->json ? json_document() : NULL;
	cJSON *list = doc ? cJSON_AddArrayToObject(doc, "packages") : NULL;
	const struct cenv_strv *names;
	struct catalog catalog;
	size_t found = 0;
	int ret;

	(void)ctx;
	ret = catalog_open(&catalog, &o->catalog, err);
	if (ret == 0)
		ret = cenv_index_names(catalog.index, &names, err);
	if (ret == 0)
		ret = cenv_index_prefetch(catalog.index, (const char *const *)names->v, names->n,
					  err);
	for (size_t i = 0; ret == 0 && i < names->n; i++) {
		const struct cenv_recipe *recipe = NULL;

		ret = cenv_index_recipe(catalog.index, names->v[i], &recipe, err);
		if (ret == 0 && recipe && matches_all(argc, argv, recipe)) {
			print_found(recipe, list);
			found++;
		}
	}
	if (doc && ret == 0)
		json_print(doc);
	else
		cJSON_Delete(doc);
	catalog_close(&catalog);
	if (ret == 0 && !found)
		ret = cenv_err_set(err, CENV_E_NOTFOUND, "no package matches");
	return ret;
}

static const struct cmd_opt opts[] = {
	CATALOG_OPTS(struct search_opts),
	{0, "json", CMD_FLAG, offsetof(struct search_opts, json), NULL, 0, false,
	 "print one JSON document"},
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv search json", "packages with the word in name or summary"},
	{"cenv search 'lib*'", "packages by pattern of the name"},
	{NULL, NULL},
};

const struct cmd_def cmd_search = {
	.name = "search",
	.summary = "Search the packages that can be installed",
	.args = "[WORD|PATTERN...]",
	.description = "Prints name, newest version and summary of each package that matches all words.\n"
		       "Without words it prints everything that the indexes have.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct search_opts),
	.run = search_run,
};

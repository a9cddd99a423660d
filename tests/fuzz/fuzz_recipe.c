/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/recipe.h"
#include "core/recipe_lint.h"
#include "core/version.h"
#include "tests/fuzz/fuzz.h"

static void check(int holds)
{
	if (!holds)
		abort();
}

/* What every user of a recipe relies on without looking. */
static void check_recipe(const struct cenv_recipe *recipe, int in_archive)
{
	check(recipe->name && recipe->key && recipe->nversions > 0);
	for (size_t i = 0; i < recipe->nversions; i++) {
		const struct cenv_recipe_version *v = &recipe->versions[i];

		check(cenv_version_valid(v->version));
		check(in_archive || (v->urls.n > 0 && strlen(v->sha256) == 64));
		check(i == 0 || cenv_version_cmp(recipe->versions[i - 1].version, v->version) > 0);
		check(cenv_recipe_version(recipe, v->version) == v);
	}
}

static void parse(const char *text, size_t size, int in_archive)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_recipe *recipe;
	struct cenv_lint lint = {0};

	if (cenv_recipe_parse(&recipe, text, size, "fuzz.ini", in_archive, &err) == 0) {
		check_recipe(recipe, in_archive);
		cenv_recipe_lint(&lint, (const struct cenv_recipe *const[]){recipe}, 1, true);
		cenv_lint_release(&lint);
	} else {
		check(!recipe && err.code == CENV_E_SYNTAX && err.detail);
	}
	cenv_recipe_free(recipe);
	cenv_err_release(&err);
}

static void check_same_version(const struct cenv_recipe_version *a,
			       const struct cenv_recipe_version *b)
{
	check(!strcmp(a->version, b->version) && a->line == b->line && !a->unread);
	check(!a->date == !b->date && (!a->date || !strcmp(a->date, b->date)));
	check(!a->tree_hash == !b->tree_hash && !strcmp(a->sha256, b->sha256));
	check(a->urls.n == b->urls.n && a->build->options.n == b->build->options.n);
	check(a->nrequires == b->nrequires);
	for (size_t i = 0; i < a->nrequires; i++)
		check(!strcmp(a->requires[i].text, b->requires[i].text) &&
		      a->requires[i].origin.line == b->requires[i].origin.line);
}

/* An outline finds the same faults, and holds the same once it is read. */
static void outline(const char *text, size_t size)
{
	struct cenv_err err = CENV_ERR_INIT, whole_err = CENV_ERR_INIT;
	struct cenv_recipe *recipe, *whole;
	struct cenv_buf copy = CENV_BUF_INIT;
	int ret = cenv_recipe_parse(&whole, text, size, "fuzz.ini", false, &whole_err);

	cenv_buf_add(&copy, text, size);
	check(cenv_recipe_outline(&recipe, &copy, "fuzz.ini", whole ? whole->key : "zlib", &err) ==
	      ret);
	check(!copy.len);
	check(ret == 0 || (!recipe && err.code == CENV_E_SYNTAX));
	for (size_t i = 0; whole && i < whole->nversions; i++) {
		cenv_recipe_read_version(recipe, &recipe->versions[i]);
		check_same_version(&recipe->versions[i], &whole->versions[i]);
	}
	cenv_recipe_free(recipe);
	cenv_recipe_free(whole);
	cenv_err_release(&err);
	cenv_err_release(&whole_err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	outline((const char *)data, size);
	parse((const char *)data, size, 0);
	parse((const char *)data, size, 1);
	return 0;
}

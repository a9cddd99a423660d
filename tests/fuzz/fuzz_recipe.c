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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse((const char *)data, size, 0);
	parse((const char *)data, size, 1);
	return 0;
}

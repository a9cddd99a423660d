/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_RECIPE_LINT_H
#define CENV_CORE_RECIPE_LINT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/recipe.h"

/*
 * What a folder of recipes is checked for beyond being well-formed: that it is
 * complete, written in the usual order, and that its libraries fit together.
 */
struct cenv_lint_finding {
	const char *path; /* borrowed from the recipe */
	unsigned line;    /* 0: the file as a whole */
	char *text;
};

/** In the order of the recipes. Zero-initialise to start. */
struct cenv_lint {
	struct cenv_lint_finding *v;
	size_t n, cap;
};

/**
 * Check recipes with each other.
 *
 * @param recipes  all of one index; they must outlive the findings.
 * @param complete they need nobody else: a dependency that none of them provides is a finding.
 */
void cenv_recipe_lint(struct cenv_lint *out, const struct cenv_recipe *const *recipes, size_t n,
		      bool complete);

void cenv_lint_release(struct cenv_lint *lint);

/**
 * Is it a licence expression: SPDX identifiers or LicenseRef-... joined by AND, OR, WITH and
 * parentheses? @param unknown receives the first identifier that is not in SPDX's list (an
 * allocated copy, the caller frees it), NULL when the form is at fault; may be NULL.
 */
bool cenv_license_valid(const char *expression, char **unknown);

#endif

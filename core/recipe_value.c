/* SPDX-License-Identifier: MIT */
#include "core/recipe_parser.h"

#include <string.h>

#include "core/base/str.h"

void cenv_recipe_fault_unknown(struct cenv_recipe_parser *p, unsigned line, const char *what,
			       const char *word, const char *const *known, size_t nknown)
{
	const char *near;

	if (cenv_suggest(word, known, nknown, &near, 1))
		cenv_faults_add(&p->faults, line, "unknown %s '%s'; did you mean '%s'?", what, word,
				near);
	else
		cenv_faults_add(&p->faults, line, "unknown %s '%s'", what, word);
}

const char *cenv_recipe_single(struct cenv_recipe_parser *p, const struct cenv_ini_key *key)
{
	if (!key)
		return NULL;
	if (key->n == 0) {
		cenv_faults_add(&p->faults, key->line, "'%s' has no value", key->name);
		return NULL;
	}
	if (key->n > 1)
		cenv_faults_add(&p->faults, key->values[1].line, "'%s' takes one value", key->name);
	return key->values[0].text;
}

void cenv_recipe_add_lines(const struct cenv_ini_key *key, struct cenv_strv *out)
{
	for (size_t i = 0; i < key->n; i++)
		cenv_strv_add(out, key->values[i].text);
}

void cenv_recipe_add_words(const struct cenv_ini_key *key, struct cenv_strv *out)
{
	static const char blanks[] = " \t";

	for (size_t i = 0; i < key->n; i++) {
		const char *at = key->values[i].text + strspn(key->values[i].text, blanks);

		while (*at) {
			size_t len = strcspn(at, blanks);

			cenv_strv_addn(out, at, len);
			at += len;
			at += strspn(at, blanks);
		}
	}
}

/*
 * Two options on one line would reach configure as one argument, which it
 * ignores without a word. Blanks are right only behind a '=': NAME=-O2 -g.
 */
void cenv_recipe_check_options(struct cenv_recipe_parser *p, const struct cenv_ini_key *key)
{
	for (size_t i = 0; i < key->n; i++) {
		const char *blank = strpbrk(key->values[i].text, " \t");
		const char *equals = strchr(key->values[i].text, '=');

		if (blank && (!equals || equals > blank))
			cenv_faults_add(&p->faults, key->values[i].line,
					"'%s' is one argument a line: '%s' holds a blank",
					key->name, key->values[i].text);
	}
}

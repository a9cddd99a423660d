/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_RECIPE_PARSER_H
#define CENV_CORE_RECIPE_PARSER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/faults.h"
#include "core/ini.h"
#include "core/recipe.h"

/*
 * Shared by the parts that read a recipe: recipe.c the whole, recipe_build.c [build],
 * recipe_feature.c [feature], recipe_version.c [version], recipe_outline.c versions that are left
 * unread, recipe_value.c what the values have in common.
 */

/* What a parse works on: the text as sections, the recipe as it grows, the faults met. */
struct cenv_recipe_parser {
	struct cenv_ini ini;
	struct cenv_faults faults;
	struct cenv_recipe *recipe;
	const struct cenv_ini_section *package, *build; /* NULL: not there */
	size_t items;  /* in the lists that each version gets a copy of */
	size_t copied; /* of them so far */
	size_t versions_cap;
	const char *key; /* an outline: what the package is called; else NULL */
	bool in_archive;
};

/* Values. */

/** Report a word that is none of `known`, with the nearest of them. */
void cenv_recipe_fault_unknown(struct cenv_recipe_parser *p, unsigned line, const char *what,
			       const char *word, const char *const *known, size_t nknown);
/** The value of a key that has exactly one; NULL is reported, or the key is absent. */
const char *cenv_recipe_single(struct cenv_recipe_parser *p, const struct cenv_ini_key *key);
/** Append the values, one a line, or split at blanks. */
void cenv_recipe_add_lines(const struct cenv_ini_key *key, struct cenv_strv *out);
void cenv_recipe_add_words(const struct cenv_ini_key *key, struct cenv_strv *out);
/** Report values that would reach configure as one argument too few. */
void cenv_recipe_check_options(struct cenv_recipe_parser *p, const struct cenv_ini_key *key);
/** "version 1.6.58": the part after the word, or NULL when the section is another. */
const char *cenv_recipe_section_argument(const struct cenv_ini_section *section, const char *word);

/* [build]. */

/** What the keys that [build] and [version] share are for. */
struct cenv_recipe_build_target {
	struct cenv_build_section *section;
	struct cenv_requirement **requires;
	size_t *nrequires;
	struct cenv_feature *features;
};

void cenv_recipe_take_build(struct cenv_recipe_parser *p);
/** A key that [build] and [version] share. @return false: it is none of those. */
bool cenv_recipe_take_build_key(struct cenv_recipe_parser *p, const struct cenv_ini_key *key,
				const struct cenv_recipe_build_target *out);
/** Report a key of [build] or [version] that neither has. */
void cenv_recipe_fault_unknown_key(struct cenv_recipe_parser *p, const struct cenv_ini_key *key,
				   const char *const *own, size_t nown);
/** Report shell lines that another build system would pass over in silence, or that are missing. */
void cenv_recipe_check_commands(struct cenv_recipe_parser *p,
				const struct cenv_ini_section *section,
				const struct cenv_build_section *build, unsigned line);
void cenv_recipe_build_copy(struct cenv_build_section *to, const struct cenv_build_section *from);
void cenv_recipe_build_release(struct cenv_build_section *section);
void cenv_recipe_requires_copy(struct cenv_requirement **to, size_t *nto,
			       const struct cenv_requirement *from, size_t n);
void cenv_recipe_requires_release(struct cenv_requirement **v, size_t *n);

/* [feature NAME]. */

void cenv_recipe_add_feature(struct cenv_recipe_parser *p, const struct cenv_ini_section *section,
			     const char *name);
void cenv_recipe_sort_features(struct cenv_recipe *r);
void cenv_recipe_feature_copy(struct cenv_feature *to, const struct cenv_feature *from);
void cenv_recipe_feature_release(struct cenv_feature *feature);

/* [version V]. */

/** All versions, sorted; those that an outline left unread are there already. */
void cenv_recipe_take_versions(struct cenv_recipe_parser *p);
/** @param version its storage is the new version's. */
struct cenv_recipe_version *cenv_recipe_add_version(struct cenv_recipe_parser *p, char *version,
						    unsigned line);
void cenv_recipe_version_release(struct cenv_recipe_version *version, size_t nfeatures);

/** cenv_ini_parse_some() offers a section: one of a plain version needs no parser. */
bool cenv_recipe_take_plain(struct cenv_ini_raw *section, void *payload);

#endif

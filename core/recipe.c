/* SPDX-License-Identifier: MIT */
#include "core/recipe_parser.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/version.h"

/* ---- [package] ---- */

struct string_key {
	const char *name;
	size_t offset;
};

static const struct string_key package_strings[] = {
	{"summary", offsetof(struct cenv_recipe, summary)},
	{"homepage", offsetof(struct cenv_recipe, homepage)},
	{"license", offsetof(struct cenv_recipe, license)},
};
#define N_PACKAGE_STRINGS (sizeof(package_strings) / sizeof(*package_strings))

static const char *const package_keys[] = {
	"name", "summary", "homepage", "license", "pkgconfig", "version",
};
#define N_PACKAGE_KEYS (sizeof(package_keys) / sizeof(*package_keys))

static void take_name(struct cenv_recipe_parser *p, const struct cenv_ini_key *key)
{
	const char *value = cenv_recipe_single(p, key);

	if (!value)
		return;
	if (!cenv_name_valid(value, strlen(value))) {
		cenv_faults_add(&p->faults, key->line, "'%s' is no package name", value);
		return;
	}
	p->recipe->name = cenv_xstrdup(value);
	p->recipe->key = cenv_name_normalize(value);
}

static void take_pkgconfig(struct cenv_recipe_parser *p, const struct cenv_ini_key *key)
{
	struct cenv_strv *modules = &p->recipe->pkgconfig;

	cenv_recipe_add_words(key, modules);
	for (size_t i = 0; i < modules->n; i++) {
		if (strchr(modules->v[i], '/') || modules->v[i][0] == '.')
			cenv_faults_add(&p->faults, key->line, "'%s' is no pkg-config module",
					modules->v[i]);
	}
}

static void take_package_key(struct cenv_recipe_parser *p, const struct cenv_ini_key *key)
{
	for (size_t i = 0; i < N_PACKAGE_STRINGS; i++) {
		if (strcmp(key->name, package_strings[i].name) == 0) {
			char **field = (char **)((char *)p->recipe + package_strings[i].offset);
			const char *value = cenv_recipe_single(p, key);

			free(*field);
			*field = cenv_xstrdup(value);
			return;
		}
	}
	if (strcmp(key->name, "pkgconfig") == 0)
		take_pkgconfig(p, key);
	else if (strcmp(key->name, "name") != 0 &&
		 (strcmp(key->name, "version") != 0 || !p->in_archive))
		cenv_recipe_fault_unknown(p, key->line, "key", key->name, package_keys,
					  N_PACKAGE_KEYS - !p->in_archive);
}

static void take_package(struct cenv_recipe_parser *p)
{
	if (!p->package) {
		cenv_faults_add(&p->faults, 0, "there is no [package] section");
		return;
	}
	/* first of all: requirements are compared with it */
	if (cenv_ini_key(p->package, "name"))
		take_name(p, cenv_ini_key(p->package, "name"));
	else
		cenv_faults_add(&p->faults, p->package->line, "'name' is missing");
	for (size_t i = 0; i < p->package->n; i++)
		take_package_key(p, &p->package->keys[i]);
}

/* ---- sections ---- */
const char *cenv_recipe_section_argument(const struct cenv_ini_section *section, const char *word)
{
	size_t len = strlen(word);
	const char *rest = section->name + len;

	if (strncmp(section->name, word, len) != 0 || (*rest && !strchr(" \t", *rest)))
		return NULL;
	return rest + strspn(rest, " \t");
}

static void check_repeated_keys(struct cenv_recipe_parser *p,
				const struct cenv_ini_section *section)
{
	for (size_t i = 0; i < section->n; i++) {
		const struct cenv_ini_key *key = &section->keys[i];
		const struct cenv_ini_key *first = cenv_ini_key(section, key->name);

		if (first != key && strcmp(key->name, "url") != 0)
			cenv_faults_add(&p->faults, key->line, "'%s' stands in line %u already",
					key->name, first->line);
	}
}

static void count_items(struct cenv_recipe_parser *p, const struct cenv_ini_section *section)
{
	for (size_t i = 0; i < section->n; i++)
		p->items += section->keys[i].n;
}

static void take_once(struct cenv_recipe_parser *p, const struct cenv_ini_section **slot,
		      const struct cenv_ini_section *section)
{
	if (*slot)
		cenv_faults_add(&p->faults, section->line, "[%s] stands in line %u already",
				section->name, (*slot)->line);
	else
		*slot = section;
}

static void take_sections(struct cenv_recipe_parser *p)
{
	static const char *const known[] = {"package", "build", "feature", "version"};

	for (size_t i = 0; i < p->ini.n; i++) {
		const struct cenv_ini_section *section = &p->ini.sections[i];

		check_repeated_keys(p, section);
		if (!cenv_recipe_section_argument(section, "version"))
			count_items(p, section);
		if (strcmp(section->name, "package") == 0)
			take_once(p, &p->package, section);
		else if (strcmp(section->name, "build") == 0)
			take_once(p, &p->build, section);
		else if (cenv_recipe_section_argument(section, "feature"))
			cenv_recipe_add_feature(p, section,
						cenv_recipe_section_argument(section, "feature"));
		else if (!cenv_recipe_section_argument(section, "version"))
			cenv_recipe_fault_unknown(p, section->line, "section", section->name, known,
						  sizeof(known) / sizeof(*known));
	}
	cenv_recipe_sort_features(p->recipe);
}

/* ---- the whole ---- */

static int parse(struct cenv_recipe_parser *p, const char *text, size_t len,
		 struct cenv_recipe **out, struct cenv_err *err)
{
	int ret;

	if (len > CENV_RECIPE_MAX) {
		cenv_faults_add(&p->faults, 0, "larger than %d bytes", CENV_RECIPE_MAX);
	} else {
		cenv_ini_parse_some(&p->ini, text, len, p->key ? cenv_recipe_take_plain : NULL, p,
				    &p->faults);
		take_sections(p);
		take_package(p);
		cenv_recipe_take_build(p);
		cenv_recipe_take_versions(p);
	}
	ret = cenv_faults_report(&p->faults, p->in_archive ? "cenv.ini" : "recipe", err);
	*out = ret == 0 ? p->recipe : NULL;
	if (ret < 0)
		cenv_recipe_free(p->recipe);
	cenv_ini_release(&p->ini);
	cenv_faults_release(&p->faults);
	return ret;
}

int cenv_recipe_parse(struct cenv_recipe **out, const char *text, size_t len, const char *path,
		      bool in_archive, struct cenv_err *err)
{
	struct cenv_recipe_parser p = {.faults.path = path, .in_archive = in_archive};

	p.recipe = cenv_xcalloc(1, sizeof(*p.recipe));
	p.recipe->path = cenv_xstrdup(path);
	return parse(&p, text, len, out, err);
}

int cenv_recipe_outline(struct cenv_recipe **out, struct cenv_buf *text, const char *path,
			const char *key, struct cenv_err *err)
{
	struct cenv_recipe_parser p = {.faults.path = path, .key = key};
	size_t len = text->len;

	p.recipe = cenv_xcalloc(1, sizeof(*p.recipe));
	p.recipe->path = cenv_xstrdup(path);
	p.recipe->text = cenv_buf_detach(text);
	return parse(&p, p.recipe->text, len, out, err);
}

void cenv_recipe_free(struct cenv_recipe *recipe)
{
	if (!recipe)
		return;
	for (size_t i = 0; i < recipe->nversions; i++)
		cenv_recipe_version_release(&recipe->versions[i], recipe->nfeatures);
	for (size_t i = 0; i < recipe->nfeatures; i++)
		cenv_recipe_feature_release(&recipe->features[i]);
	free(recipe->versions);
	free(recipe->features);
	cenv_strv_release(&recipe->pkgconfig);
	free(recipe->name);
	free(recipe->key);
	free(recipe->summary);
	free(recipe->homepage);
	free(recipe->license);
	cenv_recipe_build_release(&recipe->base);
	cenv_recipe_requires_release(&recipe->requires, &recipe->nrequires);
	cenv_arena_release(&recipe->arena);
	free(recipe->path);
	free(recipe->text);
	free(recipe);
}

const struct cenv_recipe_version *cenv_recipe_version(const struct cenv_recipe *recipe,
						      const char *version)
{
	for (size_t i = 0; i < recipe->nversions; i++) {
		if (cenv_version_cmp(recipe->versions[i].version, version) == 0)
			return &recipe->versions[i];
	}
	return NULL;
}

int cenv_recipe_feature(const struct cenv_recipe *recipe, const char *name)
{
	char *key = cenv_name_normalize(name);
	int found = -1;

	for (size_t i = 0; found < 0 && i < recipe->nfeatures; i++) {
		char *other = cenv_name_normalize(recipe->features[i].name);

		if (strcmp(key, other) == 0)
			found = (int)i;
		free(other);
	}
	free(key);
	return found;
}

/* SPDX-License-Identifier: MIT */
#include "core/recipe_parser.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"

static const char *const system_names[] = {
	[CENV_BUILD_DETECT] = "detect",	      [CENV_BUILD_MESON] = "meson",
	[CENV_BUILD_AUTOTOOLS] = "autotools", [CENV_BUILD_CMAKE] = "cmake",
	[CENV_BUILD_CONFIGURE] = "configure", [CENV_BUILD_MAKE] = "make",
	[CENV_BUILD_COMMANDS] = "commands",
};
#define N_SYSTEMS (sizeof(system_names) / sizeof(*system_names))

const char *cenv_build_system_name(enum cenv_build_system system)
{
	return (unsigned)system < N_SYSTEMS ? system_names[system] : "unknown";
}

static void check_env(struct cenv_recipe_parser *p, const struct cenv_ini_key *key)
{
	for (size_t i = 0; i < key->n; i++) {
		const char *text = key->values[i].text;
		size_t len = strcspn(text, "=");
		bool good = text[len] == '=' && len > 0 && !isdigit((unsigned char)*text);

		for (size_t j = 0; j < len; j++)
			good = good && (isalnum((unsigned char)text[j]) || text[j] == '_');
		if (!good)
			cenv_faults_add(&p->faults, key->values[i].line,
					"'env' is one NAME=value a line, not '%s'", text);
	}
}

/* A folder inside the sources: no way out of them. */
static bool subdir_is_inside(const char *path)
{
	if (*path == '/')
		return false;
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len == 2 && path[0] == '.' && path[1] == '.')
			return false;
		path += len;
		path += strspn(path, "/");
	}
	return true;
}

void cenv_recipe_requires_release(struct cenv_requirement **v, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		cenv_requirement_release(&(*v)[i]);
	free(*v);
	*v = NULL;
	*n = 0;
}

void cenv_recipe_requires_copy(struct cenv_requirement **to, size_t *nto,
			       const struct cenv_requirement *from, size_t n)
{
	*to = n ? cenv_xcalloc(n, sizeof(**to)) : NULL;
	*nto = n;
	for (size_t i = 0; i < n; i++)
		cenv_requirement_copy(&(*to)[i], &from[i]);
}

static bool requirement_fits(struct cenv_recipe_parser *p, const struct cenv_requirement *req,
			     unsigned line)
{
	const char *self = p->recipe->key;

	if (req->kind != CENV_REQ_NAME) {
		cenv_faults_add(&p->faults, line, "'%s': a recipe requires libraries by name",
				req->text);
		return false;
	}
	if (self && strcmp(req->key, self) == 0) {
		cenv_faults_add(&p->faults, line, "'%s' requires itself", p->recipe->name);
		return false;
	}
	return true;
}

static void take_requirements(struct cenv_recipe_parser *p, const struct cenv_ini_key *key,
			      struct cenv_requirement **out, size_t *n)
{
	cenv_recipe_requires_release(out, n);
	if (key->n)
		*out = cenv_xcalloc(key->n, sizeof(**out));
	for (size_t i = 0; i < key->n; i++) {
		const struct cenv_ini_value *value = &key->values[i];
		struct cenv_requirement *req = &(*out)[*n];
		struct cenv_err err = CENV_ERR_INIT;

		if (cenv_requirement_parse(req, value->text, NULL, NULL, &err) < 0) {
			cenv_faults_add(&p->faults, value->line, "%s", err.msg);
			cenv_err_release(&err);
		} else if (!requirement_fits(p, req, value->line)) {
			cenv_requirement_release(req);
			*req = (struct cenv_requirement){0};
		} else {
			free(req->origin.file);
			req->origin = (struct cenv_origin){.file = cenv_xstrdup(p->recipe->path),
							   .line = value->line};
			(*n)++;
		}
	}
}

/* Lists of [build], each by the key that fills it. */
struct list_key {
	const char *name;
	size_t offset;
	bool words; /* split at blanks */
	void (*check)(struct cenv_recipe_parser *p, const struct cenv_ini_key *key); /* or NULL */
};

#define LIST(key_name, field, words, check)                                                        \
	{                                                                                          \
		key_name, offsetof(struct cenv_build_section, field), words, check                 \
	}

static const struct list_key list_keys[] = {
	LIST("options", options, false, cenv_recipe_check_options),
	LIST("make", make, false, cenv_recipe_check_options),
	LIST("targets", targets, true, NULL),
	LIST("install-targets", install_targets, true, NULL),
	LIST("env", env, false, check_env),
	LIST("cflags", cflags, true, NULL),
	LIST("ldflags", ldflags, true, NULL),
	LIST("configure", configure, false, NULL),
	LIST("build", build, false, NULL),
	LIST("install", install, false, NULL),
	LIST("tools", tools, true, NULL),
};
#define N_LIST_KEYS (sizeof(list_keys) / sizeof(*list_keys))

static struct cenv_strv *section_list(const struct cenv_build_section *section, size_t i)
{
	return (struct cenv_strv *)((char *)section + list_keys[i].offset);
}

void cenv_recipe_build_release(struct cenv_build_section *section)
{
	for (size_t i = 0; i < N_LIST_KEYS; i++)
		cenv_strv_release(section_list(section, i));
	cenv_strv_release(&section->patches);
	free(section->subdir);
}

void cenv_recipe_build_copy(struct cenv_build_section *to, const struct cenv_build_section *from)
{
	*to = (struct cenv_build_section){.system = from->system,
					  .subdir = cenv_xstrdup(from->subdir)};
	for (size_t i = 0; i < N_LIST_KEYS; i++)
		cenv_strv_add_all(section_list(to, i), section_list(from, i));
}

static void take_list(struct cenv_recipe_parser *p, const struct cenv_ini_key *key, size_t i,
		      struct cenv_build_section *out)
{
	struct cenv_strv *list = section_list(out, i);

	cenv_strv_release(list);
	*list = (struct cenv_strv){0};
	if (list_keys[i].words)
		cenv_recipe_add_words(key, list);
	else
		cenv_recipe_add_lines(key, list);
	if (list_keys[i].check)
		list_keys[i].check(p, key);
}

static void take_system(struct cenv_recipe_parser *p, const struct cenv_ini_key *key,
			struct cenv_build_section *out)
{
	const char *value = cenv_recipe_single(p, key);

	for (size_t i = 0; value && i < N_SYSTEMS; i++) {
		if (strcmp(value, system_names[i]) == 0) {
			out->system = (enum cenv_build_system)i;
			return;
		}
	}
	if (value)
		cenv_recipe_fault_unknown(p, key->line, "build system", value, system_names,
					  N_SYSTEMS);
}

static void take_subdir(struct cenv_recipe_parser *p, const struct cenv_ini_key *key,
			struct cenv_build_section *out)
{
	const char *value = cenv_recipe_single(p, key);

	if (!value)
		return;
	if (!subdir_is_inside(value)) {
		cenv_faults_add(&p->faults, key->line, "subdir '%s' leaves the sources", value);
		return;
	}
	free(out->subdir);
	out->subdir = cenv_xstrdup(value);
}

/* `requires[NAME]`: the feature it belongs to; NULL when there is none (reported). */
static struct cenv_feature *key_feature(struct cenv_recipe_parser *p,
					const struct cenv_ini_key *key,
					struct cenv_feature *features)
{
	const char *name = key->name + strlen("requires[");
	size_t len = strlen(name);
	char *copy;
	int found;

	if (len < 2 || name[len - 1] != ']') {
		cenv_faults_add(&p->faults, key->line, "expected 'requires[FEATURE]', not '%s'",
				key->name);
		return NULL;
	}
	copy = cenv_xstrndup(name, len - 1);
	found = cenv_recipe_feature(p->recipe, copy);
	if (found < 0)
		cenv_faults_add(&p->faults, key->line, "there is no [feature %s]", copy);
	free(copy);
	return found < 0 ? NULL : &features[found];
}

bool cenv_recipe_take_build_key(struct cenv_recipe_parser *p, const struct cenv_ini_key *key,
				const struct cenv_recipe_build_target *out)
{
	struct cenv_feature *feature;

	if (strcmp(key->name, "system") == 0) {
		take_system(p, key, out->section);
		return true;
	}
	if (strcmp(key->name, "subdir") == 0) {
		take_subdir(p, key, out->section);
		return true;
	}
	if (strcmp(key->name, "requires") == 0) {
		take_requirements(p, key, out->requires, out->nrequires);
		return true;
	}
	if (cenv_str_starts(key->name, "requires[")) {
		feature = key_feature(p, key, out->features);
		if (feature)
			take_requirements(p, key, &feature->requires, &feature->nrequires);
		return true;
	}
	for (size_t i = 0; i < N_LIST_KEYS; i++) {
		if (strcmp(key->name, list_keys[i].name) == 0) {
			take_list(p, key, i, out->section);
			return true;
		}
	}
	return false;
}

void cenv_recipe_fault_unknown_key(struct cenv_recipe_parser *p, const struct cenv_ini_key *key,
				   const char *const *own, size_t nown)
{
	const char *known[N_LIST_KEYS + 16] = {"system", "subdir", "requires"};
	size_t n = 3;

	for (size_t i = 0; i < N_LIST_KEYS; i++)
		known[n++] = list_keys[i].name;
	for (size_t i = 0; i < nown; i++)
		known[n++] = own[i];
	cenv_recipe_fault_unknown(p, key->line, "key", key->name, known, n);
}

void cenv_recipe_check_commands(struct cenv_recipe_parser *p,
				const struct cenv_ini_section *section,
				const struct cenv_build_section *build, unsigned line)
{
	static const char *const lines[] = {"configure", "build", "install"};

	if (build->system == CENV_BUILD_COMMANDS) {
		if (build->install.n == 0)
			cenv_faults_add(&p->faults, line,
					"'system = commands' needs 'install' lines");
		return;
	}
	for (size_t i = 0; section && i < sizeof(lines) / sizeof(*lines); i++) {
		const struct cenv_ini_key *key = cenv_ini_key(section, lines[i]);

		if (key)
			cenv_faults_add(&p->faults, key->line,
					"'%s' lines are only for 'system = commands'", key->name);
	}
}

void cenv_recipe_take_build(struct cenv_recipe_parser *p)
{
	struct cenv_recipe *r = p->recipe;
	const struct cenv_recipe_build_target target = {&r->base, &r->requires, &r->nrequires,
							r->features};

	if (!p->build)
		return;
	for (size_t i = 0; i < p->build->n; i++) {
		if (!cenv_recipe_take_build_key(p, &p->build->keys[i], &target))
			cenv_recipe_fault_unknown_key(p, &p->build->keys[i], NULL, 0);
	}
}

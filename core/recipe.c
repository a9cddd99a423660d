/* SPDX-License-Identifier: MIT */
#include "core/recipe.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/ini.h"
#include "core/recipe_plain.h"
#include "core/requirement_plain.h"
#include "core/version.h"

/* What a parse works on: the text as sections, the recipe as it grows, the faults met. */
struct parser {
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

/* ---- build systems ---- */

static const char *const system_names[] = {
	[CENV_BUILD_DETECT] = "detect",       [CENV_BUILD_MESON] = "meson",
	[CENV_BUILD_AUTOTOOLS] = "autotools", [CENV_BUILD_CMAKE] = "cmake",
	[CENV_BUILD_CONFIGURE] = "configure", [CENV_BUILD_MAKE] = "make",
	[CENV_BUILD_COMMANDS] = "commands",
};
#define N_SYSTEMS (sizeof(system_names) / sizeof(*system_names))

const char *cenv_build_system_name(enum cenv_build_system system)
{
	return (unsigned)system < N_SYSTEMS ? system_names[system] : "unknown";
}

/* ---- values ---- */

/* Report a word that is none of `known`, with the nearest of them. */
static void fault_unknown(struct parser *p, unsigned line, const char *what, const char *word,
			  const char *const *known, size_t nknown)
{
	const char *near;

	if (cenv_suggest(word, known, nknown, &near, 1))
		cenv_faults_add(&p->faults, line, "unknown %s '%s'; did you mean '%s'?", what, word,
				near);
	else
		cenv_faults_add(&p->faults, line, "unknown %s '%s'", what, word);
}

/* The value of a key that has exactly one; NULL is reported, or the key is absent. */
static const char *single_value(struct parser *p, const struct cenv_ini_key *key)
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

static void add_lines(const struct cenv_ini_key *key, struct cenv_strv *out)
{
	for (size_t i = 0; i < key->n; i++)
		cenv_strv_add(out, key->values[i].text);
}

static void add_words(const struct cenv_ini_key *key, struct cenv_strv *out)
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
static void check_options(struct parser *p, const struct cenv_ini_key *key)
{
	for (size_t i = 0; i < key->n; i++) {
		const char *blank = strpbrk(key->values[i].text, " \t");
		const char *equals = strchr(key->values[i].text, '=');

		if (blank && (!equals || equals > blank))
			cenv_faults_add(&p->faults, key->values[i].line,
					"'%s' is one argument a line: '%s' holds a blank", key->name,
					key->values[i].text);
	}
}

static void check_env(struct parser *p, const struct cenv_ini_key *key)
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

/* ---- requirements ---- */

static void requirements_release(struct cenv_requirement **v, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		cenv_requirement_release(&(*v)[i]);
	free(*v);
	*v = NULL;
	*n = 0;
}

static void requirements_copy(struct cenv_requirement **to, size_t *nto,
			      const struct cenv_requirement *from, size_t n)
{
	*to = n ? cenv_xcalloc(n, sizeof(**to)) : NULL;
	*nto = n;
	for (size_t i = 0; i < n; i++)
		cenv_requirement_copy(&(*to)[i], &from[i]);
}

static bool requirement_fits(struct parser *p, const struct cenv_requirement *req, unsigned line)
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

static void take_requirements(struct parser *p, const struct cenv_ini_key *key,
			      struct cenv_requirement **out, size_t *n)
{
	requirements_release(out, n);
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
			req->origin = (struct cenv_origin){
				.file = cenv_xstrdup(p->recipe->path), .line = value->line};
			(*n)++;
		}
	}
}

/* ---- [build] ---- */

/* Lists of [build], each by the key that fills it. */
struct list_key {
	const char *name;
	size_t offset;
	bool words; /* split at blanks */
	void (*check)(struct parser *p, const struct cenv_ini_key *key); /* or NULL */
};

#define LIST(key_name, field, words, check)                                                        \
	{                                                                                          \
		key_name, offsetof(struct cenv_build_section, field), words, check                 \
	}

static const struct list_key list_keys[] = {
	LIST("options", options, false, check_options),
	LIST("make", make, false, check_options),
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

static void build_release(struct cenv_build_section *section)
{
	for (size_t i = 0; i < N_LIST_KEYS; i++)
		cenv_strv_release(section_list(section, i));
	cenv_strv_release(&section->patches);
	free(section->subdir);
}

static void build_copy(struct cenv_build_section *to, const struct cenv_build_section *from)
{
	*to = (struct cenv_build_section){.system = from->system,
					  .subdir = cenv_xstrdup(from->subdir)};
	for (size_t i = 0; i < N_LIST_KEYS; i++)
		cenv_strv_add_all(section_list(to, i), section_list(from, i));
}

/* What the keys that [build] and [version] share are for. */
struct build_target {
	struct cenv_build_section *section;
	struct cenv_requirement **requires;
	size_t *nrequires;
	struct cenv_feature *features;
};

static void take_list(struct parser *p, const struct cenv_ini_key *key, size_t i,
		      struct cenv_build_section *out)
{
	struct cenv_strv *list = section_list(out, i);

	cenv_strv_release(list);
	*list = (struct cenv_strv){0};
	if (list_keys[i].words)
		add_words(key, list);
	else
		add_lines(key, list);
	if (list_keys[i].check)
		list_keys[i].check(p, key);
}

static void take_system(struct parser *p, const struct cenv_ini_key *key,
			struct cenv_build_section *out)
{
	const char *value = single_value(p, key);

	for (size_t i = 0; value && i < N_SYSTEMS; i++) {
		if (strcmp(value, system_names[i]) == 0) {
			out->system = (enum cenv_build_system)i;
			return;
		}
	}
	if (value)
		fault_unknown(p, key->line, "build system", value, system_names, N_SYSTEMS);
}

static void take_subdir(struct parser *p, const struct cenv_ini_key *key,
			struct cenv_build_section *out)
{
	const char *value = single_value(p, key);

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
static struct cenv_feature *key_feature(struct parser *p, const struct cenv_ini_key *key,
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

/* A key that [build] and [version] share. @return false: it is none of those. */
static bool take_build_key(struct parser *p, const struct cenv_ini_key *key,
			   const struct build_target *out)
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

/* Report a key of [build] or [version] that neither has. */
static void fault_unknown_key(struct parser *p, const struct cenv_ini_key *key,
			      const char *const *own, size_t nown)
{
	const char *known[N_LIST_KEYS + 16] = {"system", "subdir", "requires"};
	size_t n = 3;

	for (size_t i = 0; i < N_LIST_KEYS; i++)
		known[n++] = list_keys[i].name;
	for (size_t i = 0; i < nown; i++)
		known[n++] = own[i];
	fault_unknown(p, key->line, "key", key->name, known, n);
}

/* Shell lines that another build system would pass over in silence, or that are missing. */
static void check_commands(struct parser *p, const struct cenv_ini_section *section,
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

static void take_build(struct parser *p)
{
	struct cenv_recipe *r = p->recipe;
	const struct build_target target = {&r->base, &r->requires, &r->nrequires, r->features};

	if (!p->build)
		return;
	for (size_t i = 0; i < p->build->n; i++) {
		if (!take_build_key(p, &p->build->keys[i], &target))
			fault_unknown_key(p, &p->build->keys[i], NULL, 0);
	}
}

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

static void take_name(struct parser *p, const struct cenv_ini_key *key)
{
	const char *value = single_value(p, key);

	if (!value)
		return;
	if (!cenv_name_valid(value, strlen(value))) {
		cenv_faults_add(&p->faults, key->line, "'%s' is no package name", value);
		return;
	}
	p->recipe->name = cenv_xstrdup(value);
	p->recipe->key = cenv_name_normalize(value);
}

static void take_pkgconfig(struct parser *p, const struct cenv_ini_key *key)
{
	struct cenv_strv *modules = &p->recipe->pkgconfig;

	add_words(key, modules);
	for (size_t i = 0; i < modules->n; i++) {
		if (strchr(modules->v[i], '/') || modules->v[i][0] == '.')
			cenv_faults_add(&p->faults, key->line, "'%s' is no pkg-config module",
					modules->v[i]);
	}
}

static void take_package_key(struct parser *p, const struct cenv_ini_key *key)
{
	for (size_t i = 0; i < N_PACKAGE_STRINGS; i++) {
		if (strcmp(key->name, package_strings[i].name) == 0) {
			char **field =
				(char **)((char *)p->recipe + package_strings[i].offset);
			const char *value = single_value(p, key);

			free(*field);
			*field = cenv_xstrdup(value);
			return;
		}
	}
	if (strcmp(key->name, "pkgconfig") == 0)
		take_pkgconfig(p, key);
	else if (strcmp(key->name, "name") != 0 &&
		 (strcmp(key->name, "version") != 0 || !p->in_archive))
		fault_unknown(p, key->line, "key", key->name, package_keys,
			      N_PACKAGE_KEYS - !p->in_archive);
}

static void take_package(struct parser *p)
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

/* ---- [feature NAME] ---- */

static const char *const feature_keys[] = {"summary", "default", "enable", "disable"};

static void take_default(struct parser *p, const struct cenv_ini_key *key,
			 struct cenv_feature *out)
{
	const char *value = single_value(p, key);

	if (!value)
		return;
	out->is_default = strcmp(value, "yes") == 0;
	if (!out->is_default && strcmp(value, "no") != 0)
		cenv_faults_add(&p->faults, key->line, "'default' is yes or no, not '%s'", value);
}

static void take_feature(struct parser *p, const struct cenv_ini_section *section,
			 const char *name, struct cenv_feature *out)
{
	*out = (struct cenv_feature){.name = cenv_xstrdup(name), .line = section->line};
	for (size_t i = 0; i < section->n; i++) {
		const struct cenv_ini_key *key = &section->keys[i];

		if (strcmp(key->name, "summary") == 0 && !out->summary) {
			out->summary = cenv_xstrdup(single_value(p, key));
		} else if (strcmp(key->name, "default") == 0) {
			take_default(p, key, out);
		} else if (strcmp(key->name, "enable") == 0) {
			add_lines(key, &out->enable);
			check_options(p, key);
		} else if (strcmp(key->name, "disable") == 0) {
			add_lines(key, &out->disable);
			check_options(p, key);
		} else if (strcmp(key->name, "summary") != 0) {
			fault_unknown(p, key->line, "key", key->name, feature_keys,
				      sizeof(feature_keys) / sizeof(*feature_keys));
		}
	}
}

static void feature_release(struct cenv_feature *feature)
{
	free(feature->name);
	free(feature->summary);
	cenv_strv_release(&feature->enable);
	cenv_strv_release(&feature->disable);
	requirements_release(&feature->requires, &feature->nrequires);
}

static void feature_copy(struct cenv_feature *to, const struct cenv_feature *from)
{
	*to = (struct cenv_feature){
		.name = cenv_xstrdup(from->name),
		.summary = cenv_xstrdup(from->summary),
		.is_default = from->is_default,
		.line = from->line,
	};
	cenv_strv_add_all(&to->enable, &from->enable);
	cenv_strv_add_all(&to->disable, &from->disable);
	requirements_copy(&to->requires, &to->nrequires, from->requires, from->nrequires);
}

static int feature_cmp(const void *a, const void *b)
{
	const struct cenv_feature *fa = a, *fb = b;

	return strcmp(fa->name, fb->name);
}

/* ---- [version V] ---- */

static const char *const version_keys[] = {"url", "sha256", "tree-hash", "date"};

static bool date_is_valid(const char *s)
{
	static const char shape[] = "dddd-dd-dd";

	if (strlen(s) != strlen(shape))
		return false;
	for (size_t i = 0; shape[i]; i++) {
		if (shape[i] == 'd' ? !isdigit((unsigned char)s[i]) : s[i] != '-')
			return false;
	}
	return true;
}

/* @return the hash in lower case, or NULL (reported) */
static char *take_sha256(struct parser *p, const struct cenv_ini_key *key)
{
	const char *value = single_value(p, key);
	char *hex;

	if (!value)
		return NULL;
	if (!cenv_is_sha256(value, strlen(value))) {
		cenv_faults_add(&p->faults, key->line, "'%s' is 64 hex digits, not '%s'", key->name,
				value);
		return NULL;
	}
	hex = cenv_xstrdup(value);
	for (char *c = hex; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return hex;
}

static void take_date(struct parser *p, const struct cenv_ini_key *key,
		      struct cenv_recipe_version *out)
{
	const char *value = single_value(p, key);

	if (value && !date_is_valid(value))
		cenv_faults_add(&p->faults, key->line, "'date' is YYYY-MM-DD, not '%s'", value);
	else if (!out->date)
		out->date = cenv_xstrdup(value);
}

static void take_urls(struct parser *p, const struct cenv_ini_key *key,
		      struct cenv_recipe_version *out)
{
	for (size_t i = 0; i < key->n; i++) {
		if (strpbrk(key->values[i].text, " \t"))
			cenv_faults_add(&p->faults, key->values[i].line, "blank in URL '%s'",
					key->values[i].text);
		cenv_strv_add(&out->urls, key->values[i].text);
	}
}

static void take_version_key(struct parser *p, const struct cenv_ini_key *key,
			     struct cenv_recipe_version *out)
{
	if (strcmp(key->name, "url") == 0) {
		take_urls(p, key, out);
	} else if (strcmp(key->name, "sha256") == 0) {
		free(out->sha256);
		out->sha256 = take_sha256(p, key);
	} else if (strcmp(key->name, "tree-hash") == 0) {
		free(out->tree_hash);
		out->tree_hash = take_sha256(p, key);
	} else if (strcmp(key->name, "date") == 0) {
		take_date(p, key, out);
	} else {
		const struct build_target target = {out->build, &out->requires, &out->nrequires,
						    out->features};

		if (!take_build_key(p, key, &target))
			fault_unknown_key(p, key, version_keys,
					  sizeof(version_keys) / sizeof(*version_keys));
	}
}

static struct cenv_recipe_version *add_version(struct parser *p, char *version, unsigned line)
{
	struct cenv_recipe *r = p->recipe;
	struct cenv_recipe_version *out;

	CENV_GROW(r->versions, r->nversions, p->versions_cap);
	out = &r->versions[r->nversions++];
	*out = (struct cenv_recipe_version){.version = version, .line = line};
	return out;
}

/* What [build] and the features say, for the version's own keys to change. */
static void inherit(const struct cenv_recipe *r, struct cenv_recipe_version *out)
{
	out->build = cenv_xcalloc(1, sizeof(*out->build));
	build_copy(out->build, &r->base);
	requirements_copy(&out->requires, &out->nrequires, r->requires, r->nrequires);
	if (r->nfeatures)
		out->features = cenv_xcalloc(r->nfeatures, sizeof(*out->features));
	for (size_t i = 0; i < r->nfeatures; i++)
		feature_copy(&out->features[i], &r->features[i]);
}

static bool has_room(struct parser *p, unsigned line)
{
	p->copied += p->items;
	if (p->recipe->nversions == CENV_RECIPE_VERSIONS_MAX)
		cenv_faults_add(&p->faults, line, "more than %d versions",
				CENV_RECIPE_VERSIONS_MAX);
	else if (p->copied > CENV_RECIPE_ITEMS_MAX)
		cenv_faults_add(&p->faults, line, "too many versions for lists this long");
	else
		return true;
	return false;
}

/* ---- plain versions, which an outline leaves unread ---- */

static void keep_url(struct cenv_recipe *r, struct cenv_strv *urls, char *url)
{
	if (urls->n + 1 >= urls->cap) {
		size_t cap = urls->cap ? urls->cap * 2 : 2;
		char **v = cenv_arena_alloc(&r->arena, cap * sizeof(*v));

		if (urls->n)
			memcpy(v, urls->v, urls->n * sizeof(*v));
		urls->v = v;
		urls->cap = cap;
	}
	urls->v[urls->n++] = url;
	urls->v[urls->n] = NULL;
}

static void keep_requirement(struct cenv_recipe *r, struct cenv_recipe_version *out,
			     const char *text, size_t len, unsigned line)
{
	struct cenv_requirement *req = &out->requires[out->nrequires++];

	cenv_requirement_plain(req, text, len, &r->arena);
	req->origin = (struct cenv_origin){.file = r->path, .line = line};
}

/* The value is in the recipe's own text: an end there makes a string of it. */
static void keep_line(struct cenv_recipe *r, struct cenv_recipe_version *out,
		      const struct cenv_plain_line *line, unsigned number)
{
	char *value = r->text + (line->value - r->text);

	if (line->key != CENV_PLAIN_NONE)
		value[line->len] = '\0';
	switch (line->key) {
	case CENV_PLAIN_URL:
		keep_url(r, &out->urls, value);
		break;
	case CENV_PLAIN_SHA256:
		out->sha256 = value;
		break;
	case CENV_PLAIN_TREE_HASH:
		out->tree_hash = value;
		break;
	case CENV_PLAIN_REQUIRES:
		keep_requirement(r, out, value, line->len, number);
		break;
	case CENV_PLAIN_DATE: /* known since the outline */
	case CENV_PLAIN_NONE:
	case CENV_PLAIN_OTHER:
		break;
	}
}

void cenv_recipe_read_version(const struct cenv_recipe *recipe,
			      const struct cenv_recipe_version *version)
{
	/* to callers a recipe does not change: what was always in it is only read now */
	struct cenv_recipe *r = (struct cenv_recipe *)recipe;
	struct cenv_recipe_version *out = &r->versions[version - r->versions];
	struct cenv_plain_reader reader = {.at = out->unread};
	struct cenv_plain_line line;

	if (!out->unread)
		return;
	reader.end = out->unread + out->unread_len;
	out->unread = NULL;
	out->build = &r->base;
	out->features = r->features;
	if (out->unread_requires)
		out->requires = cenv_arena_alloc(&r->arena, out->unread_requires *
								    sizeof(*out->requires));
	while (cenv_plain_next(&reader, &line))
		keep_line(r, out, &line, version->line + reader.line);
	if (!(reader.seen & 1u << CENV_PLAIN_REQUIRES)) {
		out->requires = r->requires;
		out->nrequires = r->nrequires;
	}
}

void cenv_recipe_read_all(const struct cenv_recipe *recipe)
{
	for (size_t i = 0; i < recipe->nversions; i++)
		cenv_recipe_read_version(recipe, &recipe->versions[i]);
}

static bool is_version(const char *s, size_t len)
{
	return strlen(s) == len && cenv_version_valid(s);
}

/* cenv_ini_parse_some() offers a section: one of a plain version needs no parser. */
static bool take_plain(struct cenv_ini_raw *section, void *payload)
{
	static const char word[] = "version ";
	const size_t n = sizeof(word) - 1;
	struct parser *p = payload;
	struct cenv_recipe_version *out;
	struct cenv_plain_body body;
	char *version = p->recipe->text + (section->name - p->recipe->text) + n;

	if (section->name_len <= n || memcmp(section->name, word, n) != 0 ||
	    p->recipe->nversions == CENV_RECIPE_VERSIONS_MAX)
		return false;
	version[section->name_len - n] = '\0'; /* in the place of its ']' */
	if (!is_version(version, section->name_len - n) ||
	    !cenv_plain_body(&body, section->body, section->len, p->key)) {
		version[section->name_len - n] = ']'; /* as it was, for the parser */
		return false;
	}
	out = add_version(p, version, section->line);
	out->is_plain = true;
	out->unread = p->recipe->text + (section->body - p->recipe->text);
	out->unread_len = body.len;
	out->unread_requires = body.requires;
	if (body.date) {
		out->date = cenv_arena_alloc(&p->recipe->arena, body.date_len + 1);
		memcpy(out->date, body.date, body.date_len);
	}
	section->len = body.len;
	section->lines = body.lines;
	return true;
}

static void take_version(struct parser *p, const struct cenv_ini_section *section,
			 const char *version)
{
	struct cenv_recipe_version *out;

	if (!has_room(p, section->line))
		return;
	out = add_version(p, cenv_xstrdup(version), section->line);
	if (!cenv_version_valid(version))
		cenv_faults_add(&p->faults, section->line, "'%s' is no version", version);
	inherit(p->recipe, out);
	for (size_t i = 0; i < section->n; i++)
		take_version_key(p, &section->keys[i], out);
	if (out->urls.n == 0)
		cenv_faults_add(&p->faults, section->line, "version %s: 'url' is missing", version);
	if (!cenv_ini_key(section, "sha256"))
		cenv_faults_add(&p->faults, section->line, "version %s: 'sha256' is missing",
				version);
	check_commands(p, section, out->build, section->line);
}

/* Of a plain version, what the others of its recipe may make a fault of. */
static void check_plain(struct parser *p, const struct cenv_recipe_version *version)
{
	if (has_room(p, version->line))
		check_commands(p, NULL, &p->recipe->base, version->line);
}

static void version_release(struct cenv_recipe_version *version, size_t nfeatures)
{
	if (version->is_plain)
		return;
	free(version->version);
	free(version->sha256);
	free(version->tree_hash);
	free(version->date);
	cenv_strv_release(&version->urls);
	build_release(version->build);
	free(version->build);
	requirements_release(&version->requires, &version->nrequires);
	for (size_t i = 0; version->features && i < nfeatures; i++)
		feature_release(&version->features[i]);
	free(version->features);
}

static int version_cmp_newest_first(const void *a, const void *b)
{
	const struct cenv_recipe_version *va = a, *vb = b;
	int order = cenv_version_cmp(vb->version, va->version);

	/* equal versions are a fault; which line is named must not depend on qsort */
	return order ? order : (va->line > vb->line) - (va->line < vb->line);
}

static void sort_versions(struct parser *p)
{
	struct cenv_recipe *r = p->recipe;
	bool is_sorted = true; /* as it is written by people */

	for (size_t i = 1; i < r->nversions && is_sorted; i++)
		is_sorted = cenv_version_cmp(r->versions[i - 1].version,
					     r->versions[i].version) > 0;
	if (is_sorted)
		return;
	if (r->nversions)
		qsort(r->versions, r->nversions, sizeof(*r->versions), version_cmp_newest_first);
	for (size_t i = 1; i < r->nversions; i++) {
		const struct cenv_recipe_version *a = &r->versions[i - 1], *b = &r->versions[i];

		if (cenv_version_cmp(a->version, b->version) == 0)
			cenv_faults_add(&p->faults, b->line,
					"version %s is the same as version %s in line %u",
					b->version, a->version, a->line);
	}
}

/* A cenv.ini describes the one version it came with. */
static void take_archive_version(struct parser *p)
{
	const struct cenv_ini_key *key = p->package ? cenv_ini_key(p->package, "version") : NULL;
	const char *version = single_value(p, key);
	struct cenv_recipe_version *out;

	if (!key && p->package)
		cenv_faults_add(&p->faults, p->package->line, "'version' is missing");
	if (!version)
		return;
	if (!cenv_version_valid(version))
		cenv_faults_add(&p->faults, key->line, "'%s' is no version", version);
	out = add_version(p, cenv_xstrdup(version), key->line);
	inherit(p->recipe, out);
	check_commands(p, p->build, out->build, p->build ? p->build->line : key->line);
}

/* ---- sections ---- */

/* "version 1.6.58": the part after the word, or NULL when the section is another. */
static const char *section_argument(const struct cenv_ini_section *section, const char *word)
{
	size_t len = strlen(word);
	const char *rest = section->name + len;

	if (strncmp(section->name, word, len) != 0 || (*rest && !strchr(" \t", *rest)))
		return NULL;
	return rest + strspn(rest, " \t");
}

static void check_repeated_keys(struct parser *p, const struct cenv_ini_section *section)
{
	for (size_t i = 0; i < section->n; i++) {
		const struct cenv_ini_key *key = &section->keys[i];
		const struct cenv_ini_key *first = cenv_ini_key(section, key->name);

		if (first != key && strcmp(key->name, "url") != 0)
			cenv_faults_add(&p->faults, key->line, "'%s' stands in line %u already",
					key->name, first->line);
	}
}

static void count_items(struct parser *p, const struct cenv_ini_section *section)
{
	for (size_t i = 0; i < section->n; i++)
		p->items += section->keys[i].n;
}

static void take_once(struct parser *p, const struct cenv_ini_section **slot,
		      const struct cenv_ini_section *section)
{
	if (*slot)
		cenv_faults_add(&p->faults, section->line, "[%s] stands in line %u already",
				section->name, (*slot)->line);
	else
		*slot = section;
}

static void add_feature(struct parser *p, const struct cenv_ini_section *section, const char *name)
{
	struct cenv_recipe *r = p->recipe;
	int other = cenv_recipe_feature(r, name);

	if (!cenv_name_valid(name, strlen(name)) || *name == '-') {
		cenv_faults_add(&p->faults, section->line, "'%s' is no feature name", name);
		return;
	}
	if (other >= 0) {
		cenv_faults_add(&p->faults, section->line, "[feature %s] stands in line %u already",
				name, r->features[other].line);
		return;
	}
	if (r->nfeatures == CENV_RECIPE_FEATURES_MAX) {
		cenv_faults_add(&p->faults, section->line, "more than %d features",
				CENV_RECIPE_FEATURES_MAX);
		return;
	}
	r->features = cenv_xreallocarray(r->features, r->nfeatures + 1, sizeof(*r->features));
	take_feature(p, section, name, &r->features[r->nfeatures++]);
}

static void take_sections(struct parser *p)
{
	static const char *const known[] = {"package", "build", "feature", "version"};

	for (size_t i = 0; i < p->ini.n; i++) {
		const struct cenv_ini_section *section = &p->ini.sections[i];

		check_repeated_keys(p, section);
		if (!section_argument(section, "version"))
			count_items(p, section);
		if (strcmp(section->name, "package") == 0)
			take_once(p, &p->package, section);
		else if (strcmp(section->name, "build") == 0)
			take_once(p, &p->build, section);
		else if (section_argument(section, "feature"))
			add_feature(p, section, section_argument(section, "feature"));
		else if (!section_argument(section, "version"))
			fault_unknown(p, section->line, "section", section->name, known,
				      sizeof(known) / sizeof(*known));
	}
	if (p->recipe->nfeatures)
		qsort(p->recipe->features, p->recipe->nfeatures, sizeof(*p->recipe->features),
		      feature_cmp);
}

static void take_versions(struct parser *p)
{
	size_t plain = p->recipe->nversions;

	for (size_t i = 0; i < plain; i++)
		check_plain(p, &p->recipe->versions[i]);
	for (size_t i = 0; i < p->ini.n; i++) {
		const struct cenv_ini_section *section = &p->ini.sections[i];
		const char *version = section_argument(section, "version");

		if (version && p->in_archive)
			cenv_faults_add(&p->faults, section->line,
					"a cenv.ini has its version in [package]");
		else if (version)
			take_version(p, section, version);
	}
	if (p->in_archive)
		take_archive_version(p);
	else if (p->recipe->nversions == 0)
		cenv_faults_add(&p->faults, 0, "there is no [version ...] section");
	else if (p->build && p->recipe->base.system != CENV_BUILD_COMMANDS)
		check_commands(p, p->build, &p->recipe->base, p->build->line);
	sort_versions(p);
}

/* ---- the whole ---- */

static int parse(struct parser *p, const char *text, size_t len, struct cenv_recipe **out,
		 struct cenv_err *err)
{
	int ret;

	if (len > CENV_RECIPE_MAX) {
		cenv_faults_add(&p->faults, 0, "larger than %d bytes", CENV_RECIPE_MAX);
	} else {
		cenv_ini_parse_some(&p->ini, text, len, p->key ? take_plain : NULL, p, &p->faults);
		take_sections(p);
		take_package(p);
		take_build(p);
		take_versions(p);
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
	struct parser p = {.faults.path = path, .in_archive = in_archive};

	p.recipe = cenv_xcalloc(1, sizeof(*p.recipe));
	p.recipe->path = cenv_xstrdup(path);
	return parse(&p, text, len, out, err);
}

int cenv_recipe_outline(struct cenv_recipe **out, struct cenv_buf *text, const char *path,
			const char *key, struct cenv_err *err)
{
	struct parser p = {.faults.path = path, .key = key};
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
		version_release(&recipe->versions[i], recipe->nfeatures);
	for (size_t i = 0; i < recipe->nfeatures; i++)
		feature_release(&recipe->features[i]);
	free(recipe->versions);
	free(recipe->features);
	cenv_strv_release(&recipe->pkgconfig);
	free(recipe->name);
	free(recipe->key);
	free(recipe->summary);
	free(recipe->homepage);
	free(recipe->license);
	build_release(&recipe->base);
	requirements_release(&recipe->requires, &recipe->nrequires);
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

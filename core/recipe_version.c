/* SPDX-License-Identifier: MIT */
#include "core/recipe_parser.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/version.h"

/* @return the hash in lower case, or NULL (reported) */
static char *take_sha256(struct cenv_recipe_parser *p, const struct cenv_ini_key *key)
{
	const char *value = cenv_recipe_single(p, key);
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

static const char *const version_keys[] = {"url", "sha256", "tree-hash", "date"};

static void take_date(struct cenv_recipe_parser *p, const struct cenv_ini_key *key,
		      struct cenv_recipe_version *out)
{
	const char *value = cenv_recipe_single(p, key);

	if (value && !cenv_is_date(value, strlen(value)))
		cenv_faults_add(&p->faults, key->line, "'date' is YYYY-MM-DD, not '%s'", value);
	else if (!out->date)
		out->date = cenv_xstrdup(value);
}

static void take_urls(struct cenv_recipe_parser *p, const struct cenv_ini_key *key,
		      struct cenv_recipe_version *out)
{
	for (size_t i = 0; i < key->n; i++) {
		if (strpbrk(key->values[i].text, " \t"))
			cenv_faults_add(&p->faults, key->values[i].line, "blank in URL '%s'",
					key->values[i].text);
		cenv_strv_add(&out->urls, key->values[i].text);
	}
}

static void take_version_key(struct cenv_recipe_parser *p, const struct cenv_ini_key *key,
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
		const struct cenv_recipe_build_target target = {out->build, &out->requires,
								&out->nrequires, out->features};

		if (!cenv_recipe_take_build_key(p, key, &target))
			cenv_recipe_fault_unknown_key(p, key, version_keys,
						      sizeof(version_keys) / sizeof(*version_keys));
	}
}

struct cenv_recipe_version *cenv_recipe_add_version(struct cenv_recipe_parser *p, char *version,
						    unsigned line)
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
	cenv_recipe_build_copy(out->build, &r->base);
	cenv_recipe_requires_copy(&out->requires, &out->nrequires, r->requires, r->nrequires);
	if (r->nfeatures)
		out->features = cenv_xcalloc(r->nfeatures, sizeof(*out->features));
	for (size_t i = 0; i < r->nfeatures; i++)
		cenv_recipe_feature_copy(&out->features[i], &r->features[i]);
}

static bool has_room(struct cenv_recipe_parser *p, unsigned line)
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

static void take_version(struct cenv_recipe_parser *p, const struct cenv_ini_section *section,
			 const char *version)
{
	struct cenv_recipe_version *out;

	if (!has_room(p, section->line))
		return;
	out = cenv_recipe_add_version(p, cenv_xstrdup(version), section->line);
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
	cenv_recipe_check_commands(p, section, out->build, section->line);
}

/* Of a plain version, what the others of its recipe may make a fault of. */
static void check_plain(struct cenv_recipe_parser *p, const struct cenv_recipe_version *version)
{
	if (has_room(p, version->line))
		cenv_recipe_check_commands(p, NULL, &p->recipe->base, version->line);
}

void cenv_recipe_version_release(struct cenv_recipe_version *version, size_t nfeatures)
{
	if (version->is_plain)
		return;
	free(version->version);
	free(version->sha256);
	free(version->tree_hash);
	free(version->date);
	cenv_strv_release(&version->urls);
	cenv_recipe_build_release(version->build);
	free(version->build);
	cenv_recipe_requires_release(&version->requires, &version->nrequires);
	for (size_t i = 0; version->features && i < nfeatures; i++)
		cenv_recipe_feature_release(&version->features[i]);
	free(version->features);
}

static int version_cmp_newest_first(const void *a, const void *b)
{
	const struct cenv_recipe_version *va = a, *vb = b;
	int order = cenv_version_cmp(vb->version, va->version);

	/* equal versions are a fault; which line is named must not depend on qsort */
	return order ? order : (va->line > vb->line) - (va->line < vb->line);
}

static void sort_versions(struct cenv_recipe_parser *p)
{
	struct cenv_recipe *r = p->recipe;
	bool is_sorted = true; /* as it is written by people */

	for (size_t i = 1; i < r->nversions && is_sorted; i++)
		is_sorted =
			cenv_version_cmp(r->versions[i - 1].version, r->versions[i].version) > 0;
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
static void take_archive_version(struct cenv_recipe_parser *p)
{
	const struct cenv_ini_key *key = p->package ? cenv_ini_key(p->package, "version") : NULL;
	const char *version = cenv_recipe_single(p, key);
	struct cenv_recipe_version *out;

	if (!key && p->package)
		cenv_faults_add(&p->faults, p->package->line, "'version' is missing");
	if (!version)
		return;
	if (!cenv_version_valid(version))
		cenv_faults_add(&p->faults, key->line, "'%s' is no version", version);
	out = cenv_recipe_add_version(p, cenv_xstrdup(version), key->line);
	inherit(p->recipe, out);
	cenv_recipe_check_commands(p, p->build, out->build, p->build ? p->build->line : key->line);
}

void cenv_recipe_take_versions(struct cenv_recipe_parser *p)
{
	size_t plain = p->recipe->nversions;

	for (size_t i = 0; i < plain; i++)
		check_plain(p, &p->recipe->versions[i]);
	for (size_t i = 0; i < p->ini.n; i++) {
		const struct cenv_ini_section *section = &p->ini.sections[i];
		const char *version = cenv_recipe_section_argument(section, "version");

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
		cenv_recipe_check_commands(p, p->build, &p->recipe->base, p->build->line);
	sort_versions(p);
}

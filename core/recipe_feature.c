/* SPDX-License-Identifier: MIT */
#include "core/recipe_parser.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"

static const char *const feature_keys[] = {"summary", "default", "enable", "disable"};

static void take_default(struct cenv_recipe_parser *p, const struct cenv_ini_key *key,
			 struct cenv_feature *out)
{
	const char *value = cenv_recipe_single(p, key);

	if (!value)
		return;
	out->is_default = strcmp(value, "yes") == 0;
	if (!out->is_default && strcmp(value, "no") != 0)
		cenv_faults_add(&p->faults, key->line, "'default' is yes or no, not '%s'", value);
}

static void take_feature(struct cenv_recipe_parser *p, const struct cenv_ini_section *section,
			 const char *name, struct cenv_feature *out)
{
	*out = (struct cenv_feature){.name = cenv_xstrdup(name), .line = section->line};
	for (size_t i = 0; i < section->n; i++) {
		const struct cenv_ini_key *key = &section->keys[i];

		if (strcmp(key->name, "summary") == 0 && !out->summary) {
			out->summary = cenv_xstrdup(cenv_recipe_single(p, key));
		} else if (strcmp(key->name, "default") == 0) {
			take_default(p, key, out);
		} else if (strcmp(key->name, "enable") == 0) {
			cenv_recipe_add_lines(key, &out->enable);
			cenv_recipe_check_options(p, key);
		} else if (strcmp(key->name, "disable") == 0) {
			cenv_recipe_add_lines(key, &out->disable);
			cenv_recipe_check_options(p, key);
		} else if (strcmp(key->name, "summary") != 0) {
			cenv_recipe_fault_unknown(p, key->line, "key", key->name, feature_keys,
						  sizeof(feature_keys) / sizeof(*feature_keys));
		}
	}
}

void cenv_recipe_feature_release(struct cenv_feature *feature)
{
	free(feature->name);
	free(feature->summary);
	cenv_strv_release(&feature->enable);
	cenv_strv_release(&feature->disable);
	cenv_recipe_requires_release(&feature->requires, &feature->nrequires);
}

void cenv_recipe_feature_copy(struct cenv_feature *to, const struct cenv_feature *from)
{
	*to = (struct cenv_feature){
		.name = cenv_xstrdup(from->name),
		.summary = cenv_xstrdup(from->summary),
		.is_default = from->is_default,
		.line = from->line,
	};
	cenv_strv_add_all(&to->enable, &from->enable);
	cenv_strv_add_all(&to->disable, &from->disable);
	cenv_recipe_requires_copy(&to->requires, &to->nrequires, from->requires, from->nrequires);
}

static int feature_cmp(const void *a, const void *b)
{
	const struct cenv_feature *fa = a, *fb = b;

	return strcmp(fa->name, fb->name);
}

void cenv_recipe_sort_features(struct cenv_recipe *r)
{
	if (r->nfeatures)
		qsort(r->features, r->nfeatures, sizeof(*r->features), feature_cmp);
}

void cenv_recipe_add_feature(struct cenv_recipe_parser *p, const struct cenv_ini_section *section,
			     const char *name)
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

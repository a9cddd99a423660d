/* SPDX-License-Identifier: MIT */
#include "store/pipeline/diff.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/requirements_edit.h"
#include "core/version.h"
#include "store/pipeline/given.h"

/* A requirement under the name that it has, or seems to have. */
struct entry {
	char *key;
	const struct cenv_requirement *req;
};

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static struct entry *sorted(const struct cenv_requirements *set)
{
	struct entry *v = cenv_xcalloc(set->n, sizeof(*v));

	for (size_t i = 0; i < set->n; i++)
		v[i] = (struct entry){cenv_requirement_key_guess(&set->reqs[i]), &set->reqs[i]};
	if (set->n > 1)
		qsort(v, set->n, sizeof(*v), by_key);
	return v;
}

static void entries_free(struct entry *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].key);
	free(v);
}

static const char *name_of(const struct entry *entry)
{
	return entry->req->name ? entry->req->name : entry->key;
}

static void add_row(struct cenv_diff *out, enum cenv_diff_kind kind, const char *name, char *from,
		    char *to)
{
	CENV_GROW(out->v, out->n, out->cap);
	out->v[out->n++] = (struct cenv_diff_row){kind, cenv_xstrdup(name), from, to};
}

static char *version_of(const struct cenv_requirement *req)
{
	const char *pinned = cenv_specifier_pinned(&req->spec);
	struct cenv_buf text = CENV_BUF_INIT;

	if (pinned)
		return cenv_xstrdup(pinned);
	if (req->kind != CENV_REQ_NAME) {
		char *place = cenv_given_location(req);

		cenv_buf_addf(&text, "%s%s", req->editable ? "-e " : "", place);
		free(place);
		return cenv_buf_detach(&text);
	}
	cenv_specifier_format(&req->spec, &text);
	return cenv_buf_detach(&text);
}

static char *features_of(const struct cenv_requirement *req)
{
	struct cenv_strv all = {0};
	char *text;

	cenv_strv_add_all(&all, &req->features_on);
	for (size_t i = 0; i < req->features_off.n; i++)
		cenv_strv_addf(&all, "-%s", req->features_off.v[i]);
	cenv_strv_sort(&all);
	text = cenv_strv_join(&all, ",");
	cenv_strv_release(&all);
	return text;
}

/* Adds a row when the two texts differ; takes both over. */
static void compare_text(struct cenv_diff *out, enum cenv_diff_kind kind, const char *name, char *from,
			 char *to)
{
	if (strcmp(from, to) != 0) {
		add_row(out, kind, name, from, to);
		return;
	}
	free(from);
	free(to);
}

static char *hashes_of(const struct cenv_strv *hashes)
{
	struct cenv_strv copy = {0};
	char *text;

	cenv_strv_add_all(&copy, hashes);
	cenv_strv_sort_unique(&copy);
	text = cenv_strv_join(&copy, " ");
	cenv_strv_release(&copy);
	return text;
}

/* Archives count by their bytes; what has no such hash on either side, by its tree. */
static void compare_hashes(struct cenv_diff *out, const char *name, const struct cenv_requirement *a,
			   const struct cenv_requirement *b)
{
	bool trees = !a->hashes.n && !b->hashes.n;

	compare_text(out, CENV_DIFF_HASH, name, hashes_of(trees ? &a->tree_hashes : &a->hashes),
		     hashes_of(trees ? &b->tree_hashes : &b->hashes));
}

/* @return whether both are the same version, or come from the same place */
static bool compare_versions(struct cenv_diff *out, const char *name,
			     const struct cenv_requirement *a, const struct cenv_requirement *b)
{
	const char *one = cenv_specifier_pinned(&a->spec), *other = cenv_specifier_pinned(&b->spec);
	char *from = version_of(a), *to = version_of(b);
	bool placed = a->kind != CENV_REQ_NAME || b->kind != CENV_REQ_NAME;
	int order = one && other ? cenv_version_cmp(one, other) : strcmp(from, to);

	if (order == 0) {
		free(from);
		free(to);
		return true;
	}
	if (one && other)
		add_row(out, order < 0 ? CENV_DIFF_UP : CENV_DIFF_DOWN, name, from, to);
	else
		add_row(out, placed ? CENV_DIFF_SOURCE : CENV_DIFF_VERSIONS, name, from, to);
	return false;
}

static void compare_pins(struct cenv_diff *out, const char *name, const struct cenv_requirement *a,
			 const struct cenv_requirement *b)
{
	if (compare_versions(out, name, a, b))
		compare_hashes(out, name, a, b);
	compare_text(out, CENV_DIFF_FEATURES, name, features_of(a), features_of(b));
	compare_text(out, CENV_DIFF_OPTIONS, name, cenv_strv_join(&a->options, " "),
		     cenv_strv_join(&b->options, " "));
}

void cenv_diff_make(struct cenv_diff *out, const struct cenv_requirements *a,
		    const struct cenv_requirements *b)
{
	struct entry *left = sorted(a), *right = sorted(b);
	size_t i = 0, j = 0;

	while (i < a->n || j < b->n) {
		int order = i == a->n ? 1 : j == b->n ? -1 : strcmp(left[i].key, right[j].key);

		if (order < 0)
			add_row(out, CENV_DIFF_REMOVED, name_of(&left[i]), version_of(left[i].req), NULL);
		else if (order > 0)
			add_row(out, CENV_DIFF_ADDED, name_of(&right[j]), NULL, version_of(right[j].req));
		else
			compare_pins(out, name_of(&left[i]), left[i].req, right[j].req);
		i += order <= 0;
		j += order >= 0;
	}
	entries_free(left, a->n);
	entries_free(right, b->n);
}

void cenv_diff_release(struct cenv_diff *diff)
{
	for (size_t i = 0; i < diff->n; i++) {
		free(diff->v[i].name);
		free(diff->v[i].from);
		free(diff->v[i].to);
	}
	free(diff->v);
	*diff = (struct cenv_diff){0};
}

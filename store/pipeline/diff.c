/* SPDX-License-Identifier: MIT */
#include "store/pipeline/diff.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/version.h"

static int by_key(const void *a, const void *b)
{
	const struct cenv_requirement *x = *(const struct cenv_requirement *const *)a;
	const struct cenv_requirement *y = *(const struct cenv_requirement *const *)b;

	return strcmp(x->key, y->key);
}

/* Pointers to the requirements that have a name, sorted by it. */
static const struct cenv_requirement **sorted(const struct cenv_requirements *set, size_t *n)
{
	const struct cenv_requirement **v = cenv_xcalloc(set->n, sizeof(*v));

	*n = 0;
	for (size_t i = 0; i < set->n; i++)
		if (set->reqs[i].key)
			v[(*n)++] = &set->reqs[i];
	if (*n > 1)
		qsort(v, *n, sizeof(*v), by_key);
	return v;
}

static void add_row(struct cenv_diff *out, enum cenv_diff_kind kind, const char *name, char *from,
		    char *to)
{
	CENV_GROW(out->v, out->n, out->cap);
	out->v[out->n++] = (struct cenv_diff_row){kind, name, from, to};
}

static char *version_of(const struct cenv_requirement *req)
{
	const char *pinned = cenv_specifier_pinned(&req->spec);
	struct cenv_buf text = CENV_BUF_INIT;

	if (pinned)
		return cenv_xstrdup(pinned);
	if (req->kind != CENV_REQ_NAME)
		return cenv_xstrdup(req->location);
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

static void compare_pins(struct cenv_diff *out, const struct cenv_requirement *a,
			 const struct cenv_requirement *b)
{
	char *from = version_of(a), *to = version_of(b);
	int order = cenv_version_cmp(from, to);

	if (order) {
		add_row(out, order < 0 ? CENV_DIFF_UP : CENV_DIFF_DOWN, a->name, from, to);
	} else {
		free(from);
		free(to);
		compare_text(out, CENV_DIFF_SOURCE, a->name, cenv_strv_join(&a->hashes, " "),
			     cenv_strv_join(&b->hashes, " "));
	}
	compare_text(out, CENV_DIFF_FEATURES, a->name, features_of(a), features_of(b));
	compare_text(out, CENV_DIFF_OPTIONS, a->name, cenv_strv_join(&a->options, " "),
		     cenv_strv_join(&b->options, " "));
}

void cenv_diff_make(struct cenv_diff *out, const struct cenv_requirements *a,
		    const struct cenv_requirements *b)
{
	size_t na, nb, i = 0, j = 0;
	const struct cenv_requirement **left = sorted(a, &na), **right = sorted(b, &nb);

	while (i < na || j < nb) {
		int order = i == na ? 1 : j == nb ? -1 : strcmp(left[i]->key, right[j]->key);

		if (order < 0)
			add_row(out, CENV_DIFF_REMOVED, left[i]->name, version_of(left[i]), NULL);
		else if (order > 0)
			add_row(out, CENV_DIFF_ADDED, right[j]->name, NULL, version_of(right[j]));
		else
			compare_pins(out, left[i], right[j]);
		i += order <= 0;
		j += order >= 0;
	}
	free(left);
	free(right);
}

void cenv_diff_release(struct cenv_diff *diff)
{
	for (size_t i = 0; i < diff->n; i++) {
		free(diff->v[i].from);
		free(diff->v[i].to);
	}
	free(diff->v);
	*diff = (struct cenv_diff){0};
}

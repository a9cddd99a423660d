/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/explain.h"

/* Where the user wrote what he asks for: perhaps in more than one line. */

enum { MAX_PLACES = 3 };

static int compare_origins(const struct cenv_origin *a, const struct cenv_origin *b)
{
	int order = strcmp(a->file ? a->file : "", b->file ? b->file : "");

	return order ? order : (a->line > b->line) - (a->line < b->line);
}

int cenv_explain_compare_places(const struct cenv_requirement *a, const struct cenv_requirement *b)
{
	int order = compare_origins(&a->origin, &b->origin);

	return order ? order : strcmp(a->text, b->text);
}

bool cenv_explain_asks_same(const struct cenv_requirement *a, const struct cenv_requirement *b)
{
	struct cenv_buf one = CENV_BUF_INIT, other = CENV_BUF_INIT;
	bool same = !strcmp(a->key, b->key) && cenv_strv_equal(&a->features_on, &b->features_on) &&
		    cenv_strv_equal(&a->features_off, &b->features_off);

	if (a == b)
		return true;
	if (same) {
		cenv_specifier_format(&a->spec, &one);
		cenv_specifier_format(&b->spec, &other);
		same = one.len == other.len && !memcmp(one.buf, other.buf, one.len);
	}
	cenv_buf_release(&one);
	cenv_buf_release(&other);
	return same;
}

static bool has(const struct cenv_requirement *const *reqs, size_t n,
		const struct cenv_requirement *req)
{
	for (size_t i = 0; i < n; i++)
		if (reqs[i] == req)
			return true;
	return false;
}

/* The requirements, constraints or overrides among which it is. */
static const struct cenv_requirement *const *list_of(const struct cenv_resolve_request *request,
						     const struct cenv_requirement *req, size_t *n)
{
	*n = request->nroots;
	if (has(request->roots, *n, req))
		return request->roots;
	*n = request->nconstraints;
	if (has(request->constraints, *n, req))
		return request->constraints;
	*n = request->noverrides;
	return request->overrides;
}

static int compare(const void *a, const void *b)
{
	return cenv_explain_compare_places(*(const struct cenv_requirement *const *)a,
					   *(const struct cenv_requirement *const *)b);
}

void cenv_explain_sort_places(const struct cenv_requirement **reqs, size_t n)
{
	if (n)
		qsort(reqs, n, sizeof(*reqs), compare);
}

void cenv_explain_places(const struct cenv_resolve_request *request,
			 const struct cenv_requirement *req, struct cenv_buf *out)
{
	size_t n, found = 0;
	const struct cenv_requirement *const *list = list_of(request, req, &n);
	const struct cenv_requirement **same = cenv_xcalloc(n + 1, sizeof(*same));
	struct cenv_strv places = {0};

	for (size_t i = 0; i < n; i++)
		if (cenv_explain_asks_same(list[i], req))
			same[found++] = list[i];
	if (!found)
		same[found++] = req;
	cenv_explain_sort_places(same, found);
	for (size_t i = 0; i < found; i++)
		/* a file that is read twice is one place; sorted, they are neighbours */
		if (!i || compare_origins(&same[i - 1]->origin, &same[i]->origin))
			cenv_strv_take(&places, cenv_origin_text(&same[i]->origin));
	n = places.n > MAX_PLACES ? MAX_PLACES : places.n;
	for (size_t i = 0; i < n; i++)
		cenv_buf_addf(out, "%s%s",
			      cenv_explain_separator(i, n, places.n > n ? ", " : " and "),
			      places.v[i]);
	if (places.n > n)
		cenv_buf_addf(out, " and %zu more", places.n - n);
	cenv_strv_release(&places);
	free(same);
}

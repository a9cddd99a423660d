/* SPDX-License-Identifier: MIT */
#include "core/base/strv.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"

void cenv_strv_take(struct cenv_strv *sv, char *s)
{
	CENV_GROW(sv->v, sv->n + 1, sv->cap);
	sv->v[sv->n++] = s;
	sv->v[sv->n] = NULL;
}

void cenv_strv_add(struct cenv_strv *sv, const char *s)
{
	cenv_strv_take(sv, cenv_xstrdup(s));
}

void cenv_strv_addn(struct cenv_strv *sv, const char *s, size_t len)
{
	cenv_strv_take(sv, cenv_xstrndup(s, len));
}

void cenv_strv_addf(struct cenv_strv *sv, const char *fmt, ...)
{
	struct cenv_buf buf = CENV_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	cenv_buf_vaddf(&buf, fmt, ap);
	va_end(ap);
	cenv_strv_take(sv, cenv_buf_detach(&buf));
}

void cenv_strv_add_all(struct cenv_strv *sv, const struct cenv_strv *other)
{
	for (size_t i = 0; i < other->n; i++)
		cenv_strv_add(sv, other->v[i]);
}

bool cenv_strv_matches(const struct cenv_strv *patterns, const char *s)
{
	for (size_t i = 0; i < patterns->n; i++)
		if (cenv_glob_match(patterns->v[i], s))
			return true;
	return false;
}

bool cenv_strv_has(const struct cenv_strv *sv, const char *s)
{
	for (size_t i = 0; i < sv->n; i++)
		if (!strcmp(sv->v[i], s))
			return true;
	return false;
}

bool cenv_strv_equal(const struct cenv_strv *a, const struct cenv_strv *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void cenv_strv_sort(struct cenv_strv *sv)
{
	if (sv->n > 1)
		qsort(sv->v, sv->n, sizeof(*sv->v), compare);
}

void cenv_strv_sort_unique(struct cenv_strv *sv)
{
	size_t kept = 0;

	cenv_strv_sort(sv);
	for (size_t i = 0; i < sv->n; i++) {
		if (kept && !strcmp(sv->v[kept - 1], sv->v[i]))
			free(sv->v[i]);
		else
			sv->v[kept++] = sv->v[i];
	}
	sv->n = kept;
	if (sv->v)
		sv->v[kept] = NULL;
}

char *cenv_strv_join(const struct cenv_strv *sv, const char *sep)
{
	struct cenv_buf buf = CENV_BUF_INIT;

	for (size_t i = 0; i < sv->n; i++) {
		if (i)
			cenv_buf_adds(&buf, sep);
		cenv_buf_adds(&buf, sv->v[i]);
	}
	return cenv_buf_detach(&buf);
}

void cenv_strv_release(struct cenv_strv *sv)
{
	for (size_t i = 0; i < sv->n; i++)
		free(sv->v[i]);
	free(sv->v);
	*sv = (struct cenv_strv){0};
}

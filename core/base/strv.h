/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_BASE_STRV_H
#define CENV_CORE_BASE_STRV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

/*
 * A growing list of owned strings. `v` is NULL while empty, and otherwise
 * NULL-terminated, so it can be handed to exec. Zero-initialise to start.
 */
struct cenv_strv {
	char **v;
	uint32_t n, cap; /* small: each requirement has five of these lists, mostly empty */
};

void cenv_strv_add(struct cenv_strv *sv, const char *s);
void cenv_strv_addn(struct cenv_strv *sv, const char *s, size_t len);
void cenv_strv_addf(struct cenv_strv *sv, const char *fmt, ...) CENV_PRINTF(2, 3);
/** Append a string that the list takes over. */
void cenv_strv_take(struct cenv_strv *sv, char *s);
/** Append copies of all strings of `other`. */
void cenv_strv_add_all(struct cenv_strv *sv, const struct cenv_strv *other);
bool cenv_strv_has(const struct cenv_strv *sv, const char *s);
/** Is one of the strings a pattern (cenv_glob_match()) that matches s, or s itself? */
bool cenv_strv_matches(const struct cenv_strv *patterns, const char *s);
/** The same strings in the same order? */
bool cenv_strv_equal(const struct cenv_strv *a, const struct cenv_strv *b);
/** Sort bytewise. */
void cenv_strv_sort(struct cenv_strv *sv);
/** Sort bytewise and drop equal neighbours. */
void cenv_strv_sort_unique(struct cenv_strv *sv);
/** The strings with `sep` between them. The caller frees the result. */
char *cenv_strv_join(const struct cenv_strv *sv, const char *sep);
void cenv_strv_release(struct cenv_strv *sv);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_BASE_STR_H
#define CENV_CORE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/strv.h"

/* Small text helpers that have no better home. All are pure. */

bool cenv_str_starts(const char *s, const char *prefix);
bool cenv_str_ends(const char *s, const char *suffix);

/** First and last non-blank byte of [*s, *s + *len). */
void cenv_str_trim(const char **s, size_t *len);

/** A name as it is compared: lower case, runs of - _ . become one '-' (PEP 503). Caller frees. */
char *cenv_name_normalize(const char *name);

/** Letters, digits, . _ - +, starting and ending with a letter, digit or '+'; at most 128 bytes. */
bool cenv_name_valid(const char *name, size_t len);

/** Shell pattern of * ? [] over the whole of `s`; no special meaning for '/' or a leading dot. */
bool cenv_glob_match(const char *pattern, const char *s);
bool cenv_glob_has_magic(const char *s);

/** Damerau-Levenshtein distance, at most `max` + 1. */
unsigned cenv_edit_distance(const char *a, const char *b, unsigned max);

/**
 * Up to `want` of `known` that a misspelling of `word` may have meant, nearest
 * first. Borrowed pointers; @return how many.
 */
size_t cenv_suggest(const char *word, const char *const *known, size_t nknown, const char **out,
		    size_t want);

/** Append `s` quoted for a POSIX shell; as it is when nothing in it is special. */
void cenv_shell_quote(struct cenv_buf *out, const char *s);

/**
 * The character at the start of `len` bytes (at least one).
 * @return how many bytes it has, 0 when they are no well-formed UTF-8.
 */
size_t cenv_utf8_decode(const char *text, size_t len, unsigned long *out);
/** Neither a control character (C0, DEL, C1) nor one that reorders a line. */
bool cenv_utf8_is_printable(unsigned long cp);
/** Is all of it printable UTF-8? */
bool cenv_is_printable(const char *s, size_t len);

/**
 * Append text that came from outside so that it cannot drive a terminal:
 * control characters, DEL, C1 controls and invalid UTF-8 become \xNN. Newline
 * and tab are kept when keep_lines is set.
 */
void cenv_escape(struct cenv_buf *out, const char *s, size_t len, bool keep_lines);

/** 64 lower- or upper-case hex digits. */
bool cenv_is_sha256(const char *s, size_t len);

/** Does it have the form YYYY-MM-DD? Whether there is such a day is not looked at. */
bool cenv_is_date(const char *s, size_t len);

/** "3 files" / "1 file": the English plural's s, or nothing for 1. */
static inline const char *cenv_plural(size_t n)
{
	return n == 1 ? "" : "s";
}

#endif

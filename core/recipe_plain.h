/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_RECIPE_PLAIN_H
#define CENV_CORE_RECIPE_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Most versions of a recipe hold no more than this, and most are never asked for:
 *
 *     url       = https://...
 *     sha256    = ...
 *     date      = ...
 *     requires  =
 *         libpng>=1.6
 *
 * A body of this form is known to be well formed from one look at its bytes, so that it can be
 * read later, or never. Anything else is for the INI parser, which agrees on what is plain.
 */
struct cenv_plain_line {
	enum cenv_plain_key {
		CENV_PLAIN_NONE, /* a comment, an empty line, `requires =` alone */
		CENV_PLAIN_URL,
		CENV_PLAIN_SHA256,
		CENV_PLAIN_TREE_HASH,
		CENV_PLAIN_DATE,
		CENV_PLAIN_REQUIRES, /* one requirement */
		CENV_PLAIN_OTHER, /* not plain */
	} key;
	const char *value; /* without blanks at its ends */
	size_t len;
};

struct cenv_plain_reader {
	const char *at, *end;
	unsigned line;    /* of what was read last */
	unsigned seen;    /* keys, as bits */
	bool in_requires; /* an indented line is one of its items */
};

/** Read the next line. @return false at the end, and where the next section starts. */
bool cenv_plain_next(struct cenv_plain_reader *reader, struct cenv_plain_line *out);

/**
 * Read a body to its end. Is it plain, and complete?
 * @param key the package's own, which it must not require.
 */
bool cenv_plain_body(struct cenv_plain_reader *reader, const char *key);

/** The date of a plain body, or NULL. */
const char *cenv_plain_date(const char *body, size_t len, size_t *date_len);

#endif

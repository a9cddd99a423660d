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

/** What one look over a body tells. */
struct cenv_plain_body {
	const char *date; /* NULL: none */
	size_t date_len;
	size_t requires; /* how many */
	size_t len;      /* to where the next section starts, or the end */
	unsigned lines;
};

/**
 * Read the next line. Values are not looked at.
 * @return false at the end, and where the next section starts.
 */
bool cenv_plain_next(struct cenv_plain_reader *reader, struct cenv_plain_line *out);

/**
 * Look over a body. Is it plain, and complete?
 *
 * @param len to the end of the text.
 * @param key the package's own, which it must not require.
 */
bool cenv_plain_body(struct cenv_plain_body *out, const char *text, size_t len, const char *key);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_REQUIREMENTS_EDIT_H
#define CENV_CORE_REQUIREMENTS_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/requirement.h"

/*
 * Changing the text of a requirements file while keeping its order, comments, line ends
 * and everything else that is not meant.
 */

/** A line of the file that asks for a package: bytes [start, end) of the text. */
struct cenv_reqspan {
	size_t start, end; /* the whole logical line with its newline */
	unsigned line;     /* the number of its first physical line */
	char *key;         /* normalised name; of a path or URL without one what it seems to be */
	char *location;    /* as written, or NULL */
	bool is_named;     /* the name stands on the line */
	bool editable;
};

struct cenv_reqspans {
	struct cenv_reqspan *v;
	size_t n, cap;
};

/** Find the lines that ask for packages; comments, options and malformed lines are none. */
void cenv_reqspans_find(struct cenv_reqspans *out, const char *text, size_t len);
void cenv_reqspans_release(struct cenv_reqspans *spans);

/**
 * The name of what a requirement asks for, normalised: its own, else what the file name of its
 * archive or the folder's name says. "" when nothing does. Caller frees.
 */
char *cenv_requirement_key_guess(const struct cenv_requirement *req);

/** Append the comment behind a requirement with the blanks before it, and the line's end. */
void cenv_reqspan_add_end(struct cenv_buf *out, const char *text, const struct cenv_reqspan *span);

/**
 * Append to out the text with `line` in the place of the line that asks for key, or at the end.
 * A comment behind the old line stays behind the new one.
 * @return whether there was such a line.
 */
bool cenv_requirements_set(struct cenv_buf *out, const char *text, size_t len, const char *key,
			   const char *line);

/**
 * Append to out the text without the lines that ask for what the pattern (cenv_glob_match())
 * matches. @return whether there were any.
 */
bool cenv_requirements_drop(struct cenv_buf *out, const char *text, size_t len,
			    const char *pattern);

/**
 * Requirements that were read from an edited text get the lines that they had before, which are
 * those that the user sees; what was in no line then is marked as added.
 * @param file what origins call the text; requirements from elsewhere stay as they are.
 */
void cenv_requirements_trace(struct cenv_requirement *reqs, size_t n, const char *file,
			     const struct cenv_buf *before, const struct cenv_buf *after);

#endif

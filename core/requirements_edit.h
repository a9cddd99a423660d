/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_REQUIREMENTS_EDIT_H
#define CENV_CORE_REQUIREMENTS_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"

/*
 * Changing the text of a requirements file while keeping its order, comments
 * and everything else that is not meant.
 */

/** A line of the file that asks for a package by a name: bytes [start, end) of the text. */
struct cenv_reqspan {
	size_t start, end; /* the whole logical line with its newline */
	char *key;         /* normalised name */
};

struct cenv_reqspans {
	struct cenv_reqspan *v;
	size_t n, cap;
};

/** Find the lines that name packages; comments, options and lines without a name are none. */
void cenv_reqspans_find(struct cenv_reqspans *out, const char *text, size_t len);
void cenv_reqspans_release(struct cenv_reqspans *spans);

/**
 * Append to out the text with `line` in the place of the line that asks for key, or at the end.
 * A comment behind the old line stays behind the new one.
 * @return whether there was such a line.
 */
bool cenv_requirements_set(struct cenv_buf *out, const char *text, size_t len, const char *key,
			   const char *line);

/** Append to out the text without the lines that ask for key. @return whether there were any. */
bool cenv_requirements_drop(struct cenv_buf *out, const char *text, size_t len, const char *key);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_REQLINES_H
#define CENV_CORE_REQLINES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"

/*
 * Logical lines of a requirements file: physical lines joined at a trailing
 * backslash, without comments, ${VAR} replaced. Any offset in a logical line
 * leads back to where it stands in the file.
 */

/** From logical offset `at` on the text is the file's from `offset` on; a `fixed` piece is the
 *  value of a variable and all of it comes from that one place. */
struct cenv_reqline_piece {
	size_t at, offset;
	bool fixed;
};

struct cenv_reqlines {
	const char *file_text;
	size_t len;
	size_t pos;    /* the next physical line */
	unsigned line; /* its number, from 1 */
	const char *(*getenv)(void *payload, const char *name);
	void *payload;

	/* the current logical line */
	struct cenv_buf text;
	struct cenv_reqline_piece *pieces;
	size_t npieces, pieces_cap;
	size_t first_pos;    /* where its first physical line starts */
	unsigned first_line; /* and the number of that */
	const char *fault;   /* what is wrong with it, or NULL */
	size_t fault_offset; /* in the file */
};

/** Start reading; a UTF-8 byte order mark is skipped. The text is borrowed. */
void cenv_reqlines_init(struct cenv_reqlines *lines, const char *text, size_t len);
/** Step to the next line that is not empty. @return false at the end of the file. */
bool cenv_reqlines_next(struct cenv_reqlines *lines);
void cenv_reqlines_release(struct cenv_reqlines *lines);

/** A place in the file: number and bounds of a physical line, and the byte in it. */
struct cenv_reqline_place {
	unsigned line;
	const char *start;
	size_t len, at;
};

/** Where offset `at` of the current logical line stands. */
struct cenv_reqline_place cenv_reqlines_place(const struct cenv_reqlines *lines, size_t at);
/** The same for an offset in the file that is not before the current line. */
struct cenv_reqline_place cenv_reqlines_file_place(const struct cenv_reqlines *lines, size_t offset);

#endif

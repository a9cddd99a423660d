/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_OPTLINE_H
#define CENV_CORE_OPTLINE_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * Options in a line of text, quoted as a POSIX shell quotes: '...', "..." and
 * backslash. `--name=value`, `--name value`, `-rvalue` and `-r value` are one.
 */
struct cenv_optline {
	const char *text;
	size_t pos;            /* how far it is read; on failure the fault */
	size_t at;             /* where the option, or the value last taken, starts */
	struct cenv_buf name;  /* "--hash", "-r", or a word that is no option */
	struct cenv_buf value; /* meaningful after cenv_optline_value */
	size_t attached;       /* offset of the value inside its word; 0: none */
};

void cenv_optline_init(struct cenv_optline *line, const char *text, size_t pos);
/** @return 1 and name set, 0 at the end, -1 with CENV_E_SYNTAX (quote never closed). */
int cenv_optline_next(struct cenv_optline *line, struct cenv_err *err);
/** The value of the option just read, which must not be empty. @return 0, or -1 with CENV_E_SYNTAX. */
int cenv_optline_value(struct cenv_optline *line, struct cenv_err *err);
/** Fail when the option just read was given a value (`--pre=x`). */
int cenv_optline_no_value(struct cenv_optline *line, struct cenv_err *err);
void cenv_optline_release(struct cenv_optline *line);

/** Append `value` so that it reads back as one word from a requirements file: quoted,
 *  safe from ${VAR} expansion and from the comment rule. */
void cenv_optline_quote(struct cenv_buf *out, const char *value);

#endif

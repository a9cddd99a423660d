/* SPDX-License-Identifier: MIT */
#ifndef CENV_CMD_CMD_H
#define CENV_CMD_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cmd/opt.h"
#include "core/base/err.h"

/*
 * A command: one file, one definition, one table of options. The parser,
 * --help, the manual page and the shell completions are all made from the
 * definition, so that none can drift from the others.
 */

/** What every command gets. */
struct cmd_ctx {
	const struct cmd_def *def;
	struct cmd_common common;
	bool err_is_terminal; /* progress lines are allowed */
	bool color;           /* on standard error */
};

struct cmd_example {
	const char *line, *what;
};

struct cmd_def {
	const char *name;
	const char *summary;     /* one line, imperative, no full stop */
	const char *args;        /* after the options: "[REQ|URL|PATH...]", or "" */
	const char *description; /* paragraphs for the manual, separated by an empty line */
	const struct cmd_opt *opts; /* ends with CMD_OPT_END */
	const struct cmd_example *examples; /* ends with a NULL line */
	size_t opts_size;        /* of the structure that the table fills */
	const void *defaults;    /* such a structure to begin with; NULL: zeros */
	enum cmd_complete complete; /* of the arguments */
	unsigned min_args, max_args; /* max 0: any number; CMD_NO_ARGS: none */
	bool stop_at_arg;        /* options end at the first argument (run) */
	bool is_hidden;
	int (*run)(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err);
};

#define CMD_NO_ARGS (~0u)

/** All commands, sorted by name; the last entry is NULL. */
extern const struct cmd_def *const cmd_table[];

const struct cmd_def *cmd_find(const char *name);

/** Text of --help. */
void cmd_print_help(FILE *out, const struct cmd_def *def);
void cmd_print_overview(FILE *out);
/** "usage: cenv install [OPTION...] [REQ...]" */
void cmd_print_usage(FILE *out, const struct cmd_def *def);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_CMD_OPT_H
#define CENV_CMD_OPT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/base/strv.h"

/*
 * Option tables. A row names a member of the command's own options structure
 * by offset, so the table is constant and can also print itself.
 */

enum cmd_opt_type {
	CMD_FLAG,     /* bool */
	CMD_STRING,   /* const char *, borrowed from argv or the environment */
	CMD_LIST,     /* struct cenv_strv, one entry each time it is given */
	CMD_NUMBER,   /* unsigned */
	CMD_ORDERED,  /* struct cenv_strv: "LETTER:value", for options whose mutual order matters */
};

/** What a value or an argument is, for completion. */
enum cmd_complete {
	CMD_COMPLETE_NONE,
	CMD_COMPLETE_FILE,
	CMD_COMPLETE_DIR,
	CMD_COMPLETE_INSTALLED, /* names of installed packages */
	CMD_COMPLETE_KNOWN,     /* names that an index has, and files */
	CMD_COMPLETE_COMMAND,   /* programs */
	CMD_COMPLETE_WORDS,     /* the words of `arg`, separated by | */
};

struct cmd_opt {
	char letter;      /* 0: none */
	const char *name; /* without dashes; NULL ends the table */
	enum cmd_opt_type type;
	size_t offset;
	const char *arg;  /* name of the value for help; NULL for a flag */
	enum cmd_complete complete;
	bool from_config; /* CENV_<NAME> gives a default */
	const char *help; /* one line, lower case, no full stop; NULL: an alias that help leaves out */
};

#define CMD_OPT_END                                                                                \
	{                                                                                          \
		.name = NULL                                                                       \
	}

/** Options that every command has. */
struct cmd_common {
	bool help;
	bool quiet;
	bool verbose;
	const char *color;
};

extern const struct cmd_opt cmd_common_opts[];

struct cmd_def;

/**
 * Parse argv[1..], filling `opts` and `common`. Arguments are moved to the
 * front of argv + 1 and *argc counts them.
 * @return 0, or -1 with CENV_E_USAGE.
 */
int cmd_opt_parse(const struct cmd_def *def, void *opts, struct cmd_common *common, int *argc,
		  char **argv, struct cenv_err *err);

/** Free what the parser allocated in `opts`. */
void cmd_opt_release(const struct cmd_def *def, void *opts);

#endif

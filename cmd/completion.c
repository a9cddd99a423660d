/* SPDX-License-Identifier: MIT */
/* cenv completion: completion scripts for shells. */
#include "cmd/commands.h"

#include <string.h>

#include "cmd/generate.h"

static int completion_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv,
			  struct cenv_err *err)
{
	static const struct {
		const char *shell;
		void (*generate)(FILE *out);
	} rows[] = {{"bash", generate_bash}, {"zsh", generate_zsh}, {"fish", generate_fish}};

	(void)ctx;
	(void)opts;
	(void)argc;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!strcmp(argv[0], rows[i].shell)) {
			rows[i].generate(stdout);
			return 0;
		}
	}
	cenv_err_set(err, CENV_E_USAGE, "completion: no completions for shell '%s'", argv[0]);
	cenv_err_hint(err, "there are completions for bash, zsh and fish");
	return -1;
}

static const struct cmd_opt opts[] = {CMD_OPT_END};

static const struct cmd_example examples[] = {
	{"source <(cenv completion bash)", "completes commands, options and names in this shell"},
	{"cenv completion fish > ~/.config/fish/completions/cenv.fish", "for good, in fish"},
	{NULL, NULL},
};

const struct cmd_def cmd_completion = {
	.name = "completion",
	.summary = "Print a completion script for a shell",
	.args = "bash|zsh|fish",
	.description = "An installed cenv brings these completions along; this command is for a cenv\n"
		       "that runs from somewhere else.",
	.opts = opts,
	.examples = examples,
	.opts_size = 1,
	.complete = CMD_COMPLETE_WORDS,
	.min_args = 1,
	.max_args = 1,
	.run = completion_run,
};

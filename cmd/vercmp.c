/* SPDX-License-Identifier: MIT */
/* cenv vercmp: how two versions compare. */
#include "cmd/commands.h"

#include "core/version.h"

static int vercmp_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	(void)ctx;
	(void)opts;
	(void)argc;
	(void)err;
	printf("%d\n", cenv_version_cmp(argv[0], argv[1]));
	return 0;
}

static const struct cmd_opt opts[] = {CMD_OPT_END};

static const struct cmd_example examples[] = {
	{"cenv vercmp 1.0-rc1 1.0", "prints -1: a release candidate comes before the release"},
	{"cenv vercmp 1.1.1 1.1.1w", "prints -1: a letter after a number is a later patch"},
	{NULL, NULL},
};

const struct cmd_def cmd_vercmp = {
	.name = "vercmp",
	.summary = "Compare two versions",
	.args = "A B",
	.description = "Prints -1 when A is older than B, 0 when they are equal, 1 when A is newer.\n"
		       "\n"
		       "The order is that of repology's libversion: C libraries do not follow one\n"
		       "scheme, and this one fits them best.",
	.opts = opts,
	.examples = examples,
	.opts_size = 1,
	.min_args = 2,
	.max_args = 2,
	.run = vercmp_run,
};

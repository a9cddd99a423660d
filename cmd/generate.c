/* SPDX-License-Identifier: MIT */
/* cenv _generate: what the build makes from the command tables. Hidden. */
#include "cmd/generate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "core/base/buf.h"

static int write_page(const char *dir, const struct cmd_def *def, struct cenv_err *err)
{
	char *path = cenv_strf("%s/cenv%s%s.1", dir, def ? "-" : "", def ? def->name : "");
	FILE *out = fopen(path, "we");
	int ret = 0;

	if (out) {
		generate_man(out, def);
		if (ferror(out) | fclose(out))
			ret = cenv_err_sys(err, errno, "cannot write '%s'", path);
	} else {
		ret = cenv_err_sys(err, errno, "cannot write '%s'", path);
	}
	free(path);
	return ret;
}

static int generate_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv,
			struct cenv_err *err)
{
	int ret;

	(void)ctx;
	(void)opts;
	(void)argc;
	ret = write_page(argv[0], NULL, err);
	for (const struct cmd_def *const *def = cmd_table; *def && ret == 0; def++)
		if (!(*def)->is_hidden)
			ret = write_page(argv[0], *def, err);
	return ret;
}

static const struct cmd_opt opts[] = {CMD_OPT_END};

const struct cmd_def cmd_generate = {
	.name = "_generate",
	.summary = "Write the manual pages into a folder",
	.args = "DIR",
	.description = "Used when cenv is built.",
	.opts = opts,
	.opts_size = 1,
	.min_args = 1,
	.max_args = 1,
	.is_hidden = true,
	.run = generate_run,
};

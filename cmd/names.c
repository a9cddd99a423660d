/* SPDX-License-Identifier: MIT */
/* cenv _names: names for the shell completions. Hidden. */
#include "cmd/commands.h"

#include <string.h>

#include "cmd/world.h"
#include "store/index/index.h"

static int print_installed(struct cenv_err *err)
{
	struct cenv_records records = {0};
	struct cenv_env env = {.fd = -1};
	int ret = world_open_env(&env, NULL, err);

	if (ret == 0)
		ret = cenv_records_read(&records, &env, err);
	for (size_t i = 0; i < records.n; i++)
		puts(records.v[i].name);
	cenv_records_release(&records);
	cenv_env_release(&env);
	return ret;
}

static int print_known(struct cenv_err *err)
{
	struct cenv_index_options options = {.offline = true};
	const struct cenv_strv *names;
	struct cenv_index *index;
	int ret;

	if (cenv_index_open(&index, &options, NULL, err) < 0)
		return -1;
	ret = cenv_index_names(index, &names, err);
	for (size_t i = 0; ret == 0 && i < names->n; i++)
		puts(names->v[i]);
	cenv_index_free(index);
	return ret;
}

static int names_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	(void)ctx;
	(void)opts;
	(void)argc;
	return !strcmp(argv[0], "known") ? print_known(err) : print_installed(err);
}

static const struct cmd_opt opts[] = {CMD_OPT_END};

const struct cmd_def cmd_names = {
	.name = "_names",
	.summary = "Print names for completion",
	.args = "installed|known",
	.description = "Used by the completion scripts.",
	.opts = opts,
	.opts_size = 1,
	.min_args = 1,
	.max_args = 1,
	.is_hidden = true,
	.run = names_run,
};

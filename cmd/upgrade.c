/* SPDX-License-Identifier: MIT */
/* cenv upgrade: move installed packages to newer versions. */
#include "cmd/commands.h"

#include "cmd/installing.h"
#include "cmd/world.h"

struct upgrade_opts {
	const char *env;
	struct world_sources sources;
	struct installing_opts installing;
};

static int upgrade_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct upgrade_opts *o = opts;
	struct cenv_requirements wanted = {0};
	struct cenv_records records = {0};
	struct cenv_env env = {.fd = -1};
	struct cenv_install_options options = {
		.env = &env,
		.wanted = &wanted,
		.upgrade_all = argc == 0,
		.offline = o->sources.offline,
		.limits = archive_limits(&o->sources.archives),
		.command = "upgrade",
	};
	int ret;

	if (world_read_records(ctx, o->env, &env, &records, err) < 0)
		return -1;
	ret = world_select(&records, argc, argv, &options.upgrade, err);
	installing_apply(&o->installing, &options);
	if (ret == 0)
		ret = world_gather(&wanted, &o->sources, 0, NULL, err);
	if (ret == 0)
		ret = installing_run(ctx, &options, err);
	cenv_strv_release(&options.upgrade);
	cenv_requirements_release(&wanted);
	cenv_records_release(&records);
	cenv_env_release(&env);
	return ret;
}

static const struct cmd_opt opts[] = {
	WORLD_OPT_ENV(struct upgrade_opts),
	INSTALLING_OPT_DRY_RUN(struct upgrade_opts),
	WORLD_OPTS_SOURCES(struct upgrade_opts),
	INSTALLING_OPTS_BUILD(struct upgrade_opts),
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv upgrade", "everything to the newest version that fits"},
	{"cenv upgrade zlib 'lib*'", "only these"},
	{NULL, NULL},
};

const struct cmd_def cmd_upgrade = {
	.name = "upgrade",
	.summary = "Move installed packages to newer versions",
	.args = "[NAME...]",
	.description = "Moves the named packages, or all of them, to the newest versions that fit together,\n"
		       "and builds again what depends on them. 'cenv outdated' shows what there is.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct upgrade_opts),
	.complete = CMD_COMPLETE_INSTALLED,
	.run = upgrade_run,
};

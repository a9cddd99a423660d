/* SPDX-License-Identifier: MIT */
/* cenv sync: make an environment exactly what files say. */
#include "cmd/commands.h"

#include "cmd/installing.h"
#include "cmd/world.h"

struct sync_opts {
	const char *env;
	struct world_sources sources;
	struct installing_opts installing;
};

static bool names_file(const struct cenv_strv *files)
{
	for (size_t i = 0; i < files->n; i++)
		if (files->v[i][0] != 'c')
			return true;
	return false;
}

static int sync_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	struct sync_opts *o = opts;
	struct cenv_requirements wanted = {0};
	struct cenv_env env = {.fd = -1};
	struct cenv_install_options options = {
		.env = &env,
		.wanted = &wanted,
		.exact = true,
		.offline = o->sources.offline,
		.limits = archive_limits(&o->sources.archives),
		.command = "sync",
	};
	int ret;

	for (int i = 0; i < argc; i++)
		cenv_strv_addf(&o->sources.files, "f:%s", argv[i]);
	if (!names_file(&o->sources.files)) {
		/* an empty list would take out everything */
		cenv_err_set(err, CENV_E_USAGE, "sync: expected FILE...");
		cenv_err_hint(err, "see 'cenv sync --help'");
		return -1;
	}
	if (world_open_env(&env, o->env, err) < 0)
		return -1;
	installing_apply(&o->installing, &options);
	ret = world_gather(&wanted, &o->sources, 0, NULL, err);
	if (ret == 0)
		ret = installing_run(ctx, &options, err);
	cenv_requirements_release(&wanted);
	cenv_env_release(&env);
	return ret;
}

static const struct cmd_opt opts[] = {
	WORLD_OPT_ENV(struct sync_opts),
	INSTALLING_OPT_DRY_RUN(struct sync_opts),
	WORLD_OPTS_SOURCES(struct sync_opts),
	INSTALLING_OPTS_BUILD(struct sync_opts),
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv sync requirements.txt", "exactly this, nothing else"},
	{"cenv sync --dry-run requirements.txt", "what would change"},
	{NULL, NULL},
};

const struct cmd_def cmd_sync = {
	.name = "sync",
	.summary = "Make an environment exactly what files say",
	.args = "FILE...",
	.description = "Installs what the files list and what that needs, and removes every other package.\n"
		       "Your own files in the environment stay.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct sync_opts),
	.complete = CMD_COMPLETE_FILE,
	.run = sync_run,
};

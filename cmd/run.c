/* SPDX-License-Identifier: MIT */
/* cenv run: one command inside an environment. */
#include "cmd/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/world.h"
#include "core/base/str.h"
#include "store/proc/proc.h"

struct run_opts {
	const char *env;
	bool ld_library_path;
};

static const char *variable(const struct cenv_strv *vars, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < vars->n; i++)
		if (!strncmp(vars->v[i], name, len) && vars->v[i][len] == '=')
			return vars->v[i] + len + 1;
	return NULL;
}

/* 126 and 127 as a shell has them, so that scripts can tell. */
static _Noreturn void become(char **argv, const struct cenv_strv *vars)
{
	char *program = cenv_proc_find(argv[0], variable(vars, "PATH"));
	int saved = ENOENT;

	if (program) {
		execve(program, argv, vars->v);
		saved = errno;
	} else if (strchr(argv[0], '/') && access(argv[0], F_OK) == 0) {
		saved = EACCES;
	}
	fprintf(stderr, "cenv: run: cannot run '%s': %s\n", argv[0], strerror(saved));
	_exit(saved == ENOENT ? 127 : 126);
}

static int run_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct run_opts *o = opts;
	struct cenv_strv vars = {0};
	struct cenv_env env = {.fd = -1};

	(void)argc;
	if (world_open_whole(ctx, &env, o->env, err) < 0)
		return -1;
	if (cenv_env_variables(&env, o->ld_library_path, &vars, err) < 0) {
		cenv_env_release(&env);
		return -1;
	}
	fflush(stdout);
	become(argv, &vars);
}

static const struct cmd_opt opts[] = {
	WORLD_OPT_ENV(struct run_opts),
	{0, "ld-library-path", CMD_FLAG, offsetof(struct run_opts, ld_library_path), NULL, 0, false,
	 "also set LD_LIBRARY_PATH, for programs that were built elsewhere"},
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv run make", "build with the environment's libraries"},
	{"cenv run --env ci_env -- ./configure --prefix=/opt/x", "in an environment by name"},
	{NULL, NULL},
};

const struct cmd_def cmd_run = {
	.name = "run",
	.summary = "Run a command inside an environment",
	.args = "[--] CMD [ARG...]",
	.description =
		"Runs one command with the variables that activation sets, and becomes it: its exit\n"
		"status is cenv's. A command that cannot be run gives 126, one that is not found 127.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct run_opts),
	.complete = CMD_COMPLETE_COMMAND,
	.min_args = 1,
	.stop_at_arg = true,
	.run = run_run,
};

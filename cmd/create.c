/* SPDX-License-Identifier: MIT */
/* cenv create: make an environment. */
#include "cmd/commands.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/installing.h"
#include "cmd/term.h"
#include "cmd/world.h"
#include "core/base/buf.h"
#include "core/base/str.h"
#include "store/env/env.h"

struct create_opts {
	const char *prompt, *compiler;
	bool clear, upgrade, system_libs;
	struct world_sources sources;
	struct installing_opts installing;
};

/* The store only lends its constant files here: without one they are written. */
static bool open_store(struct cenv_store *store)
{
	struct cenv_err ignored = CENV_ERR_INIT;
	char *path = cenv_store_default_path(&ignored);
	bool ok = path && cenv_store_open(store, path, &ignored) == 0;

	cenv_err_release(&ignored);
	free(path);
	return ok;
}

static int fill(struct cmd_ctx *ctx, const struct create_opts *o, const char *path,
		const struct cenv_requirements *wanted, struct cenv_err *err)
{
	struct cenv_env env = {.fd = -1};
	int ret;

	if (world_open_env(&env, path, err) < 0)
		return -1;
	ret = installing_into(ctx, &env, wanted, &o->sources, "create -r", &o->installing, err);
	cenv_env_release(&env);
	return ret;
}

static int create_one(struct cmd_ctx *ctx, const struct create_opts *o, const char *path,
		      const struct cenv_requirements *wanted, const struct cenv_store *store,
		      struct cenv_err *err)
{
	struct cenv_events events = {term_event, ctx};
	struct cenv_create_options options = {
		.path = path,
		.prompt = o->prompt,
		.compiler = o->compiler,
		.system_libs = o->system_libs,
		.clear = o->clear,
		.upgrade = o->upgrade,
		.events = &events,
	};
	struct cenv_buf activate = CENV_BUF_INIT;

	if (cenv_env_create(&options, store, err) < 0)
		return -1;
	if (o->sources.files.n && fill(ctx, o, path, wanted, err) < 0)
		return cenv_err_wrap(err, "environment '%s' was created, but", path);
	cenv_buf_addf(&activate, "%s/bin/activate", path);
	term_say(ctx, "%s environment '%s'", o->upgrade ? "upgraded" : "created", path);
	if (!ctx->common.quiet) {
		struct cenv_buf quoted = CENV_BUF_INIT;

		cenv_shell_quote(&quoted, activate.buf);
		term_say(ctx, "activate it with: source %s", quoted.buf);
		cenv_buf_release(&quoted);
	}
	cenv_buf_release(&activate);
	return 0;
}

static int create_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	static char nameless[] = ".cenv";
	char *unnamed[] = {nameless, NULL};
	const struct create_opts *o = opts;
	struct cenv_requirements wanted = {0};
	struct cenv_store store = {.fd = -1};
	bool have_store;
	int ret;

	if (o->clear && o->upgrade)
		return cenv_err_set(err, CENV_E_USAGE,
				    "create: --clear and --upgrade exclude each other");
	/* read once, and before anything is made, or emptied by --clear */
	ret = world_gather(&wanted, &o->sources, 0, NULL, err);
	have_store = ret == 0 && open_store(&store);
	if (argc == 0) {
		argc = 1;
		argv = unnamed;
	}
	for (int i = 0; i < argc && ret == 0; i++)
		ret = create_one(ctx, o, argv[i], &wanted, have_store ? &store : NULL, err);
	if (have_store)
		cenv_store_release(&store);
	cenv_requirements_release(&wanted);
	return ret;
}

static const struct cmd_opt opts[] = {
	{0, "prompt", CMD_STRING, offsetof(struct create_opts, prompt), "TEXT", CMD_COMPLETE_NONE,
	 false, "what activation shows in front of the prompt; default: the folder's name"},
	{0, "clear", CMD_FLAG, offsetof(struct create_opts, clear), NULL, 0, false,
	 "empty an environment that is there first"},
	{0, "upgrade", CMD_FLAG, offsetof(struct create_opts, upgrade), NULL, 0, false,
	 "renew cenv's own files of an environment, keeping its packages"},
	{0, "system-libs", CMD_FLAG, offsetof(struct create_opts, system_libs), NULL, 0, false,
	 "let pkg-config and CMake see the system's libraries, too"},
	{0, "compiler", CMD_STRING, offsetof(struct create_opts, compiler), "CC",
	 CMD_COMPLETE_COMMAND, false, "build packages with this compiler; default: cc"},
	WORLD_OPTS_SOURCES(struct create_opts),
	INSTALLING_OPTS_BUILD(struct create_opts),
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv create test_env", "a new environment in the folder test_env"},
	{"cenv create", "one called .cenv, which every cenv command below this folder finds by itself"},
	{"cenv create ci_env -r requirements.txt", "create and fill it in one go"},
	{NULL, NULL},
};

const struct cmd_def cmd_create = {
	.name = "create",
	.summary = "Create an environment",
	.args = "[ENV...]",
	.description =
		"Makes a prefix folder with bin, include, lib and share, activation scripts for bash,\n"
		"zsh, dash, ash, ksh, mksh, fish, csh and tcsh, and compiler commands bin/cc and\n"
		"bin/c++ that use the environment without activation. Without ENV it makes .cenv.\n"
		"\n"
		"A folder that is not empty and was not made by cenv is refused, and so are paths\n"
		"with a colon and paths of more than 255 bytes. An environment can be moved.\n"
		"\n"
		"The system's libraries are hidden from pkg-config and CMake. The compiler itself\n"
		"still finds headers in /usr/include: hiding them is done only where packages are\n"
		"built.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct create_opts),
	.complete = CMD_COMPLETE_DIR,
	.run = create_run,
};

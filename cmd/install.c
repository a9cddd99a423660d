/* SPDX-License-Identifier: MIT */
/* cenv install: bring packages into an environment. */
#include "cmd/commands.h"

#include <stdlib.h>

#include "cmd/installing.h"
#include "cmd/locking.h"
#include "cmd/world.h"
#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/secret.h"

struct install_opts {
	const char *env;
	struct world_sources sources;
	struct installing_opts installing;
	struct resolving_opts resolving;
	bool no_deps, locked;
};

static char *history_line(int argc, char **argv, const struct world_sources *sources)
{
	struct cenv_buf line = CENV_BUF_INIT, kept = CENV_BUF_INIT;

	cenv_buf_adds(&line, "install");
	for (size_t i = 0; i < sources->files.n; i++)
		cenv_buf_addf(&line, " -%c %s", sources->files.v[i][0], sources->files.v[i] + 2);
	for (size_t i = 0; i < sources->editable.n; i++)
		cenv_buf_addf(&line, " -e %s", sources->editable.v[i]);
	for (int i = 0; i < argc; i++)
		cenv_buf_addf(&line, " %s", argv[i]);
	cenv_secrets_mask(&kept, line.buf, line.len, 0);
	cenv_buf_release(&line);
	return cenv_buf_detach(&kept);
}

static int install_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct install_opts *o = opts;
	struct cenv_requirements wanted = {0};
	struct cenv_env env = {.fd = -1};
	struct cenv_install_options options = {
		.env = &env,
		.wanted = &wanted,
		.no_deps = o->no_deps,
		.locked = o->locked,
		.offline = o->sources.offline,
		.limits = archive_limits(&o->sources.archives),
	};
	struct resolving resolving;
	char *command;
	int ret;

	if (argc == 0 && !o->sources.files.n && !o->sources.editable.n) {
		cenv_err_set(err, CENV_E_USAGE, "install: nothing to install");
		cenv_err_hint(err, "name packages, or a file with -r; see 'cenv install --help'");
		return -1;
	}
	if (world_open_env(&env, o->env, err) < 0)
		return -1;
	command = history_line(argc, argv, &o->sources);
	options.command = command;
	installing_apply(&o->installing, &options);
	ret = resolving_apply(&resolving, &o->resolving, &options, err);
	if (ret == 0)
		ret = world_gather(&wanted, &o->sources, argc, argv, err);
	if (ret == 0)
		ret = installing_run(ctx, &options, err);
	resolving_release(&resolving, &options);
	cenv_requirements_release(&wanted);
	cenv_env_release(&env);
	free(command);
	return ret;
}

static const struct cmd_opt opts[] = {
	WORLD_OPT_ENV(struct install_opts),
	WORLD_OPT_EDITABLE(struct install_opts),
	WORLD_OPTS_SOURCES(struct install_opts),
	RESOLVING_OPTS(struct install_opts),
	{0, "locked", CMD_FLAG, offsetof(struct install_opts, locked), NULL, 0, false,
	 "fail unless the files pin and hash everything, dependencies too"},
	{0, "no-deps", CMD_FLAG, offsetof(struct install_opts, no_deps), NULL, 0, false,
	 "install only what is named, not what it needs"},
	INSTALLING_OPT_DRY_RUN(struct install_opts),
	INSTALLING_OPTS_BUILD(struct install_opts),
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv install zlib \"libpng>=1.6\"", "by name, from the shipped recipes"},
	{"cenv install https://example.org/libfoo-1.2.tar.gz", "a tarball by URL"},
	{"cenv install 'libfoo @ file:///src/foo.tar.xz'", "an archive whose name does not tell"},
	{"cenv install ./libfoo", "from a folder of sources"},
	{"cenv install 'curl[http2,-ssh2]==8.*'", "features on and off, any version 8"},
	{"cenv install -r requirements.txt", "what a file lists"},
	{NULL, NULL},
};

const struct cmd_def cmd_install = {
	.name = "install",
	.summary = "Install packages into an environment",
	.args = "[REQ|URL|PATH...]",
	.description =
		"Finds one version of each package that satisfies all requirements, fetches and\n"
		"verifies the sources, builds what the store does not have yet, and links the\n"
		"result into the environment. What is installed already and fits is left alone.\n"
		"\n"
		"The change is made as a whole: when anything fails or is interrupted, the\n"
		"environment is as it was before. Nothing unverified is ever unpacked.\n"
		"\n"
		"A tarball that no recipe describes is built by what is found in it: meson, Autoconf's\n"
		"configure, CMake, another configure, or a Makefile, in this order.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct install_opts),
	.complete = CMD_COMPLETE_KNOWN,
	.run = install_run,
};

/* SPDX-License-Identifier: MIT */
#ifndef CENV_CMD_INSTALLING_H
#define CENV_CMD_INSTALLING_H

#include "cmd/cmd.h"
#include "cmd/world.h"
#include "store/pipeline/pipeline.h"

/* Installing as install, create -r, sync and upgrade share it: options, and what is printed. */

struct installing_opts {
	unsigned jobs, build_timeout, build_log_max;
	const char *sandbox, *link_mode;
	bool keep_build, dry_run;
};

#define INSTALLING_OPTS_BUILD(type)                                                                \
	{'j', "jobs", CMD_NUMBER, offsetof(type, installing.jobs), "N", CMD_COMPLETE_NONE, true,   \
	 "compile with N processes; default: one for each processor"},                             \
	{0, "sandbox", CMD_STRING, offsetof(type, installing.sandbox), "auto|require|off",         \
	 CMD_COMPLETE_WORDS, true, "build in a sandbox of bubblewrap; default: auto"},             \
	{0, "link-mode", CMD_STRING, offsetof(type, installing.link_mode),                         \
	 "auto|hardlink|reflink|copy|symlink", CMD_COMPLETE_WORDS, true,                           \
	 "how files come from the store into the environment; default: auto"},                     \
	{0, "build-timeout", CMD_NUMBER, offsetof(type, installing.build_timeout), "SECONDS",      \
	 CMD_COMPLETE_NONE, true, "stop a build that takes longer"},                               \
	{0, "build-log-max", CMD_NUMBER, offsetof(type, installing.build_log_max), "MIB",          \
	 CMD_COMPLETE_NONE, true, "stop a build that writes more into its log; default: 64"},      \
	{0, "keep-build", CMD_FLAG, offsetof(type, installing.keep_build), NULL, 0, true,          \
	 "keep the build folders of builds that succeed, too"}

#define INSTALLING_OPT_DRY_RUN(type)                                                               \
	{0, "dry-run", CMD_FLAG, offsetof(type, installing.dry_run), NULL, 0, false,               \
	 "only print what would be done"}

/** Fill the members of options that the shared options decide. */
void installing_apply(const struct installing_opts *o, struct cenv_install_options *options);

/** Run cenv_install() and print what it did or would do. */
int installing_run(struct cmd_ctx *ctx, struct cenv_install_options *options, struct cenv_err *err);

/** Print what would be done, a line a package. */
void installing_print(const struct cenv_install_result *result);

/** Print what was done or would be, release it, and pass `ret` on. */
int installing_report(struct cmd_ctx *ctx, const struct cenv_install_options *options,
		      struct cenv_install_result *result, int ret);

/** Install what is wanted into an environment; command is for the history. */
int installing_into(struct cmd_ctx *ctx, const struct cenv_env *env,
		    const struct cenv_requirements *wanted,
		    const struct world_sources *sources, const char *command,
		    const struct installing_opts *o, struct cenv_err *err);

#endif

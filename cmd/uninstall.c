/* SPDX-License-Identifier: MIT */
/* cenv uninstall: take packages out of an environment. */
#include "cmd/commands.h"

#include <stdlib.h>

#include "cmd/installing.h"
#include "cmd/term.h"
#include "cmd/world.h"
#include "store/pipeline/pipeline.h"

struct uninstall_opts {
	const char *env;
	bool yes, force, dry_run;
};

static bool confirmed(const struct uninstall_opts *o, const struct cenv_strv *keys)
{
	char *names, *question;
	bool yes;

	if (o->yes || o->dry_run)
		return true;
	names = cenv_strv_join(keys, ", ");
	question = cenv_strf("remove %s?", names);
	yes = term_confirm(question);
	free(names);
	free(question);
	return yes;
}

static int uninstall_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv,
			 struct cenv_err *err)
{
	const struct uninstall_opts *o = opts;
	struct cenv_events events = {term_event, ctx};
	struct cenv_install_result result = {0};
	struct world_view view;
	struct cenv_uninstall_options options = {
		.env = &view.env,
		.keys = &view.keys,
		.force = o->force,
		.dry_run = o->dry_run,
		.events = &events,
	};
	int ret;

	if (world_look(ctx, o->env, argc, argv, false, &view, err) < 0)
		return -1;
	if (!confirmed(o, &view.keys))
		ret = cenv_err_set(err, CENV_E_NO, "nothing was removed");
	else
		ret = cenv_uninstall(&options, &result, err);
	if (ret == 0 && o->dry_run)
		installing_print(&result);
	cenv_install_result_release(&result);
	world_view_release(&view);
	return ret;
}

static const struct cmd_opt opts[] = {
	WORLD_OPT_ENV(struct uninstall_opts),
	{'y', "yes", CMD_FLAG, offsetof(struct uninstall_opts, yes), NULL, 0, false,
	 "do not ask; only a terminal is asked anyway"},
	{0, "force", CMD_FLAG, offsetof(struct uninstall_opts, force), NULL, 0, false,
	 "remove files that were changed since they were installed, too"},
	{0, "dry-run", CMD_FLAG, offsetof(struct uninstall_opts, dry_run), NULL, 0, false,
	 "only print what would be done"},
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv uninstall libpng", "take out one package"},
	{"cenv uninstall -y 'lib*'", "take out all whose names match"},
	{"cenv uninstall --dry-run 'lib*'", "which these are"},
	{NULL, NULL},
};

const struct cmd_def cmd_uninstall = {
	.name = "uninstall",
	.summary = "Remove packages from an environment",
	.args = "NAME...",
	.description =
		"Removes the files that the packages installed, and folders that are empty then.\n"
		"Files that you added stay, and so do installed files that you changed, with a\n"
		"message. A package that another one needs is not removed unless both are named.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct uninstall_opts),
	.complete = CMD_COMPLETE_INSTALLED,
	.min_args = 1,
	.run = uninstall_run,
};

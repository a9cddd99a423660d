/* SPDX-License-Identifier: MIT */
/* cenv rollback: undo changes of an environment. */
#include "cmd/commands.h"

#include <stdlib.h>

#include "cmd/installing.h"
#include "cmd/term.h"
#include "cmd/world.h"

struct rollback_opts {
	const char *env;
	struct world_sources sources;
	struct installing_opts installing;
};

static int read_number(size_t *out, const char *text, struct cenv_err *err)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !number || number > 1000000000) {
		cenv_err_set(err, CENV_E_USAGE, "rollback: '%s' is not the number of a change", text);
		cenv_err_hint(err, "'cenv history' lists them");
		return -1;
	}
	*out = number;
	return 0;
}

static int rollback_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv,
			struct cenv_err *err)
{
	struct rollback_opts *o = opts;
	struct cenv_events events = {term_event, ctx};
	struct cenv_requirements wanted = {0};
	struct cenv_install_result result = {0};
	struct cenv_env env = {.fd = -1};
	struct cenv_install_options options = {
		.env = &env,
		.wanted = &wanted,
		.offline = o->sources.offline,
		.limits = archive_limits(&o->sources.archives),
		.events = &events,
	};
	size_t number = 0;
	int ret;

	if ((argc && read_number(&number, argv[0], err) < 0) || world_open_env(&env, o->env, err) < 0)
		return -1;
	installing_apply(&o->installing, &options);
	ret = world_gather(&wanted, &o->sources, 0, NULL, err);
	if (ret == 0)
		ret = installing_report(ctx, &options, &result,
					cenv_rollback(&options, number, &result, err));
	cenv_requirements_release(&wanted);
	cenv_env_release(&env);
	return ret;
}

static const struct cmd_opt opts[] = {
	WORLD_OPT_ENV(struct rollback_opts),
	INSTALLING_OPT_DRY_RUN(struct rollback_opts),
	{0, "index", CMD_LIST, offsetof(struct rollback_opts, sources.indexes), "DIR|URL",
	 CMD_COMPLETE_DIR, true, "look for recipes here before the shipped ones; may be given again"},
	{0, "no-default-index", CMD_FLAG, offsetof(struct rollback_opts, sources.no_default_index),
	 NULL, 0, true, "leave the shipped recipes out"},
	{'f', "find-links", CMD_LIST, offsetof(struct rollback_opts, sources.find_links), "DIR|URL",
	 CMD_COMPLETE_DIR, true, "also take archives NAME-VERSION.* from here"},
	{0, "mirror", CMD_LIST, offsetof(struct rollback_opts, sources.mirrors), "DIR|URL",
	 CMD_COMPLETE_DIR, true, "look for archives here first, by sha256 and by file name"},
	{0, "offline", CMD_FLAG, offsetof(struct rollback_opts, sources.offline), NULL, 0, true,
	 "use only the store and local folders"},
	ARCHIVE_OPTS(struct rollback_opts, sources.archives),
	INSTALLING_OPTS_BUILD(struct rollback_opts),
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv rollback", "undo the last change"},
	{"cenv rollback 3", "return to the packages there were before change 3"},
	{"cenv rollback --dry-run 3", "what that would do"},
	{NULL, NULL},
};

const struct cmd_def cmd_rollback = {
	.name = "rollback",
	.summary = "Return to the packages from before a change",
	.args = "[N]",
	.description =
		"Brings back the packages that the environment had before its last change, or before\n"
		"change N of 'cenv history'. Builds that the store still has are put back as they\n"
		"were; others are built again from the same sources with the same options. It is a\n"
		"change of its own: another rollback undoes it. Your own files stay.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct rollback_opts),
	.max_args = 1,
	.run = rollback_run,
};

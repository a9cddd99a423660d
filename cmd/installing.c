/* SPDX-License-Identifier: MIT */
#include "cmd/installing.h"

#include <string.h>

#include "cmd/term.h"
#include "core/base/str.h"

void installing_apply(const struct installing_opts *o, struct cenv_install_options *options)
{
	static const struct {
		const char *word;
		enum cenv_sandbox value;
	} sandboxes[] = {{"auto", CENV_SANDBOX_AUTO},
			 {"require", CENV_SANDBOX_REQUIRE},
			 {"off", CENV_SANDBOX_OFF}};
	static const struct {
		const char *word;
		enum cenv_link_mode value;
	} modes[] = {{"auto", CENV_LINK_AUTO},
		     {"hardlink", CENV_LINK_HARD},
		     {"reflink", CENV_LINK_REFLINK},
		     {"copy", CENV_LINK_COPY},
		     {"symlink", CENV_LINK_SYMLINK}};

	options->jobs = o->jobs;
	options->build_timeout_s = o->build_timeout;
	options->build_log_max = (unsigned long long)o->build_log_max << 20;
	options->keep_build = o->keep_build;
	options->dry_run = o->dry_run;
	for (size_t i = 0; o->sandbox && i < sizeof(sandboxes) / sizeof(*sandboxes); i++)
		if (!strcmp(o->sandbox, sandboxes[i].word))
			options->sandbox = sandboxes[i].value;
	for (size_t i = 0; o->link_mode && i < sizeof(modes) / sizeof(*modes); i++)
		if (!strcmp(o->link_mode, modes[i].word))
			options->link_mode = modes[i].value;
}

static void print_action(const struct cenv_action *a)
{
	static const char *const verbs[] = {
		[CENV_ACTION_INSTALL] = "install",     [CENV_ACTION_UPGRADE] = "upgrade",
		[CENV_ACTION_DOWNGRADE] = "downgrade", [CENV_ACTION_REBUILD] = "rebuild",
		[CENV_ACTION_REMOVE] = "remove",
	};

	term_print("%s %s %s", verbs[a->kind], a->name, a->version);
	if (a->old_version && strcmp(a->old_version, a->version) != 0)
		term_print(" (was %s)", a->old_version);
	if (a->kind != CENV_ACTION_REMOVE)
		term_print("%s", a->in_store ? " [in the store]" : " [to be built]");
	putchar('\n');
}

void installing_print(const struct cenv_install_result *result)
{
	for (size_t i = 0; i < result->n; i++)
		print_action(&result->actions[i]);
}

static size_t count_removed(const struct cenv_install_result *result)
{
	size_t n = 0;

	for (size_t i = 0; i < result->n; i++)
		n += result->actions[i].kind == CENV_ACTION_REMOVE;
	return n;
}

/* Which versions went up or down: what the user may not have asked for. */
static void print_moves(struct cmd_ctx *ctx, const struct cenv_install_result *result)
{
	for (size_t i = 0; i < result->n; i++) {
		const struct cenv_action *a = &result->actions[i];

		if (a->kind == CENV_ACTION_UPGRADE || a->kind == CENV_ACTION_DOWNGRADE)
			term_say(ctx, "%s %s from %s to %s",
				 a->kind == CENV_ACTION_UPGRADE ? "upgraded" : "downgraded", a->name,
				 a->old_version, a->version);
	}
}

static void print_summary(struct cmd_ctx *ctx, const struct cenv_install_result *result)
{
	size_t removed = count_removed(result), changed = result->n - removed;
	char time[32];

	term_duration(time, sizeof(time), result->seconds);
	if (!result->n && !result->already) {
		term_say(ctx, "nothing to install");
		return;
	}
	if (!result->n) {
		term_say(ctx, "everything is installed already (%zu package%s, %s)", result->already,
			 cenv_plural(result->already), time);
		return;
	}
	print_moves(ctx, result);
	if (changed)
		term_say(ctx, "installed %zu package%s (%zu built, %zu from the store) in %s", changed,
			 cenv_plural(changed), result->built, result->reused, time);
	if (removed)
		term_say(ctx, "removed %zu package%s in %s", removed, cenv_plural(removed), time);
}

int installing_report(struct cmd_ctx *ctx, const struct cenv_install_options *options,
		      struct cenv_install_result *result, int ret)
{
	term_clear_progress(ctx);
	if (ret == 0 && options->dry_run)
		installing_print(result);
	if (ret == 0 && !(options->dry_run && result->n))
		print_summary(ctx, result);
	cenv_install_result_release(result);
	return ret;
}

int installing_run(struct cmd_ctx *ctx, struct cenv_install_options *options, struct cenv_err *err)
{
	struct cenv_events events = {term_event, ctx};
	struct cenv_install_result result = {0};

	options->events = &events;
	return installing_report(ctx, options, &result, cenv_install(options, &result, err));
}

int installing_into(struct cmd_ctx *ctx, const struct cenv_env *env,
		    const struct cenv_requirements *wanted,
		    const struct world_sources *sources, const char *command,
		    const struct installing_opts *o, struct cenv_err *err)
{
	struct cenv_install_options options = {
		.env = env,
		.wanted = wanted,
		.offline = sources->offline,
		.limits = archive_limits(&sources->archives),
		.command = command,
	};

	installing_apply(o, &options);
	return installing_run(ctx, &options, err);
}

/* SPDX-License-Identifier: MIT */
/* cenv outdated: what is newer than what is installed. */
#include "cmd/commands.h"

#include "cmd/json.h"
#include "cmd/term.h"
#include "cmd/world.h"
#include "store/pipeline/outdated.h"

struct outdated_opts {
	const char *env;
	struct world_sources sources;
	bool json;
};

static void print_list(struct cmd_ctx *ctx, const struct cenv_outdated_list *list, bool json)
{
	cJSON *doc = json ? json_document() : NULL;
	cJSON *packages = doc ? cJSON_AddArrayToObject(doc, "packages") : NULL;

	if (!list->n && !json)
		term_say(ctx, "nothing newer exists");
	for (size_t i = 0; i < list->n; i++) {
		const struct cenv_outdated *o = &list->v[i];
		cJSON *row;

		if (!json) {
			term_print("%s %s  allowed %s  newest %s\n", o->name, o->installed, o->allowed,
			       o->newest);
			continue;
		}
		row = cJSON_CreateObject();
		json_add_string(row, "name", o->name);
		json_add_string(row, "installed", o->installed);
		json_add_string(row, "allowed", o->allowed);
		json_add_string(row, "newest", o->newest);
		cJSON_AddItemToArray(packages, row);
	}
	if (doc)
		json_print(doc);
}

static int outdated_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct outdated_opts *o = opts;
	struct cenv_outdated_list list = {0};
	struct cenv_requirements wanted = {0};
	struct cenv_env env = {.fd = -1};
	struct cenv_install_options options = {
		.env = &env,
		.wanted = &wanted,
		.upgrade_all = true,
		.offline = o->sources.offline,
		.limits = archive_limits(&o->sources.archives),
	};
	int ret;

	(void)argc;
	(void)argv;
	if (world_open_whole(ctx, &env, o->env, err) < 0)
		return -1;
	ret = world_gather(&wanted, &o->sources, 0, NULL, err);
	if (ret == 0)
		ret = cenv_find_outdated(&list, &options, err);
	if (ret == 0)
		print_list(ctx, &list, o->json);
	cenv_outdated_release(&list);
	cenv_requirements_release(&wanted);
	cenv_env_release(&env);
	return ret;
}

static const struct cmd_opt opts[] = {
	WORLD_OPT_ENV(struct outdated_opts),
	{0, "json", CMD_FLAG, offsetof(struct outdated_opts, json), NULL, 0, false,
	 "print one JSON document"},
	WORLD_OPTS_SOURCES(struct outdated_opts),
	CMD_OPT_END,
};

const struct cmd_def cmd_outdated = {
	.name = "outdated",
	.summary = "List installed packages for which newer versions exist",
	.args = "",
	.description = "Prints for each package the installed version, the newest that fits with everything\n"
		       "else (what 'cenv upgrade' would choose), and the newest that exists.",
	.opts = opts,
	.opts_size = sizeof(struct outdated_opts),
	.max_args = CMD_NO_ARGS,
	.run = outdated_run,
};

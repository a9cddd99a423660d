/* SPDX-License-Identifier: MIT */
/* cenv outdated: what is newer than what is installed. */
#include "cmd/commands.h"

#include <stdlib.h>

#include "cmd/json.h"
#include "cmd/term.h"
#include "cmd/world.h"
#include "core/base/str.h"
#include "store/pipeline/outdated.h"

struct outdated_opts {
	const char *env;
	struct world_sources sources;
	bool json;
};

static bool is_selected(const struct cenv_strv *keys, const char *name)
{
	char *key = cenv_name_normalize(name);
	bool found = cenv_strv_has(keys, key);

	free(key);
	return found;
}

static void print_list(struct cmd_ctx *ctx, const struct cenv_outdated_list *list,
		       const struct cenv_strv *keys, bool json)
{
	cJSON *doc = json ? json_document() : NULL;
	cJSON *packages = doc ? cJSON_AddArrayToObject(doc, "packages") : NULL;
	size_t shown = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct cenv_outdated *o = &list->v[i];
		cJSON *row;

		if (!is_selected(keys, o->name))
			continue;
		shown++;
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
	else if (!shown)
		term_say(ctx, "nothing newer exists");
}

static int outdated_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct outdated_opts *o = opts;
	struct cenv_outdated_list list = {0};
	struct cenv_requirements wanted = {0};
	struct world_view view;
	struct cenv_install_options options = {
		.env = &view.env,
		.wanted = &wanted,
		.upgrade_all = true,
		.offline = o->sources.offline,
		.limits = archive_limits(&o->sources.archives),
	};
	int ret;

	if (world_look(ctx, o->env, argc, argv, true, &view, err) < 0)
		return -1;
	ret = world_gather(&wanted, &o->sources, 0, NULL, err);
	if (ret == 0)
		ret = cenv_find_outdated(&list, &options, err);
	if (ret == 0)
		print_list(ctx, &list, &view.keys, o->json);
	cenv_outdated_release(&list);
	cenv_requirements_release(&wanted);
	world_view_release(&view);
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
	.args = "[NAME...]",
	.description = "Prints for each package, or those named, the installed version, the newest that fits\n"
		       "with everything else (what 'cenv upgrade' would choose), and the newest release that\n"
		       "exists; with --pre also pre-releases.",
	.opts = opts,
	.opts_size = sizeof(struct outdated_opts),
	.complete = CMD_COMPLETE_INSTALLED,
	.run = outdated_run,
};

/* SPDX-License-Identifier: MIT */
/* cenv history: what was done to an environment. */
#include "cmd/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/json.h"
#include "cmd/term.h"
#include "cmd/world.h"
#include "core/base/str.h"
#include "store/env/history.h"
#include "store/env/transaction.h"

struct history_opts {
	const char *env;
	bool json;
};

/* ---- text ---- */

static const struct cenv_record *find_removed(const struct cenv_history_entry *entry,
					      const char *name)
{
	for (size_t i = 0; i < entry->removed.n; i++)
		if (!strcmp(entry->removed.v[i].name, name))
			return &entry->removed.v[i];
	return NULL;
}

/* Escaped, whatever a history says: one line stays one line. Takes the text over. */
static void add_line(struct cenv_buf *out, char *line)
{
	cenv_escape(out, line, strlen(line), false);
	cenv_buf_addc(out, '\n');
	free(line);
}

static void add_changes(struct cenv_buf *out, const struct cenv_history_entry *entry)
{
	for (size_t i = 0; i < entry->added.n; i++) {
		const char *name = entry->added.v[i], *version = entry->added_versions.v[i];
		const struct cenv_record *old = find_removed(entry, name);

		if (!old)
			add_line(out, cenv_strf("      + %s %s", name, version));
		else if (strcmp(old->version, version) != 0)
			add_line(out, cenv_strf("      %s %s -> %s", name, old->version, version));
		else
			add_line(out, cenv_strf("      %s %s anew", name, version));
	}
	for (size_t i = 0; i < entry->removed.n; i++) {
		const struct cenv_record *old = &entry->removed.v[i];

		if (!cenv_strv_has(&entry->added, old->name))
			add_line(out, cenv_strf("      - %s %s", old->name, old->version));
	}
}

static void print_text(const struct cenv_history *history)
{
	struct cenv_buf text = CENV_BUF_INIT;

	for (size_t i = 0; i < history->n; i++) {
		const struct cenv_history_entry *entry = &history->v[i];

		add_line(&text, cenv_strf("%4zu  %s  %s", i + 1, entry->time ? entry->time : "?",
					  entry->command ? entry->command : "?"));
		add_changes(&text, entry);
	}
	term_write(text.buf);
	cenv_buf_release(&text);
}

/* ---- JSON ---- */

static void add_package(cJSON *array, const char *name, const char *version)
{
	cJSON *item = cJSON_CreateObject();

	json_add_string(item, "name", name);
	json_add_string(item, "version", version);
	cJSON_AddItemToArray(array, item);
}

static void print_json(const struct cenv_env *env, const struct cenv_history *history)
{
	cJSON *doc = json_document(), *changes, *list;

	json_add_string(doc, "environment", env->path);
	changes = cJSON_AddArrayToObject(doc, "changes");
	for (size_t i = 0; i < history->n; i++) {
		const struct cenv_history_entry *entry = &history->v[i];
		cJSON *item = cJSON_CreateObject();

		cJSON_AddNumberToObject(item, "number", (double)(i + 1));
		json_add_string(item, "time", entry->time);
		json_add_string(item, "command", entry->command);
		list = cJSON_AddArrayToObject(item, "added");
		for (size_t j = 0; j < entry->added.n; j++)
			add_package(list, entry->added.v[j], entry->added_versions.v[j]);
		list = cJSON_AddArrayToObject(item, "removed");
		for (size_t j = 0; j < entry->removed.n; j++)
			add_package(list, entry->removed.v[j].name, entry->removed.v[j].version);
		cJSON_AddItemToArray(changes, item);
	}
	json_print(doc);
}

/* ---- the command ---- */

static int history_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct history_opts *o = opts;
	struct cenv_events events = {term_event, ctx};
	struct cenv_history history = {0};
	struct cenv_env env = {.fd = -1};
	int lock = -1, ret;

	(void)argc;
	(void)argv;
	if (world_open_env(&env, o->env, err) < 0)
		return -1;
	ret = cenv_env_lock(&env, false, &events, &lock, err);
	if (ret == 0)
		ret = cenv_history_read(&history, &env, err);
	if (lock >= 0)
		close(lock);
	if (ret == 0 && o->json)
		print_json(&env, &history);
	else if (ret == 0)
		print_text(&history);
	cenv_history_release(&history);
	cenv_env_release(&env);
	return ret;
}

static const struct cmd_opt opts[] = {
	WORLD_OPT_ENV(struct history_opts),
	{0, "json", CMD_FLAG, offsetof(struct history_opts, json), NULL, 0, false,
	 "print one JSON document"},
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv history", "what was done, the oldest first"},
	{NULL, NULL},
};

const struct cmd_def cmd_history = {
	.name = "history",
	.summary = "List the changes of an environment",
	.args = "",
	.description =
		"Prints each change with its number, its time in UTC, the command that made it, and\n"
		"what came (+), went (-) or was replaced. The number is what 'cenv rollback' takes.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct history_opts),
	.max_args = CMD_NO_ARGS,
	.run = history_run,
};

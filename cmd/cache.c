/* SPDX-License-Identifier: MIT */
/* cenv cache: the store. */
#include "cmd/commands.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/json.h"
#include "cmd/term.h"
#include "core/base/size.h"
#include "core/base/str.h"
#include "store/keep/gc.h"
#include "store/keep/scan.h"
#include "store/keep/verify.h"
#include "store/store.h"
#include "store/usage.h"

struct cache_opts {
	const char *older_than, *max_size;
	bool json, dry_run;
};

/* ---- info ---- */

static void print_row(const char *label, size_t n, unsigned long long bytes)
{
	char size[32];

	term_size(size, sizeof(size), bytes);
	term_print("%-9s %6zu  %s\n", label, n, size);
}

static void add_row(cJSON *doc, const char *label, size_t n, unsigned long long bytes)
{
	cJSON *row = cJSON_AddObjectToObject(doc, label);

	cJSON_AddNumberToObject(row, "count", (double)n);
	cJSON_AddNumberToObject(row, "bytes", (double)bytes);
}

static int print_info(struct cmd_ctx *ctx, const struct cenv_store *store,
		      const struct cache_opts *o, struct cenv_err *err)
{
	struct cenv_store_usage u;

	(void)ctx;
	(void)err;
	cenv_store_usage(&u, store);
	if (o->json) {
		cJSON *doc = json_document();

		json_add_string(doc, "path", store->path);
		add_row(doc, "sources", u.sources, u.source_bytes);
		add_row(doc, "objects", u.objects, u.object_bytes);
		add_row(doc, "logs", u.logs, u.log_bytes);
		add_row(doc, "builds", u.builds, u.build_bytes);
		json_print(doc);
	} else {
		term_print("%s\n", store->path);
		print_row("sources", u.sources, u.source_bytes);
		print_row("objects", u.objects, u.object_bytes);
		print_row("logs", u.logs, u.log_bytes);
		print_row("builds", u.builds, u.build_bytes);
	}
	return 0;
}

/* ---- list ---- */

static void format_time(char *out, size_t size, time_t when)
{
	struct tm tm;

	*out = '\0';
	if (gmtime_r(&when, &tm))
		strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static cJSON *kept_json(const struct cenv_kept *kept)
{
	cJSON *item = cJSON_CreateObject();

	json_add_string(item, "kind", cenv_kept_kind_name(kept->kind));
	json_add_string(item, "name", kept->name);
	json_add_string(item, "version", kept->version);
	json_add_string(item, kept->kind == CENV_KEPT_OBJECT ? "key" : "id", cenv_kept_id(kept));
	cJSON_AddNumberToObject(item, "bytes", (double)kept->bytes);
	return item;
}

static void print_list_json(const struct cenv_store *store, const struct cenv_kept_list *list)
{
	cJSON *doc = json_document(), *objects, *item;
	char when[32];

	json_add_string(doc, "path", store->path);
	objects = cJSON_AddArrayToObject(doc, "objects");
	for (size_t i = 0; i < list->n && list->v[i].kind == CENV_KEPT_OBJECT; i++) {
		format_time(when, sizeof(when), list->v[i].used);
		item = kept_json(&list->v[i]);
		cJSON_AddBoolToObject(item, "in_use", list->v[i].in_use);
		json_add_string(item, "last_used", when);
		cJSON_AddItemToArray(objects, item);
	}
	json_print(doc);
}

static void print_object(const struct cenv_kept *kept, int width)
{
	char size[32], when[32];

	term_size(size, sizeof(size), kept->bytes);
	format_time(when, sizeof(when), kept->used);
	term_print("%-*s  %-10s  %.16s  %9s  %.10s%s\n", width, kept->name ? kept->name : "?",
	       kept->version ? kept->version : "?", cenv_kept_id(kept), size, when,
	       kept->in_use ? "  in use" : "");
}

static int print_list(struct cmd_ctx *ctx, const struct cenv_store *store,
		      const struct cache_opts *o, struct cenv_err *err)
{
	struct cenv_kept_list list = {0};
	int ret = cenv_kept_scan(&list, store, err), width = 0;

	(void)ctx;
	if (ret == 0 && o->json) {
		print_list_json(store, &list);
	} else if (ret == 0) {
		for (size_t i = 0; i < list.n; i++)
			if (list.v[i].name && (int)strlen(list.v[i].name) > width)
				width = (int)strlen(list.v[i].name);
		for (size_t i = 0; i < list.n && list.v[i].kind == CENV_KEPT_OBJECT; i++)
			print_object(&list.v[i], width);
	}
	cenv_kept_release(&list);
	return ret;
}

/* ---- verify ---- */

static void print_damage(const struct cenv_damage *d)
{
	struct cenv_buf line = CENV_BUF_INIT;
	const char *id = strrchr(d->path, '/');

	for (size_t i = 0; i < d->faults.n; i++) {
		char *text = d->name ? cenv_strf("%s %s (%.16s): %s", d->name, d->version, id + 1,
						 d->faults.v[i])
				     : cenv_strf("%s: %s", d->path, d->faults.v[i]);

		cenv_escape(&line, text, strlen(text), false);
		cenv_buf_addc(&line, '\n');
		free(text);
	}
	term_write(line.buf);
	cenv_buf_release(&line);
}

static void print_verify_json(const struct cenv_store *store,
			      const struct cenv_verify_result *result)
{
	cJSON *doc = json_document(), *damaged;

	json_add_string(doc, "path", store->path);
	cJSON_AddBoolToObject(doc, "ok", result->n == 0);
	cJSON_AddNumberToObject(doc, "objects", (double)result->objects);
	cJSON_AddNumberToObject(doc, "sources", (double)result->sources);
	cJSON_AddNumberToObject(doc, "files", (double)result->files);
	cJSON_AddNumberToObject(doc, "bytes", (double)result->bytes);
	damaged = cJSON_AddArrayToObject(doc, "damaged");
	for (size_t i = 0; i < result->n; i++) {
		const struct cenv_damage *d = &result->damaged[i];
		cJSON *item = cJSON_CreateObject();

		json_add_string(item, "kind", cenv_kept_kind_name(d->kind));
		json_add_string(item, "name", d->name);
		json_add_string(item, "version", d->version);
		json_add_string(item, d->kind == CENV_KEPT_OBJECT ? "key" : "id",
				strrchr(d->path, '/') + 1);
		json_add_strings(item, "faults", &d->faults);
		cJSON_AddBoolToObject(item, "dropped", d->dropped);
		cJSON_AddItemToArray(damaged, item);
	}
	json_print(doc);
}

static int say_damage(const struct cenv_verify_result *result, const struct cenv_store *store,
		      const struct cache_opts *o, struct cenv_err *err)
{
	cenv_err_set(err, CENV_E_NO, "%zu damaged thing%s in the store '%s'%s", result->n,
		     cenv_plural(result->n), store->path, o->dry_run ? "" : ", dropped");
	cenv_err_hint(err, o->dry_run ? "without --dry-run they are dropped, and fetched and built "
					"again when they are next wanted"
				      : "they are fetched and built again when they are next wanted; "
					"'cenv check' tells whether an environment is damaged, too");
	return -1;
}

static int verify(struct cmd_ctx *ctx, const struct cenv_store *store, const struct cache_opts *o,
		  struct cenv_err *err)
{
	struct cenv_verify_result result = {0};
	int ret = cenv_store_verify(&result, store, !o->dry_run, err);
	char size[32];

	if (o->json && ret == 0)
		print_verify_json(store, &result);
	else
		for (size_t i = 0; i < result.n; i++)
			print_damage(&result.damaged[i]);
	if (ret == 0 && result.n) {
		ret = say_damage(&result, store, o, err);
	} else if (ret == 0) {
		term_size(size, sizeof(size), result.bytes);
		term_say(ctx, "%zu object%s and %zu source%s, %s, are as they should be",
			 result.objects, cenv_plural(result.objects), result.sources,
			 cenv_plural(result.sources), size);
	}
	cenv_verify_result_release(&result);
	return ret;
}

/* ---- gc and clear ---- */

static void print_gc_json(const struct cenv_store *store, const struct cenv_gc_result *result,
			  bool dry_run)
{
	cJSON *doc = json_document(), *removed;

	json_add_string(doc, "path", store->path);
	cJSON_AddBoolToObject(doc, "dry_run", dry_run);
	removed = cJSON_AddArrayToObject(doc, "removed");
	for (size_t i = 0; i < result->removed.n; i++)
		cJSON_AddItemToArray(removed, kept_json(&result->removed.v[i]));
	cJSON_AddNumberToObject(doc, "freed_bytes", (double)result->freed);
	cJSON_AddNumberToObject(doc, "left_bytes", (double)result->left);
	cJSON_AddNumberToObject(doc, "in_use", (double)result->in_use);
	cJSON_AddNumberToObject(doc, "busy", (double)result->busy);
	json_print(doc);
}

static void print_removed(const struct cenv_kept *kept)
{
	char size[32];

	term_size(size, sizeof(size), kept->bytes);
	if (kept->name)
		term_print("%s %s %s (%.16s)  %s\n", cenv_kept_kind_name(kept->kind), kept->name,
		       kept->version, cenv_kept_id(kept), size);
	else
		term_print("%s %s  %s\n", cenv_kept_kind_name(kept->kind), kept->path, size);
}

static void say_gc(struct cmd_ctx *ctx, const struct cenv_gc_result *result, bool dry_run)
{
	char freed[32], left[32];

	term_size(freed, sizeof(freed), result->freed);
	term_size(left, sizeof(left), result->left);
	if (dry_run)
		for (size_t i = 0; i < result->removed.n; i++)
			print_removed(&result->removed.v[i]);
	term_say(ctx, "%s %zu thing%s, %s; %s stay%s", dry_run ? "would remove" : "removed",
		 result->removed.n, cenv_plural(result->removed.n), freed, left,
		 result->in_use ? ", part of it in use by environments" : "");
	if (result->busy)
		term_say(ctx, "%zu thing%s stay%s because another command is using the store",
			 result->busy, cenv_plural(result->busy), result->busy == 1 ? "s" : "");
}

static int sweep(struct cmd_ctx *ctx, const struct cenv_store *store, const struct cache_opts *o,
		 const struct cenv_gc_options *options, struct cenv_err *err)
{
	struct cenv_gc_result result = {0};
	int ret = cenv_store_gc(&result, store, options, err);

	if (ret == 0 && o->json)
		print_gc_json(store, &result, options->dry_run);
	else if (ret == 0)
		say_gc(ctx, &result, options->dry_run);
	cenv_gc_result_release(&result);
	return ret;
}

static int read_days(unsigned *out, const char *text, struct cenv_err *err)
{
	char *end;
	unsigned long days = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || days > 100000)
		return cenv_err_set(err, CENV_E_USAGE,
				    "cache: option '--older-than' needs a number of days, not '%s'",
				    text);
	*out = (unsigned)days;
	return 0;
}

static int gc(struct cmd_ctx *ctx, const struct cenv_store *store, const struct cache_opts *o,
	      struct cenv_err *err)
{
	struct cenv_gc_options options = {.dry_run = o->dry_run, .has_age = o->older_than,
					  .has_max = o->max_size};

	if (o->older_than && read_days(&options.days, o->older_than, err) < 0)
		return -1;
	if (o->max_size && !cenv_size_parse(&options.max_bytes, o->max_size)) {
		cenv_err_set(err, CENV_E_USAGE, "cache: option '--max-size' needs a size, not '%s'",
			     o->max_size);
		cenv_err_hint(err, "such as 500M or 5GiB");
		return -1;
	}
	return sweep(ctx, store, o, &options, err);
}

static int clear(struct cmd_ctx *ctx, const struct cenv_store *store, const struct cache_opts *o,
		 struct cenv_err *err)
{
	const struct cenv_gc_options options = {.all = true, .dry_run = o->dry_run};

	return sweep(ctx, store, o, &options, err);
}

/* ---- the command ---- */

enum { TAKES_JSON = 1, TAKES_DRY_RUN = 2, TAKES_LIMITS = 4 };

static const struct action {
	const char *name;
	int takes;
	int (*run)(struct cmd_ctx *ctx, const struct cenv_store *store, const struct cache_opts *o,
		   struct cenv_err *err);
} actions[] = {
	{"dir", 0, NULL},
	{"info", TAKES_JSON, print_info},
	{"list", TAKES_JSON, print_list},
	{"verify", TAKES_JSON | TAKES_DRY_RUN, verify},
	{"gc", TAKES_JSON | TAKES_DRY_RUN | TAKES_LIMITS, gc},
	{"clear", TAKES_JSON | TAKES_DRY_RUN, clear},
};

static const struct action *find_action(const char *name, struct cenv_err *err)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (!strcmp(actions[i].name, name))
			return &actions[i];
	cenv_err_set(err, CENV_E_USAGE, "cache: unknown action '%s'", name);
	cenv_err_hint(err, "there are dir, info, list, verify, gc and clear");
	return NULL;
}

static int refuse_options(const struct action *action, const struct cache_opts *o,
			  struct cenv_err *err)
{
	const char *option = o->json && !(action->takes & TAKES_JSON)	   ? "--json"
			     : o->dry_run && !(action->takes & TAKES_DRY_RUN) ? "--dry-run"
			     : o->older_than && !(action->takes & TAKES_LIMITS) ? "--older-than"
			     : o->max_size && !(action->takes & TAKES_LIMITS)	 ? "--max-size"
										 : NULL;

	if (!option)
		return 0;
	return cenv_err_set(err, CENV_E_USAGE, "cache: option '%s' means nothing for '%s'", option,
			    action->name);
}

static int cache_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct cache_opts *o = opts;
	const struct action *action = find_action(argv[0], err);
	struct cenv_store store = {.fd = -1};
	char *path;
	int ret = 0;

	(void)argc;
	if (!action || refuse_options(action, o, err) < 0)
		return -1;
	path = cenv_store_default_path(err);
	if (!path)
		return -1;
	if (!action->run)
		puts(path);
	else if ((ret = cenv_store_open(&store, path, err)) == 0)
		ret = action->run(ctx, &store, o, err);
	cenv_store_release(&store);
	free(path);
	return ret;
}

static const struct cmd_opt opts[] = {
	{0, "older-than", CMD_STRING, offsetof(struct cache_opts, older_than), "DAYS",
	 CMD_COMPLETE_NONE, false, "gc: remove what was not used for DAYS days; default: 30"},
	{0, "max-size", CMD_STRING, offsetof(struct cache_opts, max_size), "SIZE",
	 CMD_COMPLETE_NONE, false,
	 "gc: remove what was not used for the longest time until SIZE (500M, 5GiB) is left"},
	{0, "dry-run", CMD_FLAG, offsetof(struct cache_opts, dry_run), NULL, 0, false,
	 "verify, gc, clear: remove nothing, print what would be"},
	{0, "json", CMD_FLAG, offsetof(struct cache_opts, json), NULL, 0, false,
	 "print one JSON document"},
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv cache info", "how much it holds"},
	{"cenv cache verify", "find and drop what is damaged"},
	{"cenv cache gc --older-than 90 --max-size 5GB", "make room"},
	{NULL, NULL},
};

const struct cmd_def cmd_cache = {
	.name = "cache",
	.summary = "Look after the store of sources and builds",
	.args = "dir|info|list|verify|gc|clear",
	.description =
		"The store keeps verified sources and finished builds for all environments. It is\n"
		"$CENV_HOME, or ${XDG_CACHE_HOME:-~/.cache}/cenv, and can be deleted at any time:\n"
		"environments that exist stay fully usable. Builds in it are read-only: use clear, or\n"
		"'chmod -R u+w' before rm.\n"
		"\n"
		"dir prints where it is, info what it holds, list each finished build: name, version,\n"
		"key, size, the day of its last use, and whether environments share its files.\n"
		"\n"
		"verify reads every byte of the builds and sources. What is not as it was made is\n"
		"named and dropped, to be fetched and built again when it is next wanted; the exit\n"
		"status is 1 then.\n"
		"\n"
		"gc removes builds and sources that no environment shares and that were not used for\n"
		"30 days or as --older-than says. --max-size alone removes by size, not by age. Old\n"
		"logs, left-over build folders and unfinished downloads go, too. What another command\n"
		"builds or reads just now stays.\n"
		"\n"
		"clear removes everything. An environment keeps working; only one made with\n"
		"--link-mode symlink has its files in the store.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct cache_opts),
	.complete = CMD_COMPLETE_WORDS,
	.min_args = 1,
	.max_args = 1,
	.run = cache_run,
};

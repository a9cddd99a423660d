/* SPDX-License-Identifier: MIT */
/* cenv diff: how two lock files or environments differ. */
#include "cmd/commands.h"

#include <fcntl.h>
#include <stdlib.h>

#include "cmd/changes.h"
#include "cmd/json.h"
#include "cmd/term.h"
#include "cmd/world.h"
#include "store/fs/fs.h"
#include "store/pipeline/pins.h"

struct diff_opts {
	bool json, exit_code;
};

static int load_env(struct cmd_ctx *ctx, struct cenv_requirements *out, const char *path,
		    struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_records records = {0};
	struct cenv_env env = {.fd = -1};
	int ret = world_read_records(ctx, path, &env, &records, err);

	if (ret == 0) {
		cenv_freeze(&text, &env, &records,
			    &(struct cenv_freeze_options){.flags = CENV_LOCK_ALL}, NULL);
		ret = cenv_requirements_read_text(out, path, text.buf, err);
	}
	cenv_buf_release(&text);
	cenv_records_release(&records);
	cenv_env_release(&env);
	return ret;
}

static int load(struct cmd_ctx *ctx, struct cenv_requirements *out, const char *path,
		struct cenv_err *err)
{
	struct world_sources sources = {0};
	int ret;

	if (cenv_fs_is_dir(AT_FDCWD, path)) {
		ret = load_env(ctx, out, path, err);
	} else {
		cenv_strv_addf(&sources.files, "f:%s", path);
		ret = world_gather(out, &sources, 0, NULL, err);
		cenv_strv_release(&sources.files);
	}
	if (ret < 0 && (err->code == CENV_E_NOENV || (err->code == CENV_E_IO && err->sys)))
		cenv_err_hint(err, "diff takes lock files and folders of environments");
	return ret;
}

static void print_row(const struct cenv_diff_row *row)
{
	char *line = changes_line(row);

	term_print("%s\n", line);
	free(line);
}

static void print_diff(const struct cenv_diff *diff, bool json)
{
	cJSON *doc = json ? json_document() : NULL;
	cJSON *changes = doc ? cJSON_AddArrayToObject(doc, "changes") : NULL;

	for (size_t i = 0; i < diff->n; i++) {
		cJSON *row;

		if (!json) {
			print_row(&diff->v[i]);
			continue;
		}
		row = cJSON_CreateObject();
		json_add_string(row, "change", changes_word(diff->v[i].kind));
		json_add_string(row, "name", diff->v[i].name);
		json_add_string(row, "from", diff->v[i].from);
		json_add_string(row, "to", diff->v[i].to);
		cJSON_AddItemToArray(changes, row);
	}
	if (doc)
		json_print(doc);
}

static int diff_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct diff_opts *o = opts;
	struct cenv_requirements a = {0}, b = {0};
	struct cenv_diff diff = {0};
	int ret = load(ctx, &a, argv[0], err);

	(void)argc;
	if (ret == 0)
		ret = load(ctx, &b, argv[1], err);
	if (ret == 0) {
		cenv_diff_make(&diff, &a, &b);
		print_diff(&diff, o->json);
		if (o->exit_code && diff.n)
			ret = cenv_err_set(err, CENV_E_NO, "'%s' and '%s' differ", argv[0], argv[1]);
	}
	cenv_diff_release(&diff);
	cenv_requirements_release(&a);
	cenv_requirements_release(&b);
	return ret;
}

static const struct cmd_opt opts[] = {
	{0, "exit-code", CMD_FLAG, offsetof(struct diff_opts, exit_code), NULL, 0, false,
	 "exit with 1 when there are differences"},
	{0, "json", CMD_FLAG, offsetof(struct diff_opts, json), NULL, 0, false,
	 "print one JSON document"},
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv diff requirements.txt test_env", "what an environment has that the file has not"},
	{"cenv diff old.txt new.txt", "what an update of the lock file changes"},
	{"cenv diff --exit-code requirements.txt test_env", "in CI: is it what the file says?"},
	{NULL, NULL},
};

const struct cmd_def cmd_diff = {
	.name = "diff",
	.summary = "Tell two lock files or environments apart",
	.args = "A B",
	.description = "Prints one line for each difference from A to B: packages that were added or\n"
		       "removed, went up or down, come from another source, or have another hash,\n"
		       "other features or options. Exits with 0 also when there are some, unless\n"
		       "--exit-code says otherwise.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct diff_opts),
	.complete = CMD_COMPLETE_FILE,
	.min_args = 2,
	.max_args = 2,
	.run = diff_run,
};

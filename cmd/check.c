/* SPDX-License-Identifier: MIT */
/* cenv check: is an environment whole? */
#include "cmd/commands.h"

#include <unistd.h>

#include "cmd/json.h"
#include "cmd/term.h"
#include "cmd/world.h"
#include "core/base/str.h"
#include "store/env/check.h"
#include "store/env/transaction.h"

struct check_opts {
	const char *env;
	bool json;
};

static void print_json(const struct cenv_check_result *result)
{
	cJSON *doc = json_document();

	cJSON_AddBoolToObject(doc, "ok", result->problems.n == 0);
	cJSON_AddNumberToObject(doc, "packages", (double)result->packages);
	cJSON_AddNumberToObject(doc, "files", (double)result->files);
	cJSON_AddNumberToObject(doc, "elf_files", (double)result->elf_files);
	json_add_strings(doc, "problems", &result->problems);
	json_print(doc);
}

static int report(struct cmd_ctx *ctx, const struct check_opts *o, const struct cenv_env *env,
		  const struct cenv_check_result *result, struct cenv_err *err)
{
	if (o->json)
		print_json(result);
	else
		for (size_t i = 0; i < result->problems.n; i++)
			term_print("%s\n", result->problems.v[i]);
	if (result->problems.n) {
		cenv_err_set(err, CENV_E_NO, "%u problem%s in '%s'", result->problems.n,
			     cenv_plural(result->problems.n), env->path);
		cenv_err_hint(err, "'cenv uninstall --force NAME' and 'cenv install NAME' put a "
				   "damaged package back");
		return -1;
	}
	term_say(ctx, "%zu package%s, %zu file%s and %zu ELF file%s are as they should be",
		 result->packages, cenv_plural(result->packages), result->files,
		 cenv_plural(result->files), result->elf_files, cenv_plural(result->elf_files));
	return 0;
}

static int check_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct check_opts *o = opts;
	struct cenv_check_result result = {0};
	struct cenv_records records = {0};
	struct cenv_events events = {term_event, ctx};
	struct cenv_env env = {.fd = -1};
	int lock = -1, ret;

	(void)argc;
	(void)argv;
	if (world_open_env(&env, o->env, err) < 0)
		return -1;
	/* held until all files were looked at: a change half way would look like damage */
	ret = cenv_env_lock(&env, false, &events, &lock, err);
	if (ret == 0)
		ret = cenv_records_read(&records, &env, err);
	if (ret == 0)
		ret = cenv_env_check(&result, &env, &records, err);
	if (lock >= 0)
		close(lock);
	if (ret == 0)
		ret = report(ctx, o, &env, &result, err);
	cenv_check_result_release(&result);
	cenv_records_release(&records);
	cenv_env_release(&env);
	return ret;
}

static const struct cmd_opt opts[] = {
	WORLD_OPT_ENV(struct check_opts),
	{0, "json", CMD_FLAG, offsetof(struct check_opts, json), NULL, 0, false,
	 "print one JSON document"},
	CMD_OPT_END,
};

const struct cmd_def cmd_check = {
	.name = "check",
	.summary = "Check that an environment is whole",
	.args = "",
	.description =
		"Verifies the sha256, type and mode of every installed file, that the requirements of\n"
		"every package are satisfied, and that each library that an ELF file needs is found\n"
		"in the environment or is one of the base system's C and C++ run-time libraries.\n"
		"Exit status 0 means that all of it holds; problems are printed one a line.",
	.opts = opts,
	.opts_size = sizeof(struct check_opts),
	.max_args = CMD_NO_ARGS,
	.run = check_run,
};

/* SPDX-License-Identifier: MIT */
/* cenv freeze: exactly what is installed, as requirements. */
#include "cmd/commands.h"

#include <fcntl.h>
#include <stdlib.h>

#include "cmd/term.h"
#include "cmd/world.h"
#include "core/base/str.h"
#include "store/fs/fs.h"
#include "store/pipeline/pins.h"

enum { FILE_MAX = 64 << 20 };

struct freeze_opts {
	const char *env, *like;
	bool no_hashes;
	struct cenv_strv exclude;
};

/* A misspelt name would otherwise leave its package in, and nobody would know. */
static void warn_unmatched(struct cmd_ctx *ctx, const struct cenv_strv *patterns,
			   const struct cenv_records *records)
{
	for (size_t i = 0; i < patterns->n; i++) {
		bool used = false;

		for (size_t j = 0; j < records->n && !used; j++)
			used = cenv_glob_match(patterns->v[i], records->v[j].key);
		if (!used)
			term_warn(ctx, "--exclude '%s': no such package is installed", patterns->v[i]);
	}
}

static int print_frozen(struct cmd_ctx *ctx, const struct freeze_opts *o, const struct cenv_env *env,
			const struct cenv_records *records, struct cenv_err *err)
{
	struct cenv_buf out = CENV_BUF_INIT, like = CENV_BUF_INIT;
	struct cenv_strv skip = {0}, missing = {0};
	char *dir = o->like ? cenv_path_dir(o->like) : NULL;
	struct cenv_freeze_options options = {
		.like_dir = dir,
		.skip = &skip,
		.flags = o->no_hashes ? 0 : CENV_LOCK_ALL,
	};
	int ret = o->like ? cenv_fs_read_any(AT_FDCWD, o->like, FILE_MAX, &like, err) : 0;

	for (size_t i = 0; i < o->exclude.n; i++)
		cenv_strv_take(&skip, cenv_name_normalize(o->exclude.v[i]));
	if (ret == 0) {
		options.like = o->like ? like.buf : NULL;
		cenv_freeze(&out, env, records, &options, &missing);
		term_document(&out);
		warn_unmatched(ctx, &skip, records);
		for (size_t i = 0; i < missing.n; i++)
			term_warn(ctx, "'%s' names '%s', which is not installed", o->like, missing.v[i]);
	}
	cenv_strv_release(&skip);
	cenv_strv_release(&missing);
	cenv_buf_release(&out);
	cenv_buf_release(&like);
	free(dir);
	return ret;
}

static int freeze_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct freeze_opts *o = opts;
	struct world_view view;
	int ret;

	if (world_look(ctx, o->env, argc, argv, false, &view, err) < 0)
		return -1;
	ret = print_frozen(ctx, o, &view.env, &view.records, err);
	world_view_release(&view);
	return ret;
}

static const struct cmd_opt opts[] = {
	WORLD_OPT_ENV(struct freeze_opts),
	{0, "no-hashes", CMD_FLAG, offsetof(struct freeze_opts, no_hashes), NULL, 0, false,
	 "bare names and versions, without features, hashes and options"},
	{0, "exclude", CMD_LIST, offsetof(struct freeze_opts, exclude), "NAME",
	 CMD_COMPLETE_INSTALLED, false, "leave NAME, or what a pattern matches, out; may be given again"},
	{'r', "requirement", CMD_STRING, offsetof(struct freeze_opts, like), "FILE",
	 CMD_COMPLETE_FILE, false, "keep the order and the comments of FILE"},
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv freeze > requirements.txt", "pin what is installed"},
	{"cenv freeze --no-hashes --exclude zlib", "bare versions, without zlib"},
	{NULL, NULL},
};

const struct cmd_def cmd_freeze = {
	.name = "freeze",
	.summary = "Print exactly what is installed, as requirements",
	.args = "",
	.description =
		"Prints one line a package, sorted by name: its features, its version or URL, the sha256\n"
		"of its source and the options of its build. The first line is a comment with the\n"
		"format, target and compiler. The output is the same byte for byte as long as the\n"
		"environment is, and 'cenv install -r' brings the same environment back from it.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct freeze_opts),
	.max_args = CMD_NO_ARGS,
	.run = freeze_run,
};

/* SPDX-License-Identifier: MIT */
/* cenv lock: requirements in, pins out. */
#include "cmd/commands.h"

#include <fcntl.h>
#include <string.h>

#include "cmd/locking.h"
#include "cmd/world.h"
#include "store/fs/fs.h"

struct lock_opts {
	struct world_sources sources;
	struct resolving_opts resolving;
	const char *output;
	bool check, dry_run;
};

static int lock_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	struct lock_opts *o = opts;
	const char *output = o->output ? o->output : "requirements.txt";
	const struct locking what = {&o->sources, &o->resolving, argc, argv, output};
	bool to_stdout = !strcmp(output, "-");

	if (o->check && to_stdout)
		return cenv_err_set(err, CENV_E_USAGE,
				    "lock: --check compares with a file, and standard output is none");
	if (!argc && !o->sources.files.n && !o->sources.editable.n) {
		if (!cenv_fs_exists(AT_FDCWD, "requirements.in")) {
			cenv_err_set(err, CENV_E_USAGE, "lock: nothing to lock");
			cenv_err_hint(err, "name requirements, or a file with -r, or write "
					   "requirements.in");
			return -1;
		}
		cenv_strv_add(&o->sources.files, "r:requirements.in");
	}
	for (size_t i = 0; i < o->sources.files.n; i++)
		if (!strcmp(o->sources.files.v[i] + 2, output) &&
		    o->sources.files.v[i][0] == 'r' && !to_stdout)
			return cenv_err_set(err, CENV_E_USAGE,
					    "lock: '%s' is both input and output", output);
	if (o->check)
		return locking_check(ctx, &what, err);
	if (o->dry_run && !to_stdout)
		return locking_preview(ctx, &what, err);
	return locking_write(ctx, &what, err);
}

static const struct cmd_opt opts[] = {
	{'o', "output", CMD_STRING, offsetof(struct lock_opts, output), "FILE|-", CMD_COMPLETE_FILE,
	 false, "write FILE, or - for standard output; default: requirements.txt"},
	{0, "check", CMD_FLAG, offsetof(struct lock_opts, check), NULL, 0, false,
	 "write nothing; exit 1 and print each differing line when FILE is out of date"},
	{0, "dry-run", CMD_FLAG, offsetof(struct lock_opts, dry_run), NULL, 0, false,
	 "only print each line that would change"},
	WORLD_OPT_EDITABLE(struct lock_opts),
	WORLD_OPTS_SOURCES(struct lock_opts),
	RESOLVING_OPTS(struct lock_opts),
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv lock", "requirements.in to requirements.txt"},
	{"cenv lock -o - curl 'libpng>=1.6'", "what these would take, on standard output"},
	{"cenv lock --check", "in CI: is requirements.txt up to date?"},
	{"cenv lock -P zlib", "move only zlib"},
	{"cenv lock -U --dry-run", "which pins have newer versions"},
	{NULL, NULL},
};

const struct cmd_def cmd_lock = {
	.name = "lock",
	.summary = "Pin what requirements take, without building",
	.args = "[REQ...]",
	.description =
		"Resolves requirements.in, the files given with -r, or the arguments, and writes one\n"
		"pinned and hashed line a package with comments that say who asked for it. Nothing is\n"
		"downloaded or built. Pins that the output has already are kept unless -U or -P say\n"
		"otherwise; which ones were added, removed or moved is told. An existing file that cenv\n"
		"did not write is left alone. Indexes and other places that the files name are repeated\n"
		"in the output, so that it stands alone.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct lock_opts),
	.complete = CMD_COMPLETE_KNOWN,
	.run = lock_run,
};

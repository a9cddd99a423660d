/* SPDX-License-Identifier: MIT */
#include "cmd/locking.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/changes.h"
#include "cmd/term.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/lock.h"
#include "store/fs/fs.h"
#include "store/pipeline/lock.h"

enum { FILE_MAX = 256 << 20 };

static bool is_day(const char *date)
{
	int month, day;

	if (!cenv_is_date(date, strlen(date)))
		return false;
	month = atoi(date + 5);
	day = atoi(date + 8);
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static int check_date(const char *date, struct cenv_err *err)
{
	if (!date || is_day(date))
		return 0;
	return cenv_err_set(err, CENV_E_USAGE, "option '--exclude-newer' takes YYYY-MM-DD, not '%s'",
			    date);
}

int resolving_apply(struct resolving *resolving, const struct resolving_opts *o,
		    struct cenv_install_options *options, struct cenv_err *err)
{
	struct world_sources files = {0};
	int ret;

	*resolving = (struct resolving){0};
	options->upgrade_all = o->upgrade_all;
	options->exclude_newer = o->exclude_newer;
	if (o->mode && !strcmp(o->mode, "lowest"))
		options->mode = CENV_RESOLVE_LOWEST;
	else if (o->mode && !strcmp(o->mode, "lowest-direct"))
		options->mode = CENV_RESOLVE_LOWEST_DIRECT;
	for (size_t i = 0; i < o->upgrade.n; i++)
		cenv_strv_take(&options->upgrade, cenv_name_normalize(o->upgrade.v[i]));
	if (check_date(o->exclude_newer, err) < 0)
		return -1;
	if (!o->override_file)
		return 0;
	cenv_strv_addf(&files.files, "f:%s", o->override_file);
	ret = world_gather(&resolving->overrides, &files, 0, NULL, err);
	if (ret < 0 && err->code == CENV_E_IO && err->sys)
		cenv_err_hint(err, "check the file name after --override");
	cenv_strv_release(&files.files);
	resolving->pointers = cenv_xcalloc(resolving->overrides.n, sizeof(*resolving->pointers));
	for (size_t i = 0; i < resolving->overrides.n; i++)
		resolving->pointers[i] = &resolving->overrides.reqs[i];
	options->overrides = resolving->pointers;
	options->noverrides = resolving->overrides.n;
	return ret;
}

void resolving_release(struct resolving *resolving, struct cenv_install_options *options)
{
	cenv_requirements_release(&resolving->overrides);
	free(resolving->pointers);
	cenv_strv_release(&options->upgrade);
}

/* ---- the lock file ---- */

static int refuse_foreign(const char *text, size_t len, const char *output, struct cenv_err *err)
{
	char *target, *compiler;

	if (!len)
		return 0;
	if (cenv_lock_header_read(text, len, &target, &compiler)) {
		free(target);
		free(compiler);
		return 0;
	}
	cenv_err_set(err, CENV_E_FAIL, "'%s' was not written by cenv; it is left alone", output);
	cenv_err_hint(err, "write to another file with -o, or move it away first");
	return -1;
}

/* The existing lock file; absent is an empty one. */
static int read_existing(const char *output, struct cenv_buf *text, struct cenv_err *err)
{
	/* reading a device or a pipe could wait for ever */
	if (!strcmp(output, "-") || !cenv_fs_is_file(AT_FDCWD, output))
		return 0;
	if (cenv_fs_read(AT_FDCWD, output, FILE_MAX, text, err) < 0)
		return -1;
	return refuse_foreign(text->buf, text->len, output, err);
}

/* Behind the first n, which the command line named, come those of the files. */
static void add_later(struct cenv_strv *out, const struct cenv_strv *all, size_t n)
{
	for (size_t i = n; i < all->n; i++)
		cenv_strv_add(out, all->v[i]);
}

/* What is wanted, and which places the files name themselves: the pins need those, too. */
static int gather(struct cenv_requirements *wanted, struct cenv_lock_places *places,
		  const struct world_sources *sources, int argc, char **argv, struct cenv_err *err)
{
	struct world_sources without = *sources;

	without.no_default_index = without.require_hashes = false;
	if (world_gather(wanted, &without, argc, argv, err) < 0)
		return -1;
	places->no_default_index = wanted->no_default_index;
	places->require_hashes = wanted->require_hashes;
	wanted->no_default_index |= sources->no_default_index;
	wanted->require_hashes |= sources->require_hashes;
	add_later(&places->indexes, &wanted->indexes, sources->indexes.n);
	add_later(&places->find_links, &wanted->find_links, sources->find_links.n);
	add_later(&places->mirrors, &wanted->mirrors, sources->mirrors.n);
	return 0;
}

static void places_release(struct cenv_lock_places *places)
{
	cenv_strv_release(&places->indexes);
	cenv_strv_release(&places->find_links);
	cenv_strv_release(&places->mirrors);
}

int locking_make(struct cmd_ctx *ctx, const struct locking *what, struct locked *out,
		 struct cenv_err *err)
{
	const struct world_sources *sources = what->sources;
	char *dir = strcmp(what->output, "-") ? cenv_path_dir(what->output) : cenv_xstrdup(".");
	struct cenv_events events = {term_event, ctx};
	struct cenv_requirements wanted = {0};
	struct cenv_lock_options options = {
		.resolve = {.wanted = &wanted,
			    .offline = sources->offline,
			    .limits = archive_limits(&sources->archives),
			    .events = &events},
		.existing_label = what->output,
		.dir = *dir ? dir : ".",
		.flags = CENV_LOCK_ALL | CENV_LOCK_VIA,
	};
	struct resolving resolving;
	int ret = resolving_apply(&resolving, what->resolving, &options.resolve, err);

	cenv_buf_init(&out->old);
	cenv_buf_init(&out->new);
	if (ret == 0)
		ret = read_existing(what->output, &out->old, err);
	options.existing = out->old.len ? out->old.buf : NULL;
	if (ret == 0)
		ret = gather(&wanted, &options.places, sources, what->argc, what->argv, err);
	if (ret == 0)
		ret = cenv_lock_make(&out->new, &options, err);
	resolving_release(&resolving, &options.resolve);
	places_release(&options.places);
	cenv_requirements_release(&wanted);
	free(dir);
	return ret;
}

bool locked_is_stale(const struct locked *locked)
{
	return locked->old.len != locked->new.len ||
	       memcmp(locked->old.buf, locked->new.buf, locked->new.len) != 0;
}

void locked_release(struct locked *locked)
{
	cenv_buf_release(&locked->old);
	cenv_buf_release(&locked->new);
}

int locking_write(struct cmd_ctx *ctx, const struct locking *what, struct cenv_err *err)
{
	struct locked locked;
	int ret = locking_make(ctx, what, &locked, err);

	if (ret == 0 && !strcmp(what->output, "-")) {
		term_document(&locked.new);
	} else if (ret == 0 && !locked_is_stale(&locked)) {
		term_say(ctx, "'%s' is up to date", what->output);
	} else if (ret == 0) {
		ret = cenv_fs_update(what->output, locked.new.buf, locked.new.len, err);
		if (ret == 0) {
			term_say(ctx, "wrote '%s'", what->output);
			changes_say(ctx, what->output, &locked.old, &locked.new);
		}
	}
	locked_release(&locked);
	return ret;
}

static void add_option(struct cenv_buf *line, const char *option, const char *value)
{
	if (!value)
		return;
	cenv_buf_addf(line, " %s ", option);
	cenv_shell_quote(line, value);
}

static void add_options(struct cenv_buf *line, const char *option, const struct cenv_strv *values)
{
	for (size_t i = 0; i < values->n; i++)
		add_option(line, option, values->v[i]);
}

static void add_switch(struct cenv_buf *line, const char *option, bool on)
{
	cenv_buf_adds(line, on ? option : "");
}

/* The command that mends: the same words without --check. */
static void hint_mend(const struct locking *what, struct cenv_err *err)
{
	const struct world_sources *sources = what->sources;
	const struct resolving_opts *resolving = what->resolving;
	struct cenv_buf line = CENV_BUF_INIT;

	for (size_t i = 0; i < sources->files.n; i++) {
		cenv_buf_addf(&line, " -%c ", sources->files.v[i][0]);
		cenv_shell_quote(&line, sources->files.v[i] + 2);
	}
	add_options(&line, "-e", &sources->editable);
	add_options(&line, "--index", &sources->indexes);
	add_options(&line, "-f", &sources->find_links);
	add_options(&line, "--mirror", &sources->mirrors);
	add_switch(&line, " --no-default-index", sources->no_default_index);
	add_switch(&line, " --require-hashes", sources->require_hashes);
	add_switch(&line, " --pre", sources->pre);
	add_switch(&line, " --offline", sources->offline);
	add_switch(&line, " -U", resolving->upgrade_all);
	add_options(&line, "-P", &resolving->upgrade);
	add_option(&line, "--resolution", resolving->mode);
	add_option(&line, "--exclude-newer", resolving->exclude_newer);
	add_option(&line, "--override", resolving->override_file);
	add_option(&line, "-o", what->output);
	for (int i = 0; i < what->argc; i++) {
		cenv_buf_addc(&line, ' ');
		cenv_shell_quote(&line, what->argv[i]);
	}
	cenv_err_hint(err, "run 'cenv lock%s' to bring it up to date", line.buf);
	cenv_buf_release(&line);
}

/* Print the lines that differ; is there one? */
static int print_stale(struct cmd_ctx *ctx, const struct locking *what, bool *stale,
		       struct cenv_err *err)
{
	struct locked locked;
	struct cenv_strv lines = {0};
	int ret = locking_make(ctx, what, &locked, err);

	*stale = ret == 0 && cenv_lock_compare(locked.old.buf, locked.new.buf, &lines);
	for (size_t i = 0; i < lines.n; i++)
		term_print("%s\n", lines.v[i]);
	if (ret == 0 && !*stale)
		term_say(ctx, "'%s' is up to date", what->output);
	cenv_strv_release(&lines);
	locked_release(&locked);
	return ret;
}

int locking_preview(struct cmd_ctx *ctx, const struct locking *what, struct cenv_err *err)
{
	bool stale;
	int ret = print_stale(ctx, what, &stale, err);

	if (stale)
		term_say(ctx, "would write '%s'", what->output);
	return ret;
}

int locking_check(struct cmd_ctx *ctx, const struct locking *what, struct cenv_err *err)
{
	bool stale;
	int ret = print_stale(ctx, what, &stale, err);

	if (stale) {
		ret = cenv_err_set(err, CENV_E_NO, "'%s' is out of date", what->output);
		hint_mend(what, err);
	}
	return ret;
}

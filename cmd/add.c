/* SPDX-License-Identifier: MIT */
/* cenv add, cenv remove: change the requirements of a project, lock and install. */
#include "cmd/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/changes.h"
#include "cmd/installing.h"
#include "cmd/locking.h"
#include "cmd/term.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/requirements_edit.h"
#include "store/fs/fs.h"

enum { FILE_MAX = 64 << 20 };

struct edit_opts {
	const char *env;
	struct world_sources sources;
	struct installing_opts installing;
	bool no_install;
};

/* A project has requirements.in, or a requirements.txt that is kept by hand. */
static const char *project_file(void)
{
	if (!cenv_fs_exists(AT_FDCWD, "requirements.in") &&
	    cenv_fs_exists(AT_FDCWD, "requirements.txt"))
		return "requirements.txt";
	return "requirements.in";
}

static int read_file(const char *file, struct cenv_buf *text, struct cenv_err *err)
{
	if (cenv_fs_read(AT_FDCWD, file, FILE_MAX, text, err) == 0)
		return 0;
	if (err->sys != ENOENT)
		return -1;
	cenv_err_release(err);
	return 0;
}

/* Does it say no more than the name? */
static bool is_bare(const struct cenv_requirement *req)
{
	return req->kind == CENV_REQ_NAME && !req->spec.n && !req->features_on.n &&
	       !req->features_off.n && !req->options.n && !req->hashes.n && !req->tree_hashes.n &&
	       !req->marker;
}

static bool names(const struct cenv_buf *text, const char *key)
{
	struct cenv_reqspans spans = {0};
	bool found = false;

	cenv_reqspans_find(&spans, text->buf, text->len);
	for (size_t i = 0; i < spans.n && !found; i++)
		found = !strcmp(spans.v[i].key, key);
	cenv_reqspans_release(&spans);
	return found;
}

/* As it was typed, unless a file would take it for a comment, a variable or a continuation. */
static char *line_of(const struct cenv_requirement *req, const char *arg)
{
	struct cenv_buf line = CENV_BUF_INIT;

	if (!strpbrk(arg, "#$\\"))
		return cenv_xstrdup(arg);
	cenv_requirement_format(req, &line);
	return cenv_buf_detach(&line);
}

static int edit_add(struct cmd_ctx *ctx, struct cenv_buf *text, const char *arg, const char *file,
		    struct cenv_err *err)
{
	struct cenv_buf out = CENV_BUF_INIT;
	struct cenv_requirement req;
	char *key, *line;

	if (world_parse_argument(&req, arg, NULL, err) < 0)
		return -1;
	key = cenv_requirement_key_guess(&req);
	line = line_of(&req, arg);
	if (is_bare(&req) && names(text, key)) {
		term_say(ctx, "'%s' names '%s' already", file, req.name);
	} else {
		cenv_requirements_set(&out, text->buf, text->len, key, line);
		cenv_buf_release(text);
		*text = out;
	}
	free(key);
	free(line);
	cenv_requirement_release(&req);
	return 0;
}

static int not_named(const struct cenv_buf *text, const char *arg, const char *file,
		     struct cenv_err *err)
{
	struct cenv_reqspans spans = {0};
	const char **known, *near[1];

	cenv_reqspans_find(&spans, text->buf, text->len);
	known = cenv_xcalloc(spans.n, sizeof(*known));
	for (size_t i = 0; i < spans.n; i++)
		known[i] = spans.v[i].key;
	cenv_err_set(err, CENV_E_NOTFOUND, "'%s' does not name '%s'", file, arg);
	if (cenv_suggest(arg, known, spans.n, near, 1))
		cenv_err_hint(err, "did you mean '%s'?", near[0]);
	else
		cenv_err_hint(err, "files that it includes are not changed; 'cenv uninstall' takes "
				   "a package out of the environment");
	free(known);
	cenv_reqspans_release(&spans);
	return -1;
}

static int edit_remove(struct cmd_ctx *ctx, struct cenv_buf *text, const char *arg, const char *file,
		       struct cenv_err *err)
{
	struct cenv_buf out = CENV_BUF_INIT;
	char *pattern = cenv_name_normalize(arg);
	bool found = cenv_requirements_drop(&out, text->buf, text->len, pattern);

	(void)ctx;
	free(pattern);
	if (!found) {
		cenv_buf_release(&out);
		return not_named(text, arg, file, err);
	}
	cenv_buf_release(text);
	*text = out;
	return 0;
}

typedef int (*edit_fn)(struct cmd_ctx *ctx, struct cenv_buf *text, const char *arg,
		       const char *file, struct cenv_err *err);

/* A file as it was before. */
struct saved_file {
	const char *path;
	struct cenv_buf text;
	bool existed;
};

static int save_file(struct saved_file *saved, const char *path, struct cenv_err *err)
{
	*saved = (struct saved_file){.path = path, .existed = cenv_fs_exists(AT_FDCWD, path)};
	cenv_buf_init(&saved->text);
	return read_file(path, &saved->text, err);
}

/* What went wrong already is what the user is told. */
static void restore_file(const struct saved_file *saved)
{
	struct cenv_err ignored = CENV_ERR_INIT;

	if (saved->existed)
		cenv_fs_update(saved->path, saved->text.buf, saved->text.len, &ignored);
	else if (cenv_fs_exists(AT_FDCWD, saved->path))
		cenv_fs_remove_tree(AT_FDCWD, saved->path, &ignored);
	cenv_err_release(&ignored);
}

static bool differs(const struct cenv_buf *a, const struct cenv_buf *b)
{
	return a->len != b->len || memcmp(a->buf, b->buf, a->len) != 0;
}

/* What the files will say. A requirements.txt that is kept by hand has its pins in itself. */
struct drafts {
	struct saved_file project;
	struct cenv_buf text;
	bool locked; /* there are pins apart */
	struct saved_file pins;
	struct cenv_buf pins_text;
};

static void drafts_release(struct drafts *drafts)
{
	cenv_buf_release(&drafts->project.text);
	cenv_buf_release(&drafts->text);
	cenv_buf_release(&drafts->pins.text);
	cenv_buf_release(&drafts->pins_text);
}

/* Lock when there is something to lock from. */
static int draft_pins(struct cmd_ctx *ctx, struct edit_opts *o, struct drafts *drafts,
		      struct cenv_err *err)
{
	const struct world_draft project = {drafts->project.path, &drafts->text,
					    &drafts->project.text};
	struct resolving_opts resolving = {0};
	struct locked locked;
	struct locking what = {&o->sources, &resolving, 0, NULL, "requirements.txt"};
	int ret;

	drafts->locked = !strcmp(drafts->project.path, "requirements.in");
	if (!drafts->locked)
		return 0;
	if (save_file(&drafts->pins, "requirements.txt", err) < 0)
		return -1;
	o->sources.draft = &project;
	cenv_strv_add(&o->sources.files, "r:requirements.in");
	ret = locking_make(ctx, &what, &locked, err);
	cenv_strv_release(&o->sources.files);
	o->sources.draft = NULL;
	cenv_buf_add(&drafts->pins_text, locked.new.buf, locked.new.len);
	locked_release(&locked);
	return ret;
}

/* Make the environment what the pins say, or will say. */
static int install_pins(struct cmd_ctx *ctx, struct edit_opts *o, const struct drafts *drafts,
			struct cenv_err *err)
{
	const struct world_draft project = {drafts->project.path, &drafts->text,
					    &drafts->project.text};
	const struct world_draft pins = {"requirements.txt", &drafts->pins_text, NULL};
	struct cenv_requirements wanted = {0};
	struct cenv_env env = {.fd = -1};
	int ret;

	if (world_open_env(&env, o->env, err) < 0)
		return -1;
	o->sources.draft = drafts->locked ? &pins : &project;
	cenv_strv_add(&o->sources.files, "r:requirements.txt");
	ret = world_gather(&wanted, &o->sources, 0, NULL, err);
	if (ret == 0)
		ret = installing_into(ctx, &env, &wanted, &o->sources, "install", &o->installing,
				      err);
	o->sources.draft = NULL;
	cenv_requirements_release(&wanted);
	cenv_env_release(&env);
	return ret;
}

/* A file that will not change is not written. */
static int write_draft(const struct saved_file *before, const struct cenv_buf *text, bool *wrote,
		       struct cenv_err *err)
{
	if (!differs(&before->text, text))
		return 0;
	*wrote = true;
	return cenv_fs_update(before->path, text->buf, text->len, err);
}

static void say_draft(struct cmd_ctx *ctx, const struct saved_file *before,
		      const struct cenv_buf *text, const char *verb)
{
	if (differs(&before->text, text))
		term_say(ctx, "%s '%s'", verb, before->path);
}

static void say_pins(struct cmd_ctx *ctx, const struct drafts *drafts, const char *verb)
{
	if (!drafts->locked || !differs(&drafts->pins.text, &drafts->pins_text))
		return;
	say_draft(ctx, &drafts->pins, &drafts->pins_text, verb);
	changes_say(ctx, drafts->pins.path, &drafts->pins.text, &drafts->pins_text);
}

/* The files get their new texts before installing, which is the longest, and the old ones back
 * when it fails. */
static int apply(struct cmd_ctx *ctx, struct edit_opts *o, const struct drafts *drafts,
		 struct cenv_err *err)
{
	bool changed = false, locked = false;
	int ret = write_draft(&drafts->project, &drafts->text, &changed, err);

	if (ret == 0 && drafts->locked)
		ret = write_draft(&drafts->pins, &drafts->pins_text, &locked, err);
	if (ret == 0 && !o->no_install)
		ret = install_pins(ctx, o, drafts, err);
	if (ret < 0 && changed)
		restore_file(&drafts->project);
	if (ret < 0 && locked)
		restore_file(&drafts->pins);
	if (ret < 0)
		return -1;
	say_draft(ctx, &drafts->project, &drafts->text, "changed");
	say_pins(ctx, drafts, "wrote");
	return 0;
}

static int preview(struct cmd_ctx *ctx, struct edit_opts *o, const struct drafts *drafts,
		   struct cenv_err *err)
{
	int ret = o->no_install ? 0 : install_pins(ctx, o, drafts, err);

	if (ret < 0)
		return -1;
	say_draft(ctx, &drafts->project, &drafts->text, "would change");
	say_pins(ctx, drafts, "would write");
	return 0;
}

static int edit_project(struct cmd_ctx *ctx, struct edit_opts *o, int argc, char **argv, edit_fn edit,
			struct cenv_err *err)
{
	struct drafts drafts = {.text = CENV_BUF_INIT,
				.pins.text = CENV_BUF_INIT,
				.pins_text = CENV_BUF_INIT};
	int ret = save_file(&drafts.project, project_file(), err);

	cenv_buf_add(&drafts.text, drafts.project.text.buf, drafts.project.text.len);
	for (int i = 0; i < argc && ret == 0; i++)
		ret = edit(ctx, &drafts.text, argv[i], drafts.project.path, err);
	if (ret == 0)
		ret = draft_pins(ctx, o, &drafts, err);
	if (ret == 0)
		ret = (o->installing.dry_run ? preview : apply)(ctx, o, &drafts, err);
	drafts_release(&drafts);
	return ret;
}

/* "-e DIR" becomes a line like any other. */
static int add_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	struct edit_opts *o = opts;
	struct cenv_strv lines = {0};
	int ret;

	for (size_t i = 0; i < o->sources.editable.n; i++)
		cenv_strv_addf(&lines, "-e %s", o->sources.editable.v[i]);
	cenv_strv_release(&o->sources.editable);
	for (int i = 0; i < argc; i++)
		cenv_strv_add(&lines, argv[i]);
	if (lines.n) {
		ret = edit_project(ctx, o, (int)lines.n, lines.v, edit_add, err);
	} else {
		ret = cenv_err_set(err, CENV_E_USAGE, "add: expected REQ...");
		cenv_err_hint(err, "see 'cenv add --help'");
	}
	cenv_strv_release(&lines);
	return ret;
}

static int remove_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	return edit_project(ctx, opts, argc, argv, edit_remove, err);
}

#define EDIT_OPTS                                                                                  \
	WORLD_OPT_ENV(struct edit_opts),                                                           \
	{0, "no-install", CMD_FLAG, offsetof(struct edit_opts, no_install), NULL, 0, false,        \
	 "only change and lock the files"},                                                        \
	INSTALLING_OPT_DRY_RUN(struct edit_opts),                                                  \
	WORLD_OPTS_SOURCES(struct edit_opts),                                                      \
	INSTALLING_OPTS_BUILD(struct edit_opts),                                                   \
	CMD_OPT_END

static const struct cmd_opt add_opts[] = {WORLD_OPT_EDITABLE(struct edit_opts), EDIT_OPTS};
static const struct cmd_opt remove_opts[] = {EDIT_OPTS};

static const struct cmd_example add_examples[] = {
	{"cenv add 'libpng>=1.6'", "write it into requirements.in, lock, install"},
	{"cenv add -e ./libfoo", "a library that you work on"},
	{"cenv add --dry-run zlib", "what that would change and install"},
	{NULL, NULL},
};

const struct cmd_def cmd_add = {
	.name = "add",
	.summary = "Add requirements to the project, lock and install",
	.args = "REQ...",
	.description =
		"Writes the requirements into requirements.in (or requirements.txt where there is only\n"
		"that), in the place of a line that names the same package, else at the end; comments\n"
		"and order stay, and so does a line that says more than a bare name. Then\n"
		"requirements.txt is locked anew and installed. When that fails the files are as they\n"
		"were.",
	.opts = add_opts,
	.examples = add_examples,
	.opts_size = sizeof(struct edit_opts),
	.complete = CMD_COMPLETE_KNOWN,
	.run = add_run,
};

static const struct cmd_example remove_examples[] = {
	{"cenv remove libpng", "take it out of requirements.in, lock, install"},
	{NULL, NULL},
};

const struct cmd_def cmd_remove = {
	.name = "remove",
	.summary = "Take requirements out of the project, lock and install",
	.args = "NAME...",
	.description =
		"Removes the lines that name the packages, or what patterns match, from requirements.in\n"
		"(or requirements.txt where there is only that), then locks and installs. The packages\n"
		"stay in the environment until 'cenv sync' or 'cenv uninstall' takes them out.",
	.opts = remove_opts,
	.examples = remove_examples,
	.opts_size = sizeof(struct edit_opts),
	.complete = CMD_COMPLETE_INSTALLED,
	.min_args = 1,
	.run = remove_run,
};

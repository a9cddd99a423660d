/* SPDX-License-Identifier: MIT */
/* cenv add, cenv remove: change the requirements of a project, lock and install. */
#include "cmd/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

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

/* The key that an argument of `add` will have in the file. */
static char *argument_key(const char *arg, struct cenv_err *err)
{
	struct cenv_requirement req = {0};
	char *key;

	if (cenv_requirement_parse(&req, arg, NULL, NULL, err) < 0)
		return NULL;
	key = cenv_xstrdup(req.key ? req.key : "");
	cenv_requirement_release(&req);
	return key;
}

static int edit_add(struct cenv_buf *text, const char *arg, const char *file, struct cenv_err *err)
{
	struct cenv_buf out = CENV_BUF_INIT;
	char *key = argument_key(arg, err);

	(void)file;
	if (!key)
		return -1;
	cenv_requirements_set(&out, text->buf, text->len, key, arg);
	free(key);
	cenv_buf_release(text);
	*text = out;
	return 0;
}

static int edit_remove(struct cenv_buf *text, const char *arg, const char *file, struct cenv_err *err)
{
	struct cenv_buf out = CENV_BUF_INIT;
	char *key = cenv_name_normalize(arg);
	bool found = cenv_requirements_drop(&out, text->buf, text->len, key);

	free(key);
	cenv_buf_release(text);
	*text = out;
	if (found)
		return 0;
	return cenv_err_set(err, CENV_E_NOTFOUND, "'%s' does not name '%s'", file, arg);
}

/* Lock when there is something to lock from, then make the environment what the pins say. */
static int lock_and_install(struct cmd_ctx *ctx, struct edit_opts *o, const char *file,
			    struct cenv_err *err)
{
	struct cenv_requirements wanted = {0};
	struct resolving_opts resolving = {0};
	struct cenv_env env = {.fd = -1};
	int ret = 0;

	if (!strcmp(file, "requirements.in")) {
		cenv_strv_add(&o->sources.files, "r:requirements.in");
		ret = locking_write(ctx, &o->sources, &resolving, 0, NULL, "requirements.txt", err);
		cenv_strv_release(&o->sources.files);
	}
	if (ret < 0 || o->no_install)
		return ret;
	if (world_open_env(&env, o->env, err) < 0)
		return -1;
	cenv_strv_add(&o->sources.files, "r:requirements.txt");
	ret = world_gather(&wanted, &o->sources, 0, NULL, err);
	if (ret == 0)
		ret = installing_into(ctx, &env, &wanted, &o->sources, "install", &o->installing,
				      err);
	cenv_requirements_release(&wanted);
	cenv_env_release(&env);
	return ret;
}

typedef int (*edit_fn)(struct cenv_buf *text, const char *arg, const char *file,
		       struct cenv_err *err);

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
		cenv_fs_write(AT_FDCWD, saved->path, saved->text.buf, saved->text.len, 0644, 0,
			      &ignored);
	else if (cenv_fs_exists(AT_FDCWD, saved->path))
		cenv_fs_remove_tree(AT_FDCWD, saved->path, &ignored);
	cenv_err_release(&ignored);
}

/* The file gets its new text first; when locking or installing fails, it and the pins get the old
 * one back. */
static int edit_project(struct cmd_ctx *ctx, struct edit_opts *o, int argc, char **argv, edit_fn edit,
			struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	const char *file = project_file();
	struct saved_file before, pins;
	int ret = save_file(&before, file, err);

	if (save_file(&pins, "requirements.txt", ret < 0 ? NULL : err) < 0)
		ret = -1;
	cenv_buf_add(&text, before.text.buf, before.text.len);
	for (int i = 0; i < argc && ret == 0; i++)
		ret = edit(&text, argv[i], file, err);
	if (ret == 0)
		ret = cenv_fs_write(AT_FDCWD, file, text.buf, text.len, 0644, 0, err);
	if (ret == 0) {
		ret = lock_and_install(ctx, o, file, err);
		if (ret < 0) {
			restore_file(&before);
			restore_file(&pins);
		}
	}
	if (ret == 0)
		term_say(ctx, "changed '%s'", file);
	cenv_buf_release(&text);
	cenv_buf_release(&before.text);
	cenv_buf_release(&pins.text);
	return ret;
}

static int add_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	return edit_project(ctx, opts, argc, argv, edit_add, err);
}

static int remove_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	return edit_project(ctx, opts, argc, argv, edit_remove, err);
}

static const struct cmd_opt opts[] = {
	WORLD_OPT_ENV(struct edit_opts),
	{0, "no-install", CMD_FLAG, offsetof(struct edit_opts, no_install), NULL, 0, false,
	 "only change and lock the files"},
	WORLD_OPTS_SOURCES(struct edit_opts),
	INSTALLING_OPTS_BUILD(struct edit_opts),
	CMD_OPT_END,
};

static const struct cmd_example add_examples[] = {
	{"cenv add 'libpng>=1.6'", "write it into requirements.in, lock, install"},
	{NULL, NULL},
};

const struct cmd_def cmd_add = {
	.name = "add",
	.summary = "Add requirements to the project, lock and install",
	.args = "REQ...",
	.description =
		"Writes the requirements into requirements.in (or requirements.txt where there is only\n"
		"that), in the place of a line that names the same package, else at the end; comments\n"
		"and order stay. Then requirements.txt is locked anew and installed. When that fails\n"
		"the file is as it was.",
	.opts = opts,
	.examples = add_examples,
	.opts_size = sizeof(struct edit_opts),
	.complete = CMD_COMPLETE_KNOWN,
	.min_args = 1,
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
		"Removes the lines that name the packages from requirements.in (or requirements.txt\n"
		"where there is only that), then locks and installs. The packages stay in the\n"
		"environment until 'cenv sync' or 'cenv uninstall' takes them out.",
	.opts = opts,
	.examples = remove_examples,
	.opts_size = sizeof(struct edit_opts),
	.complete = CMD_COMPLETE_INSTALLED,
	.min_args = 1,
	.run = remove_run,
};

/* SPDX-License-Identifier: MIT */
#include "cmd/world.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/term.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/location.h"
#include "core/requirements_edit.h"
#include "core/secret.h"
#include "store/env/transaction.h"
#include "store/fetch/fetch.h"
#include "store/fs/fs.h"

int world_open_env(struct cenv_env *env, const char *option, struct cenv_err *err)
{
	char *path = NULL;
	int ret = cenv_env_find(&path, option, err);

	if (ret == 0)
		ret = cenv_env_open(env, path, err);
	free(path);
	return ret;
}

int world_open_whole(struct cmd_ctx *ctx, struct cenv_env *env, const char *option,
		     struct cenv_err *err)
{
	struct cenv_events events = {term_event, ctx};
	int lock = -1, ret;

	if (world_open_env(env, option, err) < 0)
		return -1;
	ret = cenv_env_lock(env, false, &events, &lock, err);
	if (lock >= 0)
		close(lock);
	if (ret < 0)
		cenv_env_release(env);
	return ret;
}

int world_read_records(struct cmd_ctx *ctx, const char *option, struct cenv_env *env,
		       struct cenv_records *records, struct cenv_err *err)
{
	struct cenv_events events = {term_event, ctx};
	int lock = -1, ret;

	if (world_open_env(env, option, err) < 0)
		return -1;
	ret = cenv_env_lock(env, false, &events, &lock, err);
	if (ret == 0)
		ret = cenv_records_read(records, env, err);
	if (lock >= 0)
		close(lock);
	if (ret < 0)
		cenv_env_release(env);
	return ret;
}

/* ---- requirements ---- */

static bool is_url(const char *path)
{
	return cenv_str_starts(path, "http://") || cenv_str_starts(path, "https://");
}

struct text_reader {
	bool offline;
	const struct world_draft *draft;
};

static int read_text(void *payload, const char *path, struct cenv_buf *out, struct cenv_err *err)
{
	const struct text_reader *reader = payload;
	struct cenv_fetch_options options = {.offline = reader->offline};

	if (reader->draft && !strcmp(path, reader->draft->path)) {
		cenv_buf_add(out, reader->draft->text->buf, reader->draft->text->len);
		return 0;
	}
	if (!strcmp(path, "-"))
		path = "/dev/stdin";
	if (is_url(path)) {
		int ret = cenv_fetch_text(path, CENV_REQFILE_MAX, &options, out, err);

		if (ret < 0 && err->code == CENV_E_NOTFOUND)
			err->code = CENV_E_NETWORK; /* no package is missing, but a file */
		return ret;
	}
	return cenv_fs_read_any(AT_FDCWD, path, CENV_REQFILE_MAX, out, err);
}

static const char *read_variable(void *payload, const char *name)
{
	(void)payload;
	return getenv(name);
}

static void hint_file(char kind, struct cenv_err *err)
{
	if (err->code != CENV_E_IO || !err->sys)
		return;
	if (kind == 'f')
		cenv_err_hint(err, "check the file name");
	else
		cenv_err_hint(err, "check the file name after -%c", kind);
}

static int read_files(struct cenv_requirements *out, const struct world_sources *sources,
		      struct cenv_err *err)
{
	const struct world_draft *draft = sources->draft;
	struct text_reader reader = {sources->offline, draft};
	struct cenv_reqfile_io io = {read_text, read_variable, &reader};

	for (size_t i = 0; i < sources->files.n; i++) {
		const char *entry = sources->files.v[i];

		if (cenv_requirements_read(out, entry + 2, entry[0] == 'c', &io, err) < 0) {
			hint_file(entry[0], err);
			return -1;
		}
	}
	if (draft && draft->before)
		cenv_requirements_trace(out->reqs, out->n, draft->path, draft->before, draft->text);
	return 0;
}

/* "cenv install requirements.txt" forgot the -r. */
static int refuse_list(const struct cenv_requirement *req, const char *arg, struct cenv_err *err)
{
	const char *dot = strrchr(arg, '.');
	struct cenv_buf line = CENV_BUF_INIT;

	if (!dot || (strcmp(dot, ".txt") != 0 && strcmp(dot, ".in") != 0))
		return 0;
	/* without a slash it could be a name */
	if (req->kind != CENV_REQ_PATH && !cenv_fs_is_file(AT_FDCWD, arg))
		return 0;
	cenv_err_set(err, CENV_E_USAGE, "'%s' looks like a list of requirements, not like an archive",
		     arg);
	cenv_shell_quote(&line, arg);
	cenv_err_hint(err, "name it with -r: -r %s", line.buf);
	cenv_buf_release(&line);
	return -1;
}

int world_parse_argument(struct cenv_requirement *out, const char *arg, const char *base,
			 struct cenv_err *err)
{
	struct cenv_buf shown = CENV_BUF_INIT;
	size_t at = 0;

	if (cenv_requirement_parse(out, arg, base, &at, err) < 0) {
		at = cenv_secrets_mask(&shown, arg, strlen(arg), at);
		cenv_err_detail(err, "  %s\n  %*s^", shown.buf, (int)at, "");
		cenv_buf_release(&shown);
		return cenv_err_wrap(err, "argument");
	}
	if (refuse_list(out, arg, err) == 0)
		return 0;
	cenv_requirement_release(out);
	return -1;
}

static int parse_argument(struct cenv_requirements *out, const char *arg, const char *base,
			  struct cenv_err *err)
{
	CENV_GROW(out->reqs, out->n, out->cap);
	if (world_parse_argument(&out->reqs[out->n], arg, base, err) < 0)
		return -1;
	out->n++;
	return 0;
}

int world_gather(struct cenv_requirements *out, const struct world_sources *sources, int argc,
		 char **argv, struct cenv_err *err)
{
	char *base = cenv_fs_absolute(".", err);
	int ret;

	/* before what the files say: the command line comes first */
	cenv_strv_add_all(&out->indexes, &sources->indexes);
	cenv_strv_add_all(&out->find_links, &sources->find_links);
	cenv_strv_add_all(&out->mirrors, &sources->mirrors);
	ret = base ? read_files(out, sources, err) : -1;
	for (size_t i = 0; i < sources->editable.n && ret == 0; i++) {
		char *text = cenv_strf("-e %s", sources->editable.v[i]);

		ret = parse_argument(out, text, base, err);
		free(text);
	}
	for (int i = 0; i < argc && ret == 0; i++)
		ret = parse_argument(out, argv[i], base, err);
	free(base);
	out->no_default_index = out->no_default_index || sources->no_default_index;
	out->require_hashes = out->require_hashes || sources->require_hashes;
	out->pre = out->pre || sources->pre;
	return ret;
}

/* ---- installed names ---- */

static int not_installed(const struct cenv_records *records, const char *name, struct cenv_err *err)
{
	const char **names = cenv_xcalloc(records->n, sizeof(*names)), *near[1];

	for (size_t i = 0; i < records->n; i++)
		names[i] = records->v[i].key;
	cenv_err_set(err, CENV_E_NOTFOUND,
		     cenv_glob_has_magic(name) ? "no installed package matches '%s'"
					       : "'%s' is not installed",
		     name);
	if (cenv_suggest(name, names, records->n, near, 1))
		cenv_err_hint(err, "did you mean '%s'?", near[0]);
	else
		cenv_err_hint(err, "'cenv list' shows what is installed");
	free(names);
	return -1;
}

int world_select(const struct cenv_records *records, int argc, char **argv, struct cenv_strv *keys,
		 struct cenv_err *err)
{
	for (int i = 0; i < argc; i++) {
		char *pattern = cenv_name_normalize(argv[i]);
		size_t before = keys->n;

		for (size_t j = 0; j < records->n; j++)
			if (cenv_glob_match(pattern, records->v[j].key))
				cenv_strv_add(keys, records->v[j].key);
		free(pattern);
		if (keys->n == before)
			return not_installed(records, argv[i], err);
	}
	cenv_strv_sort_unique(keys);
	return 0;
}

int world_look(struct cmd_ctx *ctx, const char *option, int argc, char **argv, bool all,
	       struct world_view *view, struct cenv_err *err)
{
	*view = (struct world_view){.env = {.fd = -1}};
	if (world_read_records(ctx, option, &view->env, &view->records, err) < 0)
		return -1;
	if (world_select(&view->records, argc, argv, &view->keys, err) < 0) {
		world_view_release(view);
		return -1;
	}
	for (size_t i = 0; all && argc == 0 && i < view->records.n; i++)
		cenv_strv_add(&view->keys, view->records.v[i].key);
	return 0;
}

void world_view_release(struct world_view *view)
{
	cenv_strv_release(&view->keys);
	cenv_records_release(&view->records);
	cenv_env_release(&view->env);
}

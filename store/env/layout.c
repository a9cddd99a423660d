/* SPDX-License-Identifier: MIT */
#include "store/env/layout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "store/env/cfg.h"
#include "store/env/constants.h"
#include "store/env/history.h"
#include "store/env/journal.h"
#include "store/env/lock.h"
#include "store/fs/fs.h"

/* Where new files wait for their turn: it goes together with undo/, however the change ends. */
#define STAGE "lib/cenv/undo/new"

const char *const cenv_layout_folders[] = {"bin", "include", "lib", "lib/cenv", "share"};
const size_t cenv_layout_nfolders = sizeof(cenv_layout_folders) / sizeof(*cenv_layout_folders);

static int write_cfg(int fd, const struct cenv_cfg *cfg, struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	int ret;

	cenv_cfg_format(cfg, &text);
	ret = cenv_fs_write(fd, CENV_CFG_NAME, text.buf, text.len, 0644, 0, err);
	cenv_buf_release(&text);
	return ret;
}

int cenv_layout_fill(int fd, const char *path, const struct cenv_cfg *cfg,
		     const struct cenv_store *store, struct cenv_err *err)
{
	for (size_t i = 0; i < cenv_layout_nfolders; i++)
		if (mkdirat(fd, cenv_layout_folders[i], 0777) < 0 && errno != EEXIST)
			return cenv_err_sys(err, errno, "cannot create '%s/%s'", path,
					    cenv_layout_folders[i]);
	if (cenv_constants_place(fd, store, err) < 0)
		return -1;
	return write_cfg(fd, cfg, err);
}

/* ---- renewing ---- */

static void plan_file(struct cenv_journal *journal, const struct cenv_env *env, const char *path,
		      unsigned *saves)
{
	bool is_there = cenv_fs_exists(env->fd, path);
	struct cenv_step *step =
		cenv_journal_add(journal, is_there ? CENV_STEP_REPLACE : CENV_STEP_ADD, path);

	if (is_there)
		step->number = ++*saves;
}

static int plan(struct cenv_journal *journal, const struct cenv_env *env, struct cenv_err *err)
{
	unsigned saves = 0;

	journal->command = cenv_xstrdup("create --upgrade");
	for (size_t i = 0; i < cenv_layout_nfolders; i++)
		if (!cenv_fs_exists(env->fd, cenv_layout_folders[i]))
			cenv_journal_add(journal, CENV_STEP_MAKE, cenv_layout_folders[i]);
	for (size_t i = 0; i < cenv_nconstants; i++)
		plan_file(journal, env, cenv_constants[i].path, &saves);
	plan_file(journal, env, CENV_CFG_NAME, &saves);
	return cenv_history_size(env, &journal->history_size, err);
}

static int stage(const struct cenv_env *env, const struct cenv_cfg *cfg,
		 const struct cenv_store *store, struct cenv_err *err)
{
	int fd, ret;

	if (cenv_fs_mkdirs(env->fd, STAGE, 0777, err) < 0)
		return -1;
	fd = cenv_fs_open_dir(env->fd, STAGE, err);
	if (fd < 0)
		return -1;
	ret = cenv_layout_fill(fd, env->path, cfg, store, err);
	close(fd);
	return ret;
}

static int put_in_place(struct cenv_step *step, const struct cenv_env *env, struct cenv_err *err)
{
	char *staged = cenv_path_join(STAGE, step->path);
	int ret = 0;

	if (step->kind == CENV_STEP_MAKE ? mkdirat(env->fd, step->path, 0777) < 0
					 : renameat(env->fd, staged, env->fd, step->path) < 0)
		ret = cenv_err_sys(err, errno, "cannot renew '%s/%s'", env->path, step->path);
	else
		step->done = true;
	free(staged);
	return ret;
}

static int carry_out(struct cenv_journal *journal, const struct cenv_env *env,
		     const struct cenv_cfg *cfg, const struct cenv_store *store,
		     struct cenv_err *err)
{
	int ret = cenv_journal_save(journal, env, err);

	if (ret == 0)
		ret = stage(env, cfg, store, err);
	for (size_t i = 0; ret == 0 && i < journal->n; i++)
		ret = put_in_place(&journal->steps[i], env, err);
	return ret == 0 ? cenv_journal_commit(env, err) : -1;
}

int cenv_layout_renew(const struct cenv_env *env, const struct cenv_cfg *cfg,
		      const struct cenv_store *store, const struct cenv_events *events,
		      struct cenv_err *err)
{
	struct cenv_journal journal = {0};
	int files, ret = -1;

	if (cenv_env_lock_files(env, true, events, &files, err) < 0)
		return -1;
	if (plan(&journal, env, err) == 0 && cenv_journal_write(&journal, env, err) == 0) {
		ret = carry_out(&journal, env, cfg, store, err);
		if (ret == 0)
			ret = cenv_journal_finish(&journal, env, err);
		else
			cenv_journal_abandon(&journal, env, err);
	}
	cenv_journal_release(&journal);
	close(files);
	return ret;
}

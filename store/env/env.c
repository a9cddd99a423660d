/* SPDX-License-Identifier: MIT */
#include "store/env/env.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "store/env/cfg.h"
#include "store/fs/fs.h"

static void hint_create(struct cenv_err *err)
{
	cenv_err_hint(err, "run 'cenv create' to make '.cenv' here, or name one: --env DIR");
}

/** .cenv in dir or the nearest parent, NULL when there is none. Shortens dir on its way up. */
static char *find_upwards(char *dir)
{
	for (;;) {
		char *candidate = cenv_path_join(*dir ? dir : "/", ".cenv");
		char *cfg = cenv_path_join(candidate, CENV_CFG_NAME);
		bool found = access(cfg, F_OK) == 0;
		char *slash;

		free(cfg);
		if (found)
			return candidate;
		free(candidate);
		slash = strrchr(dir, '/');
		if (!slash)
			return NULL;
		*slash = '\0';
	}
}

int cenv_env_find(char **path, const char *option, struct cenv_err *err)
{
	const char *active = getenv("CENV");
	char *dir;

	*path = NULL;
	if (option || (active && *active)) {
		*path = cenv_fs_absolute(option ? option : active, err);
		return *path ? 0 : -1;
	}
	dir = cenv_fs_absolute(".", err);
	if (!dir)
		return -1;
	*path = find_upwards(dir);
	free(dir);
	if (*path)
		return 0;
	cenv_err_set(err, CENV_E_NOENV, "no environment: none is active and there is no '.cenv' "
					"here or above");
	cenv_err_hint(err, "run 'cenv create' to make '.cenv' here, or activate one: "
			   "'source DIR/bin/activate'");
	return -1;
}

static const char no_such_folder[] = "there is no such folder";

static int not_an_environment(const char *path, const char *why, struct cenv_err *err)
{
	const char *active = getenv("CENV");

	cenv_err_set(err, CENV_E_NOENV, "'%s' is not an environment: %s", path, why);
	if (active && !strcmp(active, path))
		cenv_err_hint(err, "CENV names it: run 'deactivate', or 'cenv create %s'", path);
	else if (why == no_such_folder)
		cenv_err_hint(err, "run 'cenv create %s' to make it", path);
	else
		hint_create(err);
	return -1;
}

static int read_cfg(struct cenv_env *env, struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	char *label = cenv_path_join(env->path, CENV_CFG_NAME);
	int ret = -1;

	if (cenv_fs_read(env->fd, CENV_CFG_NAME, CENV_CFG_MAX, &text, err) < 0) {
		if (err->sys == ENOENT)
			not_an_environment(env->path, "it has no cenv.cfg", err);
		else
			cenv_err_wrap(err, "cannot open the environment '%s'", env->path);
	} else {
		ret = cenv_cfg_parse(&env->cfg, text.buf, text.len, label, err);
	}
	cenv_buf_release(&text);
	free(label);
	return ret;
}

int cenv_env_open(struct cenv_env *out, const char *path, struct cenv_err *err)
{
	*out = (struct cenv_env){.fd = -1};
	/* links resolved, as activate does: what is linked here must find its libraries later */
	out->path = cenv_fs_realpath(path, err);
	if (!out->path) {
		if (err->sys == ENOENT || err->sys == ENOTDIR)
			not_an_environment(path, no_such_folder, err);
		return -1;
	}
	out->fd = cenv_fs_open_dir(AT_FDCWD, out->path, err);
	if (out->fd < 0) {
		if (err->sys == ENOTDIR)
			not_an_environment(path, "it is a file", err);
	} else if (read_cfg(out, err) == 0) {
		return 0;
	}
	cenv_env_release(out);
	return -1;
}

void cenv_env_release(struct cenv_env *env)
{
	if (env->fd >= 0)
		close(env->fd);
	free(env->path);
	cenv_cfg_release(&env->cfg);
	*env = (struct cenv_env){.fd = -1};
}

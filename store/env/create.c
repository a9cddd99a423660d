/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/env/cfg.h"
#include "store/env/compiler.h"
#include "store/env/env.h"
#include "store/env/layout.h"
#include "store/env/lock.h"
#include "store/env/transaction.h"
#include "store/fs/fs.h"

/* Longer ones cannot be patched into packages; ':' ends a path in PATH and its like. */
#define PATH_BYTES_MAX 255

/** What stands where the environment is wanted. */
enum occupant { NOTHING, EMPTY_FOLDER, ENVIRONMENT, OTHER_FILES };

/** One creation. */
struct creation {
	const struct cenv_create_options *options;
	const struct cenv_store *store;
	char *path;          /* absolute, links resolved */
	struct cenv_cfg old; /* of the environment that is there */
	struct cenv_cfg cfg; /* to be written */
};

static int check_path(const char *path, struct cenv_err *err)
{
	if (strchr(path, ':')) {
		cenv_err_set(err, CENV_E_FAIL, "an environment's path cannot hold a colon: '%s'",
			     path);
		cenv_err_hint(err, "PATH and the compiler's search paths are divided by colons: "
				   "choose another name");
		return -1;
	}
	if (strlen(path) > PATH_BYTES_MAX) {
		cenv_err_set(err, CENV_E_FAIL,
			     "an environment's path cannot be longer than %d bytes: '%s' has %zu",
			     PATH_BYTES_MAX, path, strlen(path));
		cenv_err_hint(err, "some packages have room for no longer one: choose a shorter path");
		return -1;
	}
	return 0;
}

/** The path with links resolved as far as it exists; `path` is absolute. Caller frees. */
static char *resolve(const char *path, struct cenv_err *err)
{
	char *head = cenv_xstrdup(path), *real, *full = NULL;

	for (;;) {
		real = realpath(head, NULL);
		if (real || errno != ENOENT || !strcmp(head, "/"))
			break;
		*strrchr(head, '/') = '\0';
		if (!*head) {
			real = cenv_xstrdup("/");
			break;
		}
	}
	if (real) {
		const char *rest = path + strlen(head);

		if (strstr(rest, "/../") || cenv_str_ends(rest, "/.."))
			cenv_err_sys(err, ENOENT, "cannot create '%s'", path);
		else
			full = cenv_path_join(real, *rest == '/' ? rest + 1 : rest);
	} else {
		cenv_err_sys(err, errno, "cannot create '%s'", path);
	}
	free(real);
	free(head);
	return full;
}

static int find_path(struct creation *c, struct cenv_err *err)
{
	char *absolute;

	if (!*c->options->path)
		return cenv_err_set(err, CENV_E_USAGE, "an environment needs a name");
	absolute = cenv_fs_absolute(c->options->path, err);
	if (!absolute)
		return -1;
	c->path = resolve(absolute, err);
	free(absolute);
	return c->path ? check_path(c->path, err) : -1;
}

static int read_old(struct creation *c, int fd, struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	char *label = cenv_path_join(c->path, CENV_CFG_NAME);
	int ret = cenv_fs_read(fd, CENV_CFG_NAME, CENV_CFG_MAX, &text, err);

	if (ret == 0)
		ret = cenv_cfg_parse(&c->old, text.buf, text.len, label, err);
	cenv_buf_release(&text);
	free(label);
	return ret;
}

static int examine_folder(struct creation *c, int fd, enum occupant *what, struct cenv_err *err)
{
	struct cenv_strv names = {0};

	if (cenv_fs_list(fd, ".", &names, err) < 0)
		return cenv_err_wrap(err, "cannot use '%s'", c->path);
	*what = names.n ? OTHER_FILES : EMPTY_FOLDER;
	/* cenv.cfg alone could be anybody's; lib/cenv beside it is ours */
	if (cenv_strv_has(&names, CENV_CFG_NAME) && cenv_fs_is_dir(fd, "lib/cenv")) {
		if (read_old(c, fd, err) == 0)
			*what = ENVIRONMENT;
		cenv_err_release(err); /* unreadable: then it is a folder of other files */
	}
	cenv_strv_release(&names);
	return 0;
}

static int examine(struct creation *c, enum occupant *what, struct cenv_err *err)
{
	int fd = open(c->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret;

	*what = NOTHING;
	if (fd < 0 && errno == ENOENT && !cenv_fs_exists(AT_FDCWD, c->path))
		return 0;
	if (fd < 0 && (errno == ENOTDIR || errno == ENOENT))
		return cenv_err_set(err, CENV_E_FAIL, "'%s' is there already and is not a folder",
				    c->path);
	if (fd < 0)
		return cenv_err_sys(err, errno, "cannot use '%s'", c->path);
	ret = examine_folder(c, fd, what, err);
	close(fd);
	return ret;
}

static int refuse(const struct creation *c, enum occupant what, struct cenv_err *err)
{
	if (what == OTHER_FILES) {
		cenv_err_set(err, CENV_E_FAIL,
			     "'%s' is not empty and is not an environment of cenv: nothing in it was "
			     "touched", c->path);
		cenv_err_hint(err, "choose another name, or empty the folder yourself");
		return -1;
	}
	if (what == ENVIRONMENT && !c->options->clear && !c->options->upgrade) {
		cenv_err_set(err, CENV_E_FAIL, "'%s' is an environment already", c->path);
		cenv_err_hint(err, "--clear empties it first, --upgrade renews cenv's own files in it");
		return -1;
	}
	if (what != ENVIRONMENT && c->options->upgrade) {
		cenv_err_set(err, CENV_E_NOENV, "there is no environment '%s' to upgrade", c->path);
		cenv_err_hint(err, "leave --upgrade out to create it");
		return -1;
	}
	return 0;
}

/** The settings: what is given, else with --upgrade what was, else the defaults. */
static int settle_cfg(struct creation *c, struct cenv_err *err)
{
	const struct cenv_create_options *o = c->options;
	const struct cenv_cfg *old = &c->old;
	bool keep = o->upgrade && old->version;
	const char *prompt = o->prompt && *o->prompt ? o->prompt : keep ? old->prompt : NULL;

	if (prompt && !cenv_cfg_value_valid(prompt)) {
		cenv_err_set(err, CENV_E_USAGE, "not a usable prompt: '%s'", prompt);
		cenv_err_hint(err, "it is one line without blanks around it");
		return -1;
	}
	c->cfg.version = cenv_xstrdup(CENV_VERSION);
	c->cfg.created_by = cenv_xstrdup("cenv " CENV_VERSION);
	c->cfg.prompt = cenv_xstrdup(prompt);
	c->cfg.system_libs = o->system_libs || (keep && old->system_libs);
	if (o->compiler)
		return cenv_compiler_probe(&c->cfg.compiler, &c->cfg.target, o->compiler, err);
	/* asking a compiler costs more than everything else: ours was asked when cenv was built */
	c->cfg.target = cenv_xstrdup(keep ? old->target : CENV_DEFAULT_TARGET);
	c->cfg.compiler = cenv_xstrdup(keep ? old->compiler : "cc");
	return 0;
}

static int fill(const struct creation *c, int fd, struct cenv_err *err)
{
	return cenv_layout_fill(fd, c->path, &c->cfg, c->store, err);
}

static int fill_path(const struct creation *c, const char *path, struct cenv_err *err)
{
	int fd = cenv_fs_open_dir(AT_FDCWD, path, err), ret;

	if (fd < 0)
		return -1;
	ret = fill(c, fd, err);
	close(fd);
	return ret;
}

/** Open a folder that is emptied: no link out of the environment, and writable. */
static int open_to_empty(int fd, const char *name, struct cenv_err *err)
{
	int dir = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (dir < 0)
		return cenv_err_sys(err, errno, "cannot open folder '%s'", name);
	if (fstat(dir, &st) == 0 && (st.st_mode & 0700) != 0700)
		fchmod(dir, (st.st_mode & 0777) | 0700);
	return dir;
}

/** Remove everything in a folder but what `keep` names. */
static int empty(int fd, const char *name, const char *const *keep, struct cenv_err *err)
{
	struct cenv_strv names = {0};
	int dir = open_to_empty(fd, name, err);
	int ret = dir < 0 ? -1 : cenv_fs_list(dir, ".", &names, err);

	for (size_t i = 0; i < names.n && ret == 0; i++) {
		const char *const *kept = keep;

		while (*kept && strcmp(*kept, names.v[i]))
			kept++;
		if (!*kept)
			ret = cenv_fs_remove_tree(dir, names.v[i], err);
	}
	if (dir >= 0)
		close(dir);
	cenv_strv_release(&names);
	return ret;
}

static int empty_folder(int fd, const char *name, struct cenv_err *err)
{
	static const char *const nothing[] = {NULL};

	return empty(fd, name, nothing, err);
}

/**
 * Remove everything but what makes it an environment, so that a clear that was stopped can be
 * repeated, and but the locks, which others may be waiting for. The journal goes first: what it
 * says about files is void from here on.
 */
static int clear_locked(int fd, struct cenv_err *err)
{
	static const char *const journals[] = {"lib/cenv/journal", "lib/cenv/journal.done"};
	static const char *const locks[] = {CENV_ENV_LOCK_TURN, CENV_ENV_LOCK_CHANGING, NULL};
	static const char *const top[] = {CENV_CFG_NAME, "lib", NULL};
	static const char *const lib[] = {"cenv", NULL};

	for (size_t i = 0; i < sizeof(journals) / sizeof(*journals); i++)
		if (cenv_fs_remove_tree(fd, journals[i], err) < 0)
			return -1;
	if (empty(fd, ".", top, err) < 0 || empty(fd, "lib", lib, err) < 0)
		return -1;
	return empty(fd, "lib/cenv", locks, err);
}

static void forget(int (*undo)(int, const char *, struct cenv_err *), int fd, const char *name)
{
	struct cenv_err ignored = CENV_ERR_INIT; /* the first failure is the one to tell */

	undo(fd, name, &ignored);
	cenv_err_release(&ignored);
}

/** Nothing is mended first: a damaged environment can be cleared, too. */
static int clear(const struct creation *c, int fd, struct cenv_err *err)
{
	const struct cenv_env env = {.path = c->path, .fd = fd};
	int turn = -1, files = -1, ret = -1;

	if (cenv_env_lock_turn(&env, c->options->events, &turn, err) == 0 &&
	    cenv_env_lock_files(&env, true, c->options->events, &files, err) == 0 &&
	    clear_locked(fd, err) == 0)
		ret = fill(c, fd, err);
	if (files >= 0)
		close(files);
	if (turn >= 0)
		close(turn);
	return ret;
}

/** Into a folder that exists: empty, or an environment to clear. */
static int create_inside(const struct creation *c, enum occupant what, struct cenv_err *err)
{
	int fd = cenv_fs_open_dir(AT_FDCWD, c->path, err), ret;

	if (fd < 0)
		return -1;
	if (what == ENVIRONMENT) {
		ret = clear(c, fd, err);
	} else {
		ret = fill(c, fd, err);
		if (ret < 0)
			forget(empty_folder, fd, ".");
	}
	close(fd);
	return ret;
}

/** What another command left half done is mended first: it may have been the settings. */
static int upgrade_locked(struct creation *c, const struct cenv_env *env, struct cenv_err *err)
{
	cenv_cfg_release(&c->old);
	if (read_old(c, env->fd, err) < 0 || settle_cfg(c, err) < 0)
		return -1;
	return cenv_layout_renew(env, &c->cfg, c->store, c->options->events, err);
}

static int upgrade(struct creation *c, struct cenv_err *err)
{
	struct cenv_env env = {.path = c->path, .fd = cenv_fs_open_dir(AT_FDCWD, c->path, err)};
	int lock, ret = -1;

	if (env.fd < 0)
		return -1;
	if (cenv_env_lock(&env, true, c->options->events, &lock, err) == 0) {
		ret = upgrade_locked(c, &env, err);
		close(lock);
	}
	close(env.fd);
	return ret;
}

/** Remove the folders that make_parents made, from the innermost on. */
static void remove_parents(const char *dir, size_t existed)
{
	char *path = cenv_xstrdup(dir);

	while (strlen(path) > existed) {
		rmdir(path);
		*strrchr(path, '/') = '\0';
	}
	free(path);
}

/** mkdir -p. @return how many bytes of the path existed, 0 on failure. */
static size_t make_parents(const char *dir, struct cenv_err *err)
{
	char *existing = cenv_xstrdup(dir);
	size_t len;

	while (strcmp(existing, "/") && !cenv_fs_is_dir(AT_FDCWD, existing)) {
		char *up = cenv_path_dir(existing);

		free(existing);
		existing = up;
	}
	len = strlen(existing);
	if (dir[len] && cenv_fs_mkdirs(AT_FDCWD, dir, 0777, err) < 0) {
		remove_parents(dir, len);
		len = 0;
	}
	free(existing);
	return len;
}

/** The folder that is filled, beside the one it becomes; nothing of it is there afterwards. */
static int make_neighbour(const char *name, struct cenv_err *err)
{
	if (mkdir(name, 0777) == 0)
		return 0;
	if (errno != EEXIST) /* left by a process of our number that was killed */
		return cenv_err_sys(err, errno, "cannot create '%s'", name);
	if (cenv_fs_remove_tree(AT_FDCWD, name, err) < 0)
		return -1;
	return mkdir(name, 0777) < 0 ? cenv_err_sys(err, errno, "cannot create '%s'", name) : 0;
}

/** A new folder is filled under another name and appears by one rename, whole. */
static int create_new(const struct creation *c, struct cenv_err *err)
{
	char *dir = cenv_path_dir(c->path);
	char *tmp = cenv_strf("%s/.cenv-new-%ld", strcmp(dir, "/") ? dir : "", (long)getpid());
	size_t existed = make_parents(dir, err);
	int ret = existed ? make_neighbour(tmp, err) : -1;

	if (ret == 0) {
		ret = fill_path(c, tmp, err);
		if (ret == 0 && rename(tmp, c->path) < 0)
			ret = cenv_err_sys(err, errno, "cannot create '%s'", c->path);
		if (ret < 0)
			forget(cenv_fs_remove_tree, AT_FDCWD, tmp);
	}
	if (ret < 0 && existed)
		remove_parents(dir, existed);
	free(tmp);
	free(dir);
	return ret;
}

int cenv_env_create(const struct cenv_create_options *options, const struct cenv_store *store,
		    struct cenv_err *err)
{
	struct creation c = {.options = options, .store = store};
	enum occupant what;
	int ret = -1;

	if (options->clear && options->upgrade)
		return cenv_err_set(err, CENV_E_USAGE, "--clear and --upgrade exclude each other");
	if (find_path(&c, err) == 0 && examine(&c, &what, err) == 0 && refuse(&c, what, err) == 0) {
		if (options->upgrade)
			ret = upgrade(&c, err);
		else if (settle_cfg(&c, err) == 0)
			ret = what == NOTHING ? create_new(&c, err) : create_inside(&c, what, err);
	}
	free(c.path);
	cenv_cfg_release(&c.old);
	cenv_cfg_release(&c.cfg);
	return ret;
}

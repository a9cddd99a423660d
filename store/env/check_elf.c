/* SPDX-License-Identifier: MIT */
#include "store/env/check_elf.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/fs/fs.h"
#include "store/object/elf.h"

/* The part of a run path after $ORIGIN, or NULL when it does not start so. */
static const char *after_origin(const char *runpath)
{
	static const char *const spellings[] = {"$ORIGIN", "${ORIGIN}"};

	for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++) {
		size_t len = strlen(spellings[i]);

		if (!strncmp(runpath, spellings[i], len) && (!runpath[len] || runpath[len] == '/'))
			return runpath + len;
	}
	return NULL;
}

/* Components of `path` appended to out, ".." taking one away; false when that leads out of it. */
static bool append(struct cenv_buf *out, const char *path)
{
	for (; *path; path += *path == '/') {
		size_t len = strcspn(path, "/");

		if (len == 2 && !strncmp(path, "..", len)) {
			char *slash = strrchr(out->buf, '/');

			if (!out->len)
				return false;
			cenv_buf_truncate(out, slash ? (size_t)(slash - out->buf) : 0);
		} else if (len && !(len == 1 && *path == '.')) {
			if (out->len)
				cenv_buf_addc(out, '/');
			cenv_buf_add(out, path, len);
		}
		path += len;
	}
	return true;
}

/* Where a run path leads, relative to the environment; false when it leads out of it. */
static bool resolve(struct cenv_buf *out, const struct cenv_env *env, const char *path,
		    const char *runpath)
{
	const char *rest = after_origin(runpath);
	size_t root = strlen(env->path);

	if (rest) {
		char *dir = cenv_xstrndup(path, (size_t)(cenv_path_base(path) - path));
		bool inside = append(out, dir) && append(out, rest);

		free(dir);
		return inside;
	}
	return !strncmp(runpath, env->path, root) && (!runpath[root] || runpath[root] == '/') &&
	       append(out, runpath + root);
}

static bool is_in(const struct cenv_env *env, const char *dir, const char *name)
{
	char *path = *dir ? cenv_path_join(dir, name) : cenv_xstrdup(name);
	struct stat st;
	bool found = fstatat(env->fd, path, &st, 0) == 0 && S_ISREG(st.st_mode);

	free(path);
	return found;
}

static bool is_found(const struct cenv_env *env, const char *path, const struct cenv_elf *elf,
		     const char *needed)
{
	bool found = cenv_elf_is_base_library(needed);

	for (size_t i = 0; !found && i < elf->runpath.n; i++) {
		struct cenv_buf dir = CENV_BUF_INIT;

		found = resolve(&dir, env, path, elf->runpath.v[i]) && is_in(env, dir.buf, needed);
		cenv_buf_release(&dir);
	}
	return found;
}

int cenv_check_elf(char **problem, const struct cenv_env *env, const char *path,
		   struct cenv_err *err)
{
	struct cenv_buf missing = CENV_BUF_INIT;
	struct cenv_elf elf;
	int ret = cenv_elf_read(&elf, env->fd, path, err);

	if (ret <= 0)
		return ret;
	for (size_t i = 0; i < elf.needed.n; i++)
		if (!is_found(env, path, &elf, elf.needed.v[i]))
			cenv_buf_addf(&missing, "%s'%s'", missing.len ? ", " : "", elf.needed.v[i]);
	if (missing.len) {
		free(*problem);
		*problem = cenv_strf("%s: needs %s, which the environment does not have where the file "
				     "looks for it", path, missing.buf);
	}
	cenv_buf_release(&missing);
	cenv_elf_release(&elf);
	return 1;
}

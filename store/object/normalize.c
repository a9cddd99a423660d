/* SPDX-License-Identifier: MIT */
#include "store/object/normalize.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/fs/fs.h"
#include "store/object/object.h"
#include "store/object/relpath.h"

bool cenv_normalize_drops(const char *path)
{
	/*
	 * .la files hold absolute paths and make libtool link too much. info/dir and
	 * charset.alias are lists that every package would own. gdb looks for
	 * auto-load files under the absolute path of a library. Bytecode holds times.
	 */
	static const char *const patterns[] = {
		"*.la", "share/info/dir", "info/dir", "lib/charset.alias", "share/gdb/auto-load",
		"*.pyc", "*.pyo", "__pycache__", "*/__pycache__",
	};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++)
		if (cenv_glob_match(patterns[i], path))
			return true;
	return false;
}

static bool in_folder(const char *path, const char *folder)
{
	char *dir = cenv_relpath_dir(path);
	bool is_in = !strcmp(cenv_path_base(dir), folder);

	free(dir);
	return is_in;
}

bool cenv_normalize_text(struct cenv_buf *out, const char *text, size_t len, const char *path,
			 bool is_executable)
{
	if (cenv_str_ends(path, ".pc") && in_folder(path, "pkgconfig"))
		return cenv_normalize_pc(out, text, len, path);
	if (cenv_str_ends(path, ".cmake"))
		return cenv_normalize_cmake(out, text, len, path);
	if (is_executable && len > 2 && text[0] == '#' && text[1] == '!')
		return cenv_normalize_script(out, text, len, path);
	return false;
}

static int leads_out(const char *target, const char *path, struct cenv_err *err)
{
	cenv_err_set(err, CENV_E_BUILD, "the link '%s' leads out of the prefix, to '%s'", path,
		     target);
	cenv_err_hint(err, "a library must bring what it links to, or not link to it");
	return -1;
}

char *cenv_normalize_link(const char *target, const char *path, struct cenv_err *err)
{
	char *dir = cenv_relpath_dir(path), *to, *relative = NULL;
	/* somewhere inside when the staging folder stands before it */
	const char *prefix = strstr(target, cenv_placeholder);

	if (prefix)
		to = cenv_relpath_resolve("", prefix + CENV_PLACEHOLDER_LEN);
	else
		to = *target == '/' ? NULL : cenv_relpath_resolve(dir, target);
	if (!to)
		leads_out(target, path, err);
	else
		relative = prefix ? cenv_relpath_between(dir, to) : cenv_xstrdup(target);
	free(to);
	free(dir);
	return relative;
}

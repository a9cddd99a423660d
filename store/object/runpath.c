/* SPDX-License-Identifier: MIT */
#include "store/object/runpath.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strv.h"
#include "store/object/object.h"
#include "store/object/relpath.h"

/* what follows `lead` in an entry, when it leads a whole component */
static const char *after(const char *entry, const char *lead)
{
	size_t len = strlen(lead);

	if (strncmp(entry, lead, len) || (entry[len] && entry[len] != '/'))
		return NULL;
	return entry + len;
}

/* the folder of the tree that an entry means, or NULL when it is none */
static char *entry_folder(const char *entry, const char *file_dir)
{
	const char *rest = after(entry, cenv_placeholder);

	if (rest)
		return cenv_relpath_resolve("", rest);
	rest = after(entry, "$ORIGIN");
	if (!rest)
		rest = after(entry, "${ORIGIN}");
	return rest ? cenv_relpath_resolve(file_dir, rest) : NULL;
}

static void folders(struct cenv_strv *out, const char *runpath, const char *file_dir)
{
	while (*runpath) {
		size_t len = strcspn(runpath, ":");
		char *entry = cenv_xstrndup(runpath, len);
		char *folder = entry_folder(entry, file_dir);

		if (folder && !cenv_strv_has(out, folder))
			cenv_strv_add(out, folder);
		free(folder);
		free(entry);
		runpath += len + (runpath[len] == ':');
	}
}

char *cenv_runpath_relocate(const char *runpath, const char *file)
{
	char *file_dir = cenv_relpath_dir(file), *joined;
	struct cenv_strv dirs = {0}, entries = {0};

	folders(&dirs, runpath, file_dir);
	for (size_t i = 0; i < dirs.n; i++) {
		char *way = cenv_relpath_between(file_dir, dirs.v[i]);

		if (!strcmp(way, "."))
			cenv_strv_add(&entries, "$ORIGIN");
		else
			cenv_strv_addf(&entries, "$ORIGIN/%s", way);
		free(way);
	}
	joined = cenv_strv_join(&entries, ":");
	cenv_strv_release(&entries);
	cenv_strv_release(&dirs);
	free(file_dir);
	return joined;
}

bool cenv_runpath_has(const char *runpath, const char *file, const char *dir)
{
	char *file_dir = cenv_relpath_dir(file);
	struct cenv_strv dirs = {0};
	bool has;

	folders(&dirs, runpath, file_dir);
	has = cenv_strv_has(&dirs, dir);
	cenv_strv_release(&dirs);
	free(file_dir);
	return has;
}

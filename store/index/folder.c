/* SPDX-License-Identifier: MIT */
#include "store/index/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/recipe.h"
#include "store/fs/fs.h"

int cenv_index_folder_open(struct cenv_index_folder *out, const char *path, struct cenv_err *err)
{
	*out = (struct cenv_index_folder){.fd = cenv_fs_open_dir(AT_FDCWD, path, err)};
	if (out->fd < 0) {
		/* a mistyped option, unlike a disk that fails */
		if (err->sys != ENOENT && err->sys != ENOTDIR)
			return cenv_err_wrap(err, "cannot read the recipes");
		cenv_err_set(err, CENV_E_USAGE, "there is no folder of recipes at '%s'", path);
		cenv_err_hint(err, "--index on the command line or in a requirements file, or "
				   "CENV_INDEX, names it");
		return -1;
	}
	out->path = cenv_xstrdup(path);
	return 0;
}

void cenv_index_folder_release(struct cenv_index_folder *folder)
{
	if (folder->fd >= 0)
		close(folder->fd);
	cenv_map_release(&folder->files, free);
	free(folder->path);
	*folder = (struct cenv_index_folder){.fd = -1};
}

/* The name that a file stands for, or NULL when it is no recipe. Caller frees. */
static char *file_key(const char *file)
{
	size_t len = strlen(file);
	char *name, *key = NULL;

	if (!cenv_str_ends(file, ".ini") || !cenv_name_valid(file, len - 4))
		return NULL;
	name = cenv_xstrndup(file, len - 4);
	key = cenv_name_normalize(name);
	free(name);
	return key;
}

static int list(struct cenv_index_folder *folder, struct cenv_err *err)
{
	struct cenv_strv files = {0};

	if (folder->is_listed)
		return 0;
	if (cenv_fs_list(folder->fd, ".", &files, err) < 0)
		return cenv_err_wrap(err, "cannot list the recipes in '%s'", folder->path);
	for (size_t i = 0; i < files.n; i++) {
		char *key = file_key(files.v[i]);

		/* of two spellings the first in byte order stands, whatever order the disk has */
		if (key && !cenv_map_has(&folder->files, key))
			cenv_map_put(&folder->files, key, cenv_xstrdup(files.v[i]));
		free(key);
	}
	cenv_strv_release(&files);
	folder->is_listed = true;
	return 0;
}

/* @return 1 read, 0 not there, -1 failed */
static int read_file(struct cenv_index_folder *folder, const char *name, struct cenv_buf *text,
		     char **file, struct cenv_err *err)
{
	*file = cenv_path_join(folder->path, name);
	if (cenv_fs_read_text(folder->fd, name, CENV_RECIPE_MAX, text, err) == 0)
		return 1;
	if (err->sys == ENOENT) {
		cenv_err_release(err);
		free(*file);
		*file = NULL;
		return 0;
	}
	cenv_err_wrap(err, "cannot read the recipe '%s'", *file);
	free(*file);
	*file = NULL;
	return -1;
}

int cenv_index_folder_read(struct cenv_index_folder *folder, const char *key, struct cenv_buf *text,
			   char **file, struct cenv_err *err)
{
	char *name;
	int got;

	*file = NULL;
	if (!cenv_name_valid(key, strlen(key)))
		return 0;
	name = cenv_strf("%s.ini", key);
	got = read_file(folder, name, text, file, err);
	free(name);
	if (got != 0)
		return got < 0 ? -1 : 0;
	if (list(folder, err) < 0)
		return -1;
	name = cenv_map_get(&folder->files, key);
	return name && read_file(folder, name, text, file, err) < 0 ? -1 : 0;
}

bool cenv_index_folder_has(struct cenv_index_folder *folder, const char *key)
{
	struct cenv_err ignored = CENV_ERR_INIT;
	bool listed = list(folder, &ignored) == 0;

	cenv_err_release(&ignored);
	return listed && cenv_map_has(&folder->files, key);
}

int cenv_index_folder_names(struct cenv_index_folder *folder, struct cenv_strv *out,
			    struct cenv_err *err)
{
	if (list(folder, err) < 0)
		return -1;
	for (size_t i = 0; i < folder->files.n; i++) {
		if (folder->files.entries[i].key)
			cenv_strv_add(out, folder->files.entries[i].key);
	}
	return 0;
}

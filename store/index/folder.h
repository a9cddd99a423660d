/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_INDEX_FOLDER_H
#define CENV_STORE_INDEX_FOLDER_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/map.h"
#include "core/base/strv.h"

/*
 * A folder of recipes, one file for a name. A file called by the normalised
 * name is opened at once; the folder is listed only when there is none, for a
 * file that spells the name another way (libFoo.ini), or when names are asked for.
 */
struct cenv_index_folder {
	int fd;
	char *path;
	bool is_listed;
	struct cenv_map files; /* normalised name -> file name, owned */
};

/** @return 0, or -1: CENV_E_USAGE when there is no such folder. */
int cenv_index_folder_open(struct cenv_index_folder *out, const char *path, struct cenv_err *err);
void cenv_index_folder_release(struct cenv_index_folder *folder);

/**
 * Read the recipe of a normalised name.
 *
 * @param file receives its path for messages, owned by the caller; NULL when there is none.
 */
int cenv_index_folder_read(struct cenv_index_folder *folder, const char *key, struct cenv_buf *text,
			   char **file, struct cenv_err *err);

/** Is there a file for a normalised name? One that cannot be listed has none. */
bool cenv_index_folder_has(struct cenv_index_folder *folder, const char *key);

/** Append the normalised names. */
int cenv_index_folder_names(struct cenv_index_folder *folder, struct cenv_strv *out,
			    struct cenv_err *err);

#endif

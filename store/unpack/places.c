/* SPDX-License-Identifier: MIT */
#include "store/unpack/places.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

/* What stands at a path; the map holds their addresses. */
static char is_folder, is_file, is_link;

static int refuse(struct cenv_err *err, const char *path, const char *why)
{
	return cenv_err_set(err, CENV_E_INTEGRITY, "member '%s' %s", path, why);
}

/* @return false when a part of the way to the member is no folder. */
static bool take_folders(struct cenv_places *places, const char *path)
{
	char *dir = cenv_xstrdup(path), *slash;
	const void *there = NULL;

	/* from below: a folder that is known has all of its own */
	while (!there && (slash = strrchr(dir, '/'))) {
		*slash = '\0';
		there = cenv_map_get(&places->map, dir);
		if (!there)
			cenv_map_put(&places->map, dir, &is_folder);
	}
	free(dir);
	return !there || there == &is_folder;
}

int cenv_places_take(struct cenv_places *places, const struct cenv_member *member,
		     struct cenv_err *err)
{
	const void *there = cenv_map_get(&places->map, member->path);
	bool is_dir = member->type == CENV_MEMBER_DIR;

	if ((is_dir && there && there != &is_folder) || !take_folders(places, member->path))
		return refuse(err, member->path, "leads through a link or a file");
	if (there && !is_dir)
		return refuse(err, member->path, "is there twice");
	if (member->type == CENV_MEMBER_HARDLINK &&
	    cenv_map_get(&places->map, member->link) != &is_file)
		return cenv_err_set(err, CENV_E_INTEGRITY,
				    "member '%s' is a hard link to '%s', which is no file of the "
				    "archive before it",
				    member->path, member->link);
	cenv_map_put(&places->map, member->path,
		     is_dir				   ? &is_folder
		     : member->type == CENV_MEMBER_SYMLINK ? &is_link
							   : &is_file);
	return 0;
}

void cenv_places_release(struct cenv_places *places)
{
	cenv_map_release(&places->map, NULL);
}

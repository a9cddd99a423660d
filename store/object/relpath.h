/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_OBJECT_RELPATH_H
#define CENV_STORE_OBJECT_RELPATH_H

/*
 * Paths inside a tree, by their text alone: components joined by '/', "" is the
 * root. Right as long as the folders on the way are folders and no symlinks.
 */

/** `rest` as seen from folder `dir`, "." and ".." resolved. NULL when it leaves the tree. Caller frees. */
char *cenv_relpath_resolve(const char *dir, const char *rest);

/** The shortest way from folder `from` to `to`, "." when they are the same. Caller frees. */
char *cenv_relpath_between(const char *from, const char *to);

/** The folder that a path is in: "" for the root. Caller frees. */
char *cenv_relpath_dir(const char *path);

#endif

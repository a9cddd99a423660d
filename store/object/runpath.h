/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_OBJECT_RUNPATH_H
#define CENV_STORE_OBJECT_RUNPATH_H

#include <stdbool.h>

/* Run paths of ELF files as text: "A:B:C". */

/**
 * The run path that a file of an object gets: folders of the prefix become relative to
 * $ORIGIN, each once, all others go. Never longer than before. Caller frees.
 *
 * @param file the file's path in the tree.
 */
char *cenv_runpath_relocate(const char *runpath, const char *file);

/** Does a relocated run path of `file` lead to folder `dir` of the tree? */
bool cenv_runpath_has(const char *runpath, const char *file, const char *dir);

#endif

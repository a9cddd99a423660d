/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_OBJECT_NORMALIZE_H
#define CENV_STORE_OBJECT_NORMALIZE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * Files of a finished build that can do without an absolute prefix get a form
 * in which they find themselves, so that environments share them by hard link and
 * they survive a move. Each function takes a file that was built with
 * cenv_placeholder as prefix, appends its new text to `out` and says true, or false
 * when the file stays as it is (out is then to be dropped). `path` is the file's in
 * the tree.
 */

/** pkg-config: ${pcfiledir}/../.., a run path beside each -L, no flags of the build. */
bool cenv_normalize_pc(struct cenv_buf *out, const char *text, size_t len, const char *path);

/** CMake: ${CMAKE_CURRENT_LIST_DIR}/<up>. */
bool cenv_normalize_cmake(struct cenv_buf *out, const char *text, size_t len, const char *path);

/** A program for the shell: a variable that is computed from $0. */
bool cenv_normalize_script(struct cenv_buf *out, const char *text, size_t len, const char *path);

/** Whichever fits the file. */
bool cenv_normalize_text(struct cenv_buf *out, const char *text, size_t len, const char *path,
			 bool is_executable);

/** Files and folders that no environment wants: libtool's .la, info/dir, bytecode and the like. */
bool cenv_normalize_drops(const char *path);

/**
 * The target that a symlink of the tree gets, relative to it. Caller frees.
 * @return NULL with CENV_E_BUILD when it leads out of the prefix.
 */
char *cenv_normalize_link(const char *target, const char *path, struct cenv_err *err);

#endif

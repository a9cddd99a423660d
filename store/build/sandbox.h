/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_BUILD_SANDBOX_H
#define CENV_STORE_BUILD_SANDBOX_H

#include <stdbool.h>

#include "core/base/err.h"
#include "core/base/strv.h"
#include "store/build/toolchain.h"
#include "store/store.h"

/*
 * The room that a build runs in, made by bubblewrap: a read-only machine without the user's
 * files, without network and without other libraries' development files.
 */

/** Where the build's folder is inside. */
#define CENV_SANDBOX_ROOT "/build"

/** Can builds be isolated here? Tried once in a process. @param why set when not: borrowed. */
bool cenv_sandbox_works(const char **why);

/**
 * Append bubblewrap and its words up to "--".
 *
 * @param work    folder on the machine, seen as CENV_SANDBOX_ROOT and writable.
 * @param prefix  folder on the machine with the dependencies, seen as `at`, read-only.
 * @param terminal keep the controlling terminal, for a shell.
 */
int cenv_sandbox_argv(struct cenv_strv *argv, const struct cenv_store *store,
		      const struct cenv_toolchain *tc, const char *work, const char *prefix,
		      const char *at, bool terminal, struct cenv_err *err);

#endif

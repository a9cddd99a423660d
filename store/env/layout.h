/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_LAYOUT_H
#define CENV_STORE_ENV_LAYOUT_H

#include <stddef.h>

#include "core/base/err.h"
#include "store/env/env.h"
#include "store/event.h"
#include "store/store.h"

/* What every environment has: a few folders, the constant files and cenv.cfg. */

/** The folders, those that hold others first. */
extern const char *const cenv_layout_folders[];
extern const size_t cenv_layout_nfolders;

/**
 * Make all of it in a folder; what is there is replaced file by file. cenv.cfg comes last, because
 * with it the folder counts as an environment.
 * @param path of the folder, for messages.
 * @param store where the constant files are linked from; NULL: write them.
 */
int cenv_layout_fill(int fd, const char *path, const struct cenv_cfg *cfg,
		     const struct cenv_store *store, struct cenv_err *err);

/** The same for an environment that is in use: whole or not at all, as any change. The lock is held
 *  exclusively. */
int cenv_layout_renew(const struct cenv_env *env, const struct cenv_cfg *cfg,
		      const struct cenv_store *store, const struct cenv_events *events,
		      struct cenv_err *err);

#endif

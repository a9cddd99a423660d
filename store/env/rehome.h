/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_REHOME_H
#define CENV_STORE_ENV_REHOME_H

#include <stdbool.h>

#include "core/base/err.h"
#include "store/env/env.h"
#include "store/event.h"

/*
 * Environments that were moved. A few packages insist on an absolute path in some of their files;
 * those hold the environment's path as it was when they were installed: the record's prefix.
 * lib/cenv/prefix has it too, so that finding out costs one small file. It is absent while no
 * installed file holds a path.
 */

/** Is the environment where its files think it is? */
bool cenv_env_is_home(const struct cenv_env *env);

/** Rewrite those files for the present path: whole or not at all, as any change. Files that the
 *  user changed stay as they are, with a warning. The lock is held exclusively. */
int cenv_env_rehome(const struct cenv_env *env, const struct cenv_events *events,
		    struct cenv_err *err);

#endif

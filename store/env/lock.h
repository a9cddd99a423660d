/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_LOCK_H
#define CENV_STORE_ENV_LOCK_H

#include <stdbool.h>

#include "core/base/err.h"
#include "store/env/env.h"
#include "store/event.h"

/*
 * Who may do what with an environment, by flock on two files that stay:
 *
 *     lib/cenv/lock      the turn: commands that change have it from their first look to their end
 *     lib/cenv/changing  shared by commands that look; held alone while files are being changed
 *
 * A command that looks therefore waits while files change, not for the builds that come before.
 * Whoever holds `changing` alone may make, undo or finish a journal; so one that can be seen while
 * holding it was left by a stopped command. The turn is taken before `changing`, never after it,
 * and those who look take `changing` only: nobody waits in a circle.
 */

/** The names, below lib/cenv. */
#define CENV_ENV_LOCK_TURN "lock"
#define CENV_ENV_LOCK_CHANGING "changing"

/** Wait for the turn; nothing is mended. @param fd holds it until it is closed. */
int cenv_env_lock_turn(const struct cenv_env *env, const struct cenv_events *events, int *fd,
		       struct cenv_err *err);

/** Wait until nobody changes files, or, alone, until nobody looks at them. */
int cenv_env_lock_files(const struct cenv_env *env, bool alone, const struct cenv_events *events,
			int *fd, struct cenv_err *err);

#endif

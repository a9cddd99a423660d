/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_TRANSACTION_H
#define CENV_STORE_ENV_TRANSACTION_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "store/env/env.h"
#include "store/env/record.h"
#include "store/event.h"
#include "store/object/object.h"

/*
 * Every change of an environment: whole or not at all, whatever stops it. A journal in
 * lib/cenv/ lets the next command finish or undo it; docs/reliability.md has the argument.
 */

/**
 * Take the environment's lock (events say when it has to be waited for) and finish or undo what a
 * stopped command left; a moved environment gets its patched files rewritten. See store/env/lock.h.
 * @param exclusive false for commands that only look: those wait only while files are being
 *                  changed; a change waits until they let go, so hold it no longer than needed.
 * @param fd receives the lock, held until closed; -1 when the file system is read-only and
 *           exclusive is false.
 */
int cenv_env_lock(const struct cenv_env *env, bool exclusive, const struct cenv_events *events,
		  int *fd, struct cenv_err *err);

/** One package to put in; replaces an installed one of the same key. */
struct cenv_addition {
	const struct cenv_record *record; /* prefix is filled in by the transaction */
	const struct cenv_object *object; /* NULL: only the record changes (direct, requires) */
};

struct cenv_change {
	const struct cenv_addition *add;
	size_t nadd;
	const char *const *remove; /* keys */
	size_t nremove;
	const char *command; /* for the history: "install zlib" */
	enum cenv_link_mode link_mode;
	bool force; /* remove files that were changed since they were installed */
	bool dry_run; /* only look for conflicts, and warn of what would be kept */
	const struct cenv_events *events;
};

/**
 * Apply, with the lock held exclusively (shared is enough for dry_run); commands that look have to
 * wait from here on only. Before anything changes, every path is checked: owned by another package
 * or by the user is CENV_E_FAIL with both named. Files the user changed are kept with a warning
 * event; empty folders go.
 */
int cenv_transaction_apply(const struct cenv_env *env, const struct cenv_change *change,
			   struct cenv_err *err);

#endif

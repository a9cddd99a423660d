/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_KEEP_DROP_H
#define CENV_STORE_KEEP_DROP_H

#include <stdbool.h>

#include "core/base/err.h"
#include "store/keep/scan.h"
#include "store/store.h"

enum cenv_drop_how {
	CENV_DROP_IDLE,   /* leave alone what another process works with */
	CENV_DROP_ALWAYS, /* damaged: the name goes at once, the files when nobody reads them */
};

/**
 * Take one thing out of the store: it loses its name by a rename into tmp/, then its files go.
 * @return 1 done (also when it was gone already), 0 when another process works with it, -1.
 */
int cenv_drop(const struct cenv_store *store, enum cenv_kept_kind kind, const char *path,
	      enum cenv_drop_how how, struct cenv_err *err);

/** Does another process read or build it just now? */
bool cenv_is_worked_with(const struct cenv_store *store, enum cenv_kept_kind kind,
			 const char *path);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_HISTORY_H
#define CENV_STORE_ENV_HISTORY_H

#include "core/base/err.h"
#include "store/env/env.h"
#include "store/env/record.h"
#include "store/env/transaction.h"

/* lib/cenv/history: one JSON line for each change, see docs/formats.md. */

/** Its size in bytes; 0 when there is none. */
int cenv_history_size(const struct cenv_env *env, long long *out, struct cenv_err *err);

/** Append the line of a change; records are those from before it. */
int cenv_history_append(const struct cenv_env *env, const struct cenv_change *change,
			const struct cenv_records *before, struct cenv_err *err);

#endif

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

/** A change, as its line tells it. */
struct cenv_history_entry {
	char *time;    /* "2025-01-31T12:00:00Z", or NULL */
	char *command; /* or NULL */
	struct cenv_strv added;          /* names of what came or replaced another */
	struct cenv_strv added_versions; /* beside them */
	struct cenv_records removed;     /* what went or was replaced */
};

struct cenv_history {
	struct cenv_history_entry *v; /* the oldest first: number i + 1 */
	size_t n, cap;
};

/** Its lines. @return -1 with CENV_E_INTEGRITY, the line named, when one is damaged. */
int cenv_history_parse(struct cenv_history *out, const char *text, size_t len, const char *label,
		       struct cenv_err *err);
/** An environment's; empty when nothing was ever changed. */
int cenv_history_read(struct cenv_history *out, const struct cenv_env *env, struct cenv_err *err);
void cenv_history_release(struct cenv_history *history);

/** From the packages after a change to those before it. */
void cenv_history_undo(struct cenv_records *records, const struct cenv_history_entry *entry);

/** Append the line of a change; records are those from before it. */
int cenv_history_append(const struct cenv_env *env, const struct cenv_change *change,
			const struct cenv_records *before, struct cenv_err *err);

#endif

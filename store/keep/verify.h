/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_KEEP_VERIFY_H
#define CENV_STORE_KEEP_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/base/strv.h"
#include "store/keep/scan.h"
#include "store/store.h"

/* Is every byte of the store's objects and sources what it was when it came? */

struct cenv_damage {
	enum cenv_kept_kind kind;
	char *path;             /* relative to the store */
	char *name, *version;   /* of an object that still tells them, else NULL */
	struct cenv_strv faults; /* "lib/libz.a: other contents"; the first hundred */
	bool dropped;
};

struct cenv_verify_result {
	struct cenv_damage *damaged;
	size_t n, cap;
	size_t objects, sources, files; /* that were looked at */
	unsigned long long bytes;
};

/**
 * Read all objects and sources. What is damaged is dropped when `repair` is set: it is fetched or
 * built again when it is next wanted.
 * @return 0 whatever was found, -1 when looking or dropping failed.
 */
int cenv_store_verify(struct cenv_verify_result *out, const struct cenv_store *store, bool repair,
		      struct cenv_err *err);
void cenv_verify_result_release(struct cenv_verify_result *result);

#endif

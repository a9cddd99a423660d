/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_KEEP_SCAN_H
#define CENV_STORE_KEEP_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "core/base/err.h"
#include "store/store.h"

/* What a store holds, thing by thing. */

enum cenv_kept_kind {
	CENV_KEPT_OBJECT,
	CENV_KEPT_SOURCE,
	CENV_KEPT_LOG,
	CENV_KEPT_BUILD,   /* a build folder */
	CENV_KEPT_TMP,     /* something half written */
	CENV_KEPT_COPY,    /* what is made again when it is missed: index/, shadow/, const/ */
	CENV_KEPT_KINDS
};

/** "object", "source", "log", "build folder", "temporary file", "copy" */
const char *cenv_kept_kind_name(enum cenv_kept_kind kind);

struct cenv_kept {
	enum cenv_kept_kind kind;
	char *path;           /* relative to the store */
	char *name, *version; /* of an object that tells them, else NULL */
	unsigned long long bytes; /* on disk */
	time_t used;          /* last, give or take a day */
	bool in_use;          /* an environment has links to its files */
};

struct cenv_kept_list {
	struct cenv_kept *v;
	size_t n, cap;
};

/** The part of the path that names it: an object's key, a source's sha256, a file's name. */
const char *cenv_kept_id(const struct cenv_kept *kept);

/**
 * List it all, by kind, then objects by name and version, the rest by path. What vanishes
 * meanwhile is left out.
 */
int cenv_kept_scan(struct cenv_kept_list *out, const struct cenv_store *store,
		   struct cenv_err *err);
void cenv_kept_release(struct cenv_kept_list *list);

#endif

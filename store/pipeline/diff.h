/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_DIFF_H
#define CENV_STORE_PIPELINE_DIFF_H

#include "core/requirements_file.h"

/* How two sets of pins differ, in words. */

enum cenv_diff_kind {
	CENV_DIFF_ADDED,
	CENV_DIFF_REMOVED,
	CENV_DIFF_UP,
	CENV_DIFF_DOWN,
	CENV_DIFF_VERSIONS, /* not pinned on both sides: other versions are allowed */
	CENV_DIFF_SOURCE,   /* from another URL or path, or no longer from one */
	CENV_DIFF_HASH,     /* the same version or place, another archive */
	CENV_DIFF_FEATURES,
	CENV_DIFF_OPTIONS,
};

struct cenv_diff_row {
	enum cenv_diff_kind kind;
	char *name;
	char *from, *to;   /* versions, features, options or hashes; NULL where there is none */
};

struct cenv_diff {
	struct cenv_diff_row *v;
	size_t n, cap;
};

/** Rows are sorted by name. */
void cenv_diff_make(struct cenv_diff *out, const struct cenv_requirements *a,
		    const struct cenv_requirements *b);
void cenv_diff_release(struct cenv_diff *diff);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_FETCH_CANDIDATES_H
#define CENV_STORE_FETCH_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>

#include "store/fetch/fetch.h"

/* Where a file may be found, in the order in which it is tried. */

struct cenv_candidate {
	char *url;   /* remote: http or https; NULL for a local file */
	char *path;  /* local file; NULL for a remote one */
	char *label; /* what was given, without credentials */
	const char *mirror; /* one of several guesses below this, borrowed; NULL: a URL of the file */
};

struct cenv_candidates {
	struct cenv_candidate *v;
	size_t n, cap;
};

/** Mirrors by sha256 and by file name, then the URLs. Files in mirror folders only where they exist. */
void cenv_candidates_list(struct cenv_candidates *out, const struct cenv_fetch_item *item,
			  const struct cenv_strv *mirrors);
void cenv_candidates_release(struct cenv_candidates *list);

#endif

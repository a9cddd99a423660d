/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_LINKS_H
#define CENV_STORE_PIPELINE_LINKS_H

#include "core/base/err.h"
#include "core/base/strv.h"
#include "store/fetch/fetch.h"

/* Archives NAME-VERSION.* that --find-links folders hold, or that the pages at its URLs link to. */

struct cenv_link {
	char *location; /* path or URL */
	char *key;      /* normalised name */
	char *version;
};

struct cenv_links {
	struct cenv_link *v;
	size_t n, cap;
};

/**
 * List all places. One that can't be listed is told as a warning and left out: as a mirror it may
 * still be of use.
 * @return -1 when it was interrupted.
 */
int cenv_links_gather(struct cenv_links *out, const struct cenv_strv *places,
		      const struct cenv_fetch_options *fetch, struct cenv_err *err);
void cenv_links_release(struct cenv_links *links);

#endif

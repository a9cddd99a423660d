/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_GIVEN_H
#define CENV_STORE_PIPELINE_GIVEN_H

#include "core/requirement.h"
#include "store/fetch/fetch.h"
#include "store/pipeline/catalog.h"
#include "store/store.h"

/**
 * Learn name, version and recipe of a requirement by URL or path: the archive is fetched (or the
 * folder hashed) and its cenv.ini read.
 *
 * @param out the caller frees, or hands to the catalog.
 * @return -1 with CENV_E_USAGE when neither the requirement, the archive's cenv.ini nor its file
 *         name says what it is.
 */
int cenv_given_load(struct cenv_given **out, const struct cenv_requirement *req,
		    const struct cenv_store *store, const struct cenv_fetch_options *fetch,
		    struct cenv_err *err);

/** What a record and a frozen file call it: URL without credentials, or a path from the root on. */
char *cenv_given_location(const struct cenv_requirement *req);

/**
 * The same without downloading: an archive that is neither local nor in the store by one of the
 * requirement's hashes is known by its name alone.
 */
int cenv_given_guess(struct cenv_given **out, const struct cenv_requirement *req,
		     const struct cenv_store *store, const struct cenv_fetch_options *fetch,
		     struct cenv_err *err);

#endif

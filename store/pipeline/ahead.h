/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_AHEAD_H
#define CENV_STORE_PIPELINE_AHEAD_H

#include "store/pipeline/catalog.h"

/**
 * Fetch what the resolver is going to ask for. It asks for one package's needs at a time, and over
 * HTTP each question is a round trip. Here the versions that it will most likely try, and what
 * those need, are followed level by level: one round trip for each level, whatever its width.
 * Nothing is decided here: what was guessed wrong is asked for later, what fails fails then.
 *
 * @return 0, or -1 when it was interrupted.
 */
int cenv_look_ahead(struct cenv_catalog *catalog, const struct cenv_resolve_request *request,
		    const char *const *keys, size_t n, struct cenv_err *err);

#endif

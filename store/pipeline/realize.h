/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_REALIZE_H
#define CENV_STORE_PIPELINE_REALIZE_H

#include "store/fetch/fetch.h"
#include "store/pipeline/build_plan.h"

/*
 * Making a plan real: every package that does not stay gets an object, from
 * the store or by building it.
 */

/**
 * Fill the build keys and open the objects that the store has. Only sources whose hash is not
 * known without them are fetched. A package that stays but whose object is gone from the store
 * is built again when something new needs it.
 */
int cenv_realize_prepare(struct cenv_build_plan *plan, const struct cenv_install_options *options,
			 const struct cenv_store *store, const struct cenv_toolchain *toolchain,
			 const struct cenv_fetch_options *fetch, struct cenv_err *err);

/** Fetch what is missing, all at once, and build it in order. @param built how many were built. */
int cenv_realize(struct cenv_build_plan *plan, const struct cenv_install_options *options,
		 const struct cenv_store *store, const struct cenv_toolchain *toolchain,
		 const struct cenv_fetch_options *fetch, size_t *built, struct cenv_err *err);

#endif

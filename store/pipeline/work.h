/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_WORK_H
#define CENV_STORE_PIPELINE_WORK_H

#include "store/fetch/fetch.h"
#include "store/pipeline/pipeline.h"
#include "store/pipeline/build_plan.h"
#include "store/pipeline/catalog.h"
#include "store/pipeline/demands.h"

/* What installing and locking have in common: from requirements to a plan. */

struct cenv_work {
	const struct cenv_install_options *options;
	const char *compiler;             /* as cenv.cfg has it */
	struct cenv_records installed;    /* owned; empty when nothing is */
	struct cenv_store store;
	struct cenv_toolchain toolchain;
	struct cenv_demands demands;
	struct cenv_catalog catalog; /* locked may be set before */
	struct cenv_build_plan plan;
	struct cenv_requirement *own; /* roots made here: URLs by name, what is kept */
	size_t nown;
	const struct cenv_requirement **roots;
	size_t nroots;
	size_t nwanted; /* the first so many roots are the user's */
	const struct cenv_requirement **constraints; /* those whose markers hold */
	size_t nconstraints;
	struct cenv_strv mirrors; /* --mirror, then --find-links: both may hold what recipes name */
	bool has_toolchain;
	bool no_download; /* lock: what is not here is known by its name alone */
};

#define CENV_WORK_INIT                                                                              \
	{                                                                                          \
		.store = {.fd = -1}                                                                \
	}

/** Open store, toolchain and indexes, load what URLs and paths give, resolve, and plan. */
int cenv_work_plan(struct cenv_work *work, struct cenv_err *err);

/** The whole of cenv_install(), with the lock held and work->installed read. */
int cenv_work_install(struct cenv_work *work, struct cenv_install_result *result,
		      struct cenv_err *err);

struct cenv_fetch_options cenv_work_fetch_options(const struct cenv_work *work);

void cenv_work_release(struct cenv_work *work);

/** Seconds on a clock that only goes forward. */
double cenv_now(void);

#endif

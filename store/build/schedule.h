/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_BUILD_SCHEDULE_H
#define CENV_STORE_BUILD_SCHEDULE_H

#include <stddef.h>

#include "store/build/build.h"

/*
 * Several builds at a time, each when all it needs is built. Together they use as many processes
 * as are allowed: see store/build/jobserver.h.
 */

/** One build. */
struct cenv_schedule_item {
	const size_t *needs; /* indices of others that must be built before; borrowed */
	size_t nneeds;
	size_t weight;       /* of those that may start, the heaviest does; ties by order */
};

struct cenv_schedule {
	const struct cenv_schedule_item *items;
	size_t n;
	unsigned jobs; /* processes together; 0: as many as there are processors */
	const struct cenv_events *events;
	/** Fill the request of an item whose needs are built. Contents are borrowed until `start` is
	 *  called again. `jobs`, `jobserver` and `events` are the schedule's own. */
	int (*start)(void *payload, size_t item, struct cenv_build_request *out,
		     struct cenv_err *err);
	/** It is built, and in the store. */
	int (*built)(void *payload, size_t item, struct cenv_err *err);
	void *payload;
};

/**
 * Build all. The first failure ends the others at once: its error is the result.
 * @return 0; -1 with what cenv_build() or a callback said.
 */
int cenv_schedule_run(const struct cenv_schedule *schedule, struct cenv_err *err);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_KEEP_GC_H
#define CENV_STORE_KEEP_GC_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "store/keep/scan.h"
#include "store/store.h"

/*
 * Making room. What environments have links to stays (their number of hard links tells), and so
 * does what another process builds or reads. Environments keep working whatever goes.
 */

struct cenv_gc_options {
	bool all;     /* clear: everything, whatever its age and use */
	bool has_age; /* objects, sources and logs that were last used over `days` ago */
	unsigned days;
	bool has_max; /* then the oldest of what is not in use, until the store is that small */
	unsigned long long max_bytes;
	bool dry_run;
};

struct cenv_gc_result {
	struct cenv_kept_list removed;
	unsigned long long freed;  /* bytes; those that environments share are not freed */
	unsigned long long left;   /* bytes of objects and sources that stay */
	size_t in_use;             /* objects that stay because environments use them */
	size_t busy;               /* things that stay because of another process */
};

/**
 * Without has_age and has_max, what was not used for 30 days goes. Temporary files and build
 * folders go unless somebody works with them.
 */
int cenv_store_gc(struct cenv_gc_result *out, const struct cenv_store *store,
		  const struct cenv_gc_options *options, struct cenv_err *err);
void cenv_gc_result_release(struct cenv_gc_result *result);

/**
 * Choose what goes; the pure part. `now` is the time, `alone` whether nobody else has the store
 * open. Marks chosen[i].
 */
void cenv_gc_choose(bool *chosen, const struct cenv_kept_list *list,
		    const struct cenv_gc_options *options, bool alone, time_t now);

#endif

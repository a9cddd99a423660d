/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_PLAN_H
#define CENV_STORE_ENV_PLAN_H

#include <stddef.h>

#include "core/base/err.h"
#include "core/base/strv.h"
#include "store/env/env.h"
#include "store/env/journal.h"
#include "store/env/record.h"
#include "store/env/transaction.h"

/*
 * What a change does to the files of an environment: decided here by comparing what comes, what
 * stays, what goes and what is on disk; nothing is changed.
 */

/** A file or link of an object that has to be put in place. */
struct cenv_placing {
	size_t add; /* index into cenv_change.add */
	const struct cenv_manifest_entry *entry;
	size_t dirlen; /* of the path, without the slash; 0: the top */
	size_t step;   /* its ADD or REPLACE step in the journal */
	char *sha256;  /* of a patched file, once placed; owned */
	uint64_t size; /* of a patched file */
};

struct cenv_placings {
	struct cenv_placing *v;
	size_t n, cap;
};

struct cenv_plan {
	struct cenv_journal journal;
	struct cenv_placings adding;    /* by folder and package */
	struct cenv_placings replacing; /* files before links, so that no link is turned to a file
					   that is not there yet */
	/* Where in the journal the records' steps begin: for each addition its list of files, when
	   it has an object, and its record. */
	size_t record_steps;
	size_t prefix_step; /* of lib/cenv/prefix; SIZE_MAX: it stays as it is */
	struct cenv_manifest *files; /* of records, in their order */
	size_t *going; /* of records, in their order: how many of their files are removed */
	size_t nrecords;
	unsigned saves;            /* highest number used in undo/ */
	struct cenv_strv warnings; /* about files that the user changed */
};

/**
 * @param records of the environment.
 * @return -1 with CENV_E_FAIL when a path is taken: owner and claimant are named.
 */
int cenv_plan_make(struct cenv_plan *out, const struct cenv_env *env,
		   const struct cenv_change *change, const struct cenv_records *records,
		   struct cenv_err *err);
void cenv_plan_release(struct cenv_plan *plan);

/** Does the change put in a package of that key, with files? */
bool cenv_change_replaces(const struct cenv_change *change, const char *key);
/** Does it take the package out? */
bool cenv_change_removes(const struct cenv_change *change, const char *key);

#endif

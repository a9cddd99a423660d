/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_LOCK_H
#define CENV_STORE_PIPELINE_LOCK_H

#include "core/requirements_file.h"
#include "store/pipeline/pipeline.h"

/* Locking: requirements in, pins out; nothing is downloaded or built. */

struct cenv_lock_options {
	struct cenv_install_options resolve; /* env may be NULL; wanted, upgrade, mode, ... */
	const char *compiler;   /* NULL: cc */
	const char *existing;   /* text of the lock file whose pins are preferred, or NULL */
	const char *existing_label;
	const char *dir;        /* the output's folder: local paths are written as seen from there */
	/* indexes and the like that the requirements files name: the output repeats them */
	struct cenv_lock_places {
		struct cenv_strv indexes, find_links, mirrors;
		bool no_default_index, require_hashes;
	} places;
	unsigned flags;         /* enum cenv_lock_flags */
};

/** Resolve and append the lock file's text to out. */
int cenv_lock_make(struct cenv_buf *out, const struct cenv_lock_options *options,
		   struct cenv_err *err);

/**
 * How two lock files differ, one line each: "- " only in a, "+ " only in b; comments do not
 * count. @return whether they differ.
 */
bool cenv_lock_compare(const char *a, const char *b, struct cenv_strv *lines);

/**
 * --locked: is every requirement pinned with == and a hash?
 *
 * @param unnamed keys of packages that are needed, but not among them; or NULL.
 * @return 0, or -1 with CENV_E_NO, each line in the detail and the mending command in the hint.
 */
int cenv_check_locked(const struct cenv_requirement *const *reqs, size_t n,
		      const struct cenv_strv *unnamed, struct cenv_err *err);

#endif

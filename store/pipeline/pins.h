/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_PINS_H
#define CENV_STORE_PIPELINE_PINS_H

#include "core/lock.h"
#include "store/env/record.h"

/** The pin that brings an installed package back. Lists are the pin's own: cenv_pin_release(). */
void cenv_pin_from_record(struct cenv_pin *out, const struct cenv_record *record);

/** Free the lists; the strings belong to the record. */
void cenv_pin_release(struct cenv_pin *pin);

struct cenv_freeze_options {
	const char *like;     /* text of a requirements file whose order and comments are kept, or NULL */
	const char *like_dir; /* its folder, which its paths count from */
	const struct cenv_strv *skip; /* keys, or patterns, that are left out; may be NULL */
	unsigned flags;               /* enum cenv_lock_flags */
};

/**
 * The whole frozen text of an environment.
 *
 * @param missing receives what `like` names but is not installed; may be NULL.
 */
void cenv_freeze(struct cenv_buf *out, const struct cenv_env *env,
		 const struct cenv_records *records, const struct cenv_freeze_options *options,
		 struct cenv_strv *missing);

#endif

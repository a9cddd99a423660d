/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_RESULT_H
#define CENV_STORE_PIPELINE_RESULT_H

#include "store/pipeline/build_plan.h"
#include "store/pipeline/pipeline.h"

/* Filling in what was or would be done. */

/** @param old what is installed now, or NULL. */
void cenv_result_note(struct cenv_install_result *result, const char *key, const char *version,
		      const struct cenv_record *old, bool in_store);
void cenv_result_note_item(struct cenv_install_result *result,
			   const struct cenv_build_plan_item *item);
void cenv_result_note_removal(struct cenv_install_result *result, const struct cenv_record *record);

#endif

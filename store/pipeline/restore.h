/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_RESTORE_H
#define CENV_STORE_PIPELINE_RESTORE_H

#include "store/pipeline/work.h"

/**
 * options->restore: mark what of the plan comes back as it was. What is installed in that very
 * build stays, what the store has of it is used, whatever a build would give now.
 */
int cenv_restore_mark(struct cenv_work *work, struct cenv_err *err);

#endif

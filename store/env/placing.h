/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_PLACING_H
#define CENV_STORE_ENV_PLACING_H

#include "core/base/err.h"
#include "store/env/env.h"
#include "store/env/plan.h"

/*
 * Put a list of files in place, sorted by folder and package so that each folder is opened once.
 * Steps of the journal are marked as done one by one. Lists that only add are shared among
 * threads, folder by folder; those that replace are carried out in their order.
 */
int cenv_placings_run(struct cenv_placings *list, struct cenv_journal *journal,
		      const struct cenv_env *env, const struct cenv_change *change,
		      struct cenv_err *err);

#endif

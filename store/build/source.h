/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_BUILD_SOURCE_H
#define CENV_STORE_BUILD_SOURCE_H

#include "core/base/err.h"

/** What builds believe the time of their sources to be (2020-01-01), as SOURCE_DATE_EPOCH too. */
#define CENV_SOURCE_EPOCH 1577836800

/** Copy a folder's contents into another, without what cenv_tree_leaves_out() names. */
int cenv_source_copy(const char *from, int tofd, struct cenv_err *err);

/**
 * Give every file the same time. A tree's bytes then say all there is to say, and make never
 * believes that a shipped configure is older than what it was generated from.
 */
int cenv_source_settle(int dirfd, const char *label, struct cenv_err *err);

#endif

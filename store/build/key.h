/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_BUILD_KEY_H
#define CENV_STORE_BUILD_KEY_H

#include "core/base/buf.h"
#include "store/build/build.h"

/**
 * Append the text whose sha256 is the build key: one "field value" a line. Leaves out what
 * must not change a result: the store's path, jobs, limits.
 */
void cenv_build_key_text(const struct cenv_build_request *req, struct cenv_buf *out);

#endif

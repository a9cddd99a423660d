/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_USAGE_H
#define CENV_STORE_USAGE_H

#include <stddef.h>

#include "store/store.h"

/** How much a store holds: numbers of things and bytes on disk. */
struct cenv_store_usage {
	size_t sources, objects, logs, builds;
	unsigned long long source_bytes, object_bytes, log_bytes, build_bytes;
};

/** Count by walking the store; what vanishes meanwhile is not counted. */
void cenv_store_usage(struct cenv_store_usage *out, const struct cenv_store *store);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_UNPACK_PLACES_H
#define CENV_STORE_UNPACK_PLACES_H

#include "core/base/map.h"
#include "store/unpack/module.h"

/* What the members of an archive so far are, by path: values are ours. */
struct cenv_places {
	struct cenv_map map;
};

/**
 * Take a checked member in: it must have a place of its own, below folders only, and the target
 * of a hard link must be a file that came before.
 * @return 0, or -1 with CENV_E_INTEGRITY and the member named.
 */
int cenv_places_take(struct cenv_places *places, const struct cenv_member *member,
		     struct cenv_err *err);
void cenv_places_release(struct cenv_places *places);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_INDEX_LIST_H
#define CENV_STORE_INDEX_LIST_H

#include <stddef.h>

#include "core/base/err.h"
#include "core/base/map.h"

/** What a URL index's index.json says. */
struct cenv_index_list {
	struct cenv_map sha256; /* of the recipes, in lower case, by normalised name; owned */
	unsigned long long serial; /* goes up with each change; 0 when it is not given */
};

/**
 * Read index.json. No I/O.
 *
 * @param out   released by the caller; empty on failure.
 * @param label its URL for messages.
 * @return 0, or -1 with CENV_E_SYNTAX.
 */
int cenv_index_list_parse(struct cenv_index_list *out, const char *text, size_t len,
			  const char *label, struct cenv_err *err);
void cenv_index_list_release(struct cenv_index_list *list);

#endif

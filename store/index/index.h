/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_INDEX_INDEX_H
#define CENV_STORE_INDEX_INDEX_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/base/strv.h"
#include "core/recipe.h"
#include "store/store.h"

/*
 * Indexes: folders or URLs of recipes, in order; the first that has a name wins. Recipes are
 * read lazily, one file for a name, and parsed once.
 */
struct cenv_index;

struct cenv_index_options {
	const struct cenv_strv *locations; /* --index: folders, file: and http(s) URLs; or NULL */
	bool no_default;                   /* leave out the recipes shipped with cenv */
	bool offline;
};

/**
 * Open an index; URLs are not contacted before something is asked for.
 *
 * @param store must live as long as the index; NULL: copies of URL indexes are not kept.
 * @return 0, or -1: CENV_E_USAGE when a folder is not there.
 */
int cenv_index_open(struct cenv_index **out, const struct cenv_index_options *options,
		    const struct cenv_store *store, struct cenv_err *err);
void cenv_index_free(struct cenv_index *index);

/**
 * The recipe for a normalised name. *out is NULL (and 0 returned) when no index has it.
 * Borrowed until cenv_index_free. A malformed recipe that is met is CENV_E_SYNTAX.
 */
int cenv_index_recipe(struct cenv_index *index, const char *key, const struct cenv_recipe **out,
		      struct cenv_err *err);

/** The same, with versions that are read when cenv_recipe_read_version() asks for them. */
int cenv_index_outline(struct cenv_index *index, const char *key, const struct cenv_recipe **out,
		       struct cenv_err *err);

/**
 * Have the recipes of several names at hand: those that come from a URL are fetched together. What
 * goes wrong with one is told when it is asked for. keys may repeat.
 *
 * @return 0, or -1 when it was interrupted.
 */
int cenv_index_prefetch(struct cenv_index *index, const char *const *keys, size_t n,
			struct cenv_err *err);

/** Does asking for a name cost a round trip? Not when all indexes are folders, or offline. */
bool cenv_index_is_remote(const struct cenv_index *index);

/** Close connections to servers; they open again when something is asked for. */
void cenv_index_rest(struct cenv_index *index);

/** All names, sorted, without duplicates (for search, near names and patterns). Borrowed. */
int cenv_index_names(struct cenv_index *index, const struct cenv_strv **out, struct cenv_err *err);

/**
 * The nth other arrangement of the same indexes, from 0: with the recipes shipped with cenv at the
 * end, when they were left out; then with each but the first before all others.
 *
 * @param first receives the one that comes first now, borrowed; NULL: the first kind.
 * @return an index to be freed before this one; NULL: there are no more.
 */
struct cenv_index *cenv_index_rearrange(struct cenv_index *index, size_t nth, const char **first);

/** The folder or URL (without credentials) that a recipe came from, borrowed. */
const char *cenv_index_origin(const struct cenv_index *index, const char *key);

#endif

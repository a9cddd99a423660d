/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_INDEX_URL_H
#define CENV_STORE_INDEX_URL_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/map.h"
#include "core/base/strv.h"
#include "store/fetch/fetch.h"
#include "store/index/list.h"
#include "store/store.h"

/*
 * An index over HTTP: URL/index.json, which names every recipe and its sha256,
 * and URL/<name>.ini. What was fetched is kept in the store under
 * index/<sha256 of URL>/: it is used again while index.json still gives its
 * hash, and offline. A server without index.json is asked for each name.
 */
struct cenv_index_url {
	char *url;
	char *label; /* the same without credentials, for messages */
	const struct cenv_store *store; /* NULL: nothing is kept */
	char *dir;  /* in the store */
	bool offline;
	bool asked; /* for index.json */
	bool has_list;
	struct cenv_index_list list; /* from index.json */
	struct cenv_err list_err; /* why index.json could not be had */
	struct cenv_map fetched;  /* normalised name -> answer that was not read yet, owned */
	struct cenv_fetch_session session;
};

/** Is this a location for cenv_index_url, not a folder? */
bool cenv_index_is_url(const char *location);

/** Nothing is fetched yet. */
int cenv_index_url_open(struct cenv_index_url *out, const char *url, const struct cenv_store *store,
			bool offline, struct cenv_err *err);
void cenv_index_url_release(struct cenv_index_url *index);

/**
 * Fetch the recipe of a normalised name.
 *
 * @param file receives its URL for messages, owned by the caller; NULL when there is none.
 * @return 0; -1 with CENV_E_NETWORK, or CENV_E_INTEGRITY when it is not what index.json says.
 */
int cenv_index_url_read(struct cenv_index_url *index, const char *key, struct cenv_buf *text,
			char **file, struct cenv_err *err);

/**
 * Fetch the recipes of several names at once, those whose copies are not good. What goes wrong is
 * told when the name is read. Does nothing offline.
 *
 * @return 0, or -1 when it was interrupted.
 */
int cenv_index_url_prefetch(struct cenv_index_url *index, const char *const *keys, size_t n,
			    struct cenv_err *err);

/** After a prefetch of this name: is it known that the server does not have it? */
bool cenv_index_url_lacks(const struct cenv_index_url *index, const char *key);

/** Close the connections until something has to be fetched again. */
void cenv_index_url_rest(struct cenv_index_url *index);

/** Append the normalised names; none when the server has no index.json. */
int cenv_index_url_names(struct cenv_index_url *index, struct cenv_strv *out, struct cenv_err *err);

#endif

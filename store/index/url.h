/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_INDEX_URL_H
#define CENV_STORE_INDEX_URL_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/map.h"
#include "core/base/strv.h"
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
	struct cenv_map list; /* normalised name -> sha256, owned; from index.json */
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

/** Append the normalised names; none when the server has no index.json. */
int cenv_index_url_names(struct cenv_index_url *index, struct cenv_strv *out, struct cenv_err *err);

#endif

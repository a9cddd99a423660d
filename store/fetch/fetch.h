/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_FETCH_FETCH_H
#define CENV_STORE_FETCH_FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/strv.h"
#include "store/digest/digest.h"
#include "store/event.h"
#include "store/store.h"
#include "store/unpack/unpack.h"

/*
 * Downloads into the store's sources/, several at once (module "net": libcurl
 * multi). Candidates for each file are tried in this order: sources/<sha256>
 * already in the store; each mirror folder or URL as <mirror>/sha256/<hex>,
 * <mirror>/<hex>, <mirror>/<file name>; then the URLs in order. Nothing that
 * does not have the wanted sha256 is kept.
 */

struct cenv_net;
struct cenv_net_module;

struct cenv_fetch_item {
	const char *name, *version;    /* for events and messages */
	const struct cenv_strv *urls;  /* http, https, file URLs or plain paths */
	const struct cenv_strv *sha256; /* acceptable hashes; empty: accept any and report it */
	/**
	 * Tree hashes that make up for a wrong archive hash, or NULL; see
	 * cenv_tree_hash_file() in store/unpack/unpack.h.
	 */
	const struct cenv_strv *tree_hashes;
	/* results */
	char got_sha256[CENV_SHA256_HEX];
	char *got_from; /* URL or path it came from, NULL: was in the store; credentials removed. Owned: free() */
};

struct cenv_fetch_options {
	const struct cenv_strv *mirrors; /* folders or URLs, or NULL */
	bool offline;         /* only the store and local folders */
	bool insecure_http;   /* allow plain http for what has no hash */
	unsigned parallel;    /* 0: a sensible number */
	unsigned retries;     /* of one URL after a passing failure; 0: default 3 */
	unsigned retry_ms;    /* pause before the first retry, then doubled; 0: default 500 */
	unsigned stall_s;     /* give up on a transfer that stands still; 0: default 30 */
	unsigned long long max_bytes; /* 0: default 4 GiB */
	const struct cenv_unpack_limits *limits; /* of archives whose tree is hashed, or NULL */
	const struct cenv_events *events;
};

/*
 * What is allowed: https anywhere; http where a hash pins the contents, to this machine, or
 * with insecure_http; never from https to http, never by redirect to anything else. Proxies
 * as libcurl takes them from the environment; CURL_CA_BUNDLE or SSL_CERT_FILE and SSL_CERT_DIR
 * replace the system's certificates; ~/.netrc is read when CENV_NETRC is 1.
 */

/**
 * Fetch all. On failure of any, every other transfer is stopped and what was verified stays.
 * @return 0; -1 with CENV_E_NETWORK, or CENV_E_INTEGRITY (expected, actual and URL named; the
 *         file is kept aside as tmp/mismatch-<actual sha256> and named).
 */
int cenv_fetch(const struct cenv_store *store, struct cenv_fetch_item *items, size_t n,
	       const struct cenv_fetch_options *options, struct cenv_err *err);

/**
 * Fetch one small text (recipe, index.json, requirements file) into memory.
 *
 * @param max bytes.
 * @param out is replaced.
 * @return 0; -1 with CENV_E_NOTFOUND when the server or folder does not have it, else
 *         CENV_E_NETWORK.
 */
int cenv_fetch_text(const char *url, size_t max, const struct cenv_fetch_options *options,
		    struct cenv_buf *out, struct cenv_err *err);

/** Connections that stay open from one call to the next. Zero-initialise to start. */
struct cenv_fetch_session {
	const struct cenv_net_module *module;
	struct cenv_net *net;
};

/** Close them. What is fetched later opens new ones. */
void cenv_fetch_session_close(struct cenv_fetch_session *session);

/** One of several texts that are fetched together. */
struct cenv_fetch_text_item {
	char *url;            /* owned */
	struct cenv_buf text; /* the answer, when err is CENV_OK; owned */
	struct cenv_err err;  /* as of cenv_fetch_text(); owned */
};

/**
 * Fetch several small texts at once: one that fails stops no other.
 *
 * @param session its connections are used, and left open.
 * @param items   text is CENV_BUF_INIT, err CENV_ERR_INIT: one of them is filled.
 * @param max     bytes of each.
 * @return 0, or -1 when it was interrupted.
 */
int cenv_fetch_texts(struct cenv_fetch_session *session, struct cenv_fetch_text_item *items,
		     size_t n, size_t max, const struct cenv_fetch_options *options,
		     struct cenv_err *err);
void cenv_fetch_text_items_free(struct cenv_fetch_text_item *items, size_t n);

/** A local path for a file: URL or plain path (percent-decoded); NULL for others. Caller frees. */
char *cenv_url_local_path(const char *url);

/** Relative name of a source in the store: "sources/<sha256>". */
char *cenv_source_path(const char *sha256);

/**
 * Using a source of the store failed, which err says: if it is because the store has other bytes
 * than the name says, err says that, too, and what mends it.
 * @return -1
 */
int cenv_source_blame(const struct cenv_store *store, const char *sha256, struct cenv_err *err);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_FETCH_SINK_H
#define CENV_STORE_FETCH_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "store/digest/digest.h"
#include "store/store.h"

/*
 * Where downloaded bytes go: a file below tmp/ that is hashed as it grows. When
 * its sha256 is known beforehand it is called partial-<sha256>, stays when the
 * transfer fails, and a later one goes on from there. One process at a time
 * writes a partial file; whoever comes second gets a file of its own.
 */
struct cenv_sink {
	const struct cenv_store *store;
	struct cenv_buf *text; /* into memory instead */
	struct cenv_sha256 *ctx;
	int fd;
	char *name; /* relative to the store */
	bool is_partial;
	unsigned long long size; /* written and hashed so far */
	unsigned long long max;
};

/** @param sha256 the expected one, or NULL. */
int cenv_sink_open(struct cenv_sink *sink, const struct cenv_store *store, const char *sha256,
		   unsigned long long max, struct cenv_err *err);
/** Collect into memory. */
void cenv_sink_open_text(struct cenv_sink *sink, struct cenv_buf *out, unsigned long long max);
/** Forget what was written. */
int cenv_sink_restart(struct cenv_sink *sink, struct cenv_err *err);
/** CENV_E_NETWORK when it becomes larger than max. */
int cenv_sink_write(struct cenv_sink *sink, const void *data, size_t len, struct cenv_err *err);
/** The hash of everything written; nothing can be written after it but after a restart. */
void cenv_sink_hash(struct cenv_sink *sink, char out[CENV_SHA256_HEX]);
/** Give the file its final name; an existing file of that name is replaced. */
int cenv_sink_keep(struct cenv_sink *sink, const char *name, struct cenv_err *err);
/** Remove a partial file that is not needed any more, unless somebody writes it. */
void cenv_sink_drop_partial(const struct cenv_store *store, const char *sha256);
/** Close; a partial file with contents stays, others go. */
void cenv_sink_close(struct cenv_sink *sink);

#endif

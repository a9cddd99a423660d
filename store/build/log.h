/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_BUILD_LOG_H
#define CENV_STORE_BUILD_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "store/event.h"
#include "store/store.h"

/* A build's log: written as it comes, up to a limit; read back for what went wrong. */

struct cenv_log {
	int fd;
	char *path; /* absolute */
	unsigned long long size, max;
	bool full;     /* the limit was reached */
	int sys;       /* errno when it could not be written */
	char step[32]; /* that runs: "configure" */
	char what[64]; /* in words: "make install" */
	/* the start of the line that is being written, enough for a step's mark */
	char line[128];
	size_t line_len;
	const char *name, *version;
	const struct cenv_events *events;
};

/** logs/<name>-<version>-<first 8 of key>.log in the store; an older one is replaced. */
int cenv_log_open(struct cenv_log *log, const struct cenv_store *store, const char *name,
		  const char *version, const char *key, unsigned long long max,
		  const struct cenv_events *events, struct cenv_err *err);
void cenv_log_close(struct cenv_log *log);

/** Take output; tells about steps. @return false when the build is to be stopped. */
bool cenv_log_write(void *log, const char *data, size_t len);

/**
 * What a reader wants to see of a failed build: the first line of the last step that reports
 * an error, then the last `tail` lines.
 *
 * @param prefix what the build was configured with: shown as $PREFIX, it is long; may be NULL.
 */
int cenv_log_excerpt(int dirfd, const char *path, const char *prefix, size_t tail,
		     struct cenv_buf *out, struct cenv_err *err);

/** Does a line of a log report an error? Words like "-Werror" or "error.c" do not. */
bool cenv_log_is_error(const char *line);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_BUILD_JOBSERVER_H
#define CENV_STORE_BUILD_JOBSERVER_H

#include <stdbool.h>

#include "core/base/err.h"

/*
 * GNU make's job server: a pipe that holds a token for each process that may run. Each build
 * takes one to start with, and its make takes more while there are any, so that several builds
 * at a time use all processors and no more (GNU make manual, "POSIX Jobserver Interaction").
 * The form with two descriptors, which make 4.0 to 4.4 know.
 */
struct cenv_jobserver {
	int read_fd, write_fd; /* for the builds, which inherit them */
	int try_fd;            /* the read end once more, for us: it does not block */
};

#define CENV_JOBSERVER_CLOSED                                                                      \
	{                                                                                          \
		-1, -1, -1                                                                         \
	}

/** @param tokens at least 1 */
int cenv_jobserver_open(struct cenv_jobserver *out, unsigned tokens, struct cenv_err *err);
void cenv_jobserver_close(struct cenv_jobserver *js);

/** Take a token, if there is one. try_fd polls as readable when there may be. */
bool cenv_jobserver_take(const struct cenv_jobserver *js);
void cenv_jobserver_give(const struct cenv_jobserver *js);

#endif

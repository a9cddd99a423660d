/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_BUILD_WORKER_H
#define CENV_STORE_BUILD_WORKER_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/buf.h"
#include "store/build/build.h"

/*
 * A build in a process of its own, so that several run at a time while everything that tells and
 * decides stays in one. The worker is a fork that does what cenv_build() does; its events and
 * its error come through a socket. It ends when it is told to stop and when we die, and its build
 * with it.
 */
struct cenv_worker {
	pid_t pid; /* 0: none runs */
	int fd;    /* polls as readable when there is something to read */
	struct cenv_buf in; /* of the socket, not yet a whole message */
	bool reported;      /* the outcome has come */
	int ret;
	struct cenv_err err; /* with ret -1 */
};

int cenv_worker_start(struct cenv_worker *worker, const struct cenv_build_request *req,
		      struct cenv_err *err);

/** Read what there is and pass events on. @return false when the worker is at its end; one that has
 *  built an object holds it until it is waited for, so that nobody removes it before it is opened. */
bool cenv_worker_read(struct cenv_worker *worker, const struct cenv_events *events);

/** Tell it to stop; it still has to be waited for. */
void cenv_worker_stop(const struct cenv_worker *worker);

/** Wait for its end. @return what cenv_build() did; the object is in the store then. */
int cenv_worker_wait(struct cenv_worker *worker, struct cenv_err *err);

#endif

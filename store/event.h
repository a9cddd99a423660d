/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_EVENT_H
#define CENV_STORE_EVENT_H

#include <stddef.h>

/* Progress: the store tells, the command prints. Callbacks come from one thread. */

enum cenv_event_kind {
	CENV_EV_RESOLVED,       /* count packages, seconds */
	CENV_EV_FETCH_START,    /* name version, text = URL */
	CENV_EV_FETCH_PROGRESS, /* name version, done and total bytes (total 0: unknown) */
	CENV_EV_FETCH_DONE,     /* name version, done bytes, seconds, text = URL it came from */
	CENV_EV_FETCH_RETRY,    /* name version, text = why and when */
	CENV_EV_BUILD_WAIT,     /* name version: another process builds it */
	CENV_EV_BUILD_START,    /* name version, text = build system, count others that run */
	CENV_EV_BUILD_STEP,     /* the same, text = configure, build, install, store */
	CENV_EV_BUILD_DONE,     /* name version, seconds */
	CENV_EV_REUSED,         /* name version: the object was in the store */
	CENV_EV_LINKED,         /* name version put into the environment; count files */
	CENV_EV_REMOVED,        /* name version taken out; count files */
	CENV_EV_NOTE,           /* text: one line worth knowing */
	CENV_EV_WARNING,        /* text: one line that needs attention */
	CENV_EV_WAIT_LOCK,      /* text: what is held by another process */
};

struct cenv_event {
	enum cenv_event_kind kind;
	const char *name, *version; /* or NULL */
	const char *text;           /* or NULL */
	unsigned long long done, total;
	size_t count;
	double seconds;
};

struct cenv_events {
	void (*handle)(void *payload, const struct cenv_event *event); /* NULL: nobody listens */
	void *payload;
};

static inline void cenv_emit(const struct cenv_events *events, const struct cenv_event *event)
{
	if (events && events->handle)
		events->handle(events->payload, event);
}

#endif

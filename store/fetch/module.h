/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_FETCH_MODULE_H
#define CENV_STORE_FETCH_MODULE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "store/module.h"

/*
 * The table of module "net": HTTP exchanges, many at once, from one thread.
 * One request is one exchange: redirects and retries are the caller's to decide.
 */

struct cenv_net_settings {
	const char *user_agent;
	const char *ca_file, *ca_dir; /* NULL: the system's */
	bool netrc;                   /* user names and passwords from ~/.netrc */
};

struct cenv_net_request {
	const char *url;           /* http or https; copied */
	unsigned long long offset; /* ask for what follows the first `offset` bytes */
	unsigned stall_s;          /* give up when next to nothing arrives for so long */
	/** The answer is a good one: `resumed` when it goes on at offset, total 0 when unknown. */
	bool (*begin)(void *payload, bool resumed, unsigned long long total);
	/** A piece of it. Both return false to stop the transfer. */
	bool (*data)(void *payload, const void *data, size_t len);
	void *payload;
};

enum cenv_net_outcome {
	CENV_NET_DONE,
	CENV_NET_REDIRECT,  /* to `location` */
	CENV_NET_TRANSIENT, /* may work in a moment */
	CENV_NET_NOT_FOUND, /* 404 and 410 */
	CENV_NET_REFUSED,   /* the server's answer will not get better */
	CENV_NET_UNREACHABLE, /* no server that can be trusted: name, certificate, protocol */
	CENV_NET_BAD_RANGE, /* the offset is not acceptable: ask for the whole */
};

struct cenv_net_result {
	void *payload; /* of the request */
	enum cenv_net_outcome outcome;
	const char *text;        /* why, when not done; valid until the next call */
	const char *location;    /* CENV_NET_REDIRECT: an absolute URL; valid as text */
	unsigned retry_after_s;  /* what the server asked for, or 0 */
	bool wants_login;        /* 401 */
	bool is_unvouched;       /* nobody vouches for its certificate */
};

struct cenv_net;

struct cenv_net_module {
	struct cenv_module_head head;
	struct cenv_net *(*new)(const struct cenv_net_settings *settings, struct cenv_err *err);
	int (*add)(struct cenv_net *net, const struct cenv_net_request *request,
		   struct cenv_err *err);
	/** Move bytes for at most timeout_ms. @return 1 when a request has ended, 0, or -1. */
	int (*wait)(struct cenv_net *net, int timeout_ms, struct cenv_net_result *result,
		    struct cenv_err *err);
	/** Stops what is still under way. NULL is allowed. */
	void (*free)(struct cenv_net *net);
};

extern const struct cenv_net_module cenv_module_net;

#endif

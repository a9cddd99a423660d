/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_BUILD_WORKSPACE_H
#define CENV_STORE_BUILD_WORKSPACE_H

#include <stdbool.h>

#include "core/base/err.h"
#include "store/build/build.h"
#include "store/build/log.h"
#include "store/proc/proc.h"

/*
 * The folder that one build works in, build/<name>-<first 8 of key>/ in the store:
 *
 *     work/      ROOT of store/build/script.h; /build in the sandbox
 *     prefix...  the dependencies; the placeholder in the sandbox. Without one, the folder's
 *                own path is made CENV_PLACEHOLDER_LEN bytes long, so that it can be patched
 *     enter      a script that opens a shell with the build's environment
 */
struct cenv_workspace {
	const struct cenv_build_request *req;
	bool sandboxed;
	enum cenv_build_system system; /* known once there are sources */
	char *folder;  /* relative to the store */
	char *host;    /* absolute */
	char *work;    /* absolute path of work/ */
	char *deps;    /* absolute path of the prefix folder */
	char *root;    /* ROOT as the build sees it */
	char *prefix;  /* prefix as the build sees it, CENV_PLACEHOLDER_LEN bytes */
	char *staged;  /* where it arrives, relative to the store */
};

/** Make the empty folder; what an earlier try left behind goes. */
int cenv_workspace_open(struct cenv_workspace *ws, const struct cenv_build_request *req,
			const char *key, bool sandboxed, struct cenv_err *err);

/** Put sources, dependencies and scripts there, and find out the build system. */
int cenv_workspace_fill(struct cenv_workspace *ws, struct cenv_err *err);

/** Run the build. @return 0 when it ran to an end, whatever its status. */
int cenv_workspace_run(const struct cenv_workspace *ws, struct cenv_log *log,
		       struct cenv_proc_status *status, struct cenv_err *err);

/**
 * Look at what arrived in the prefix.
 * @param fault receives why it cannot be taken, in words that follow the build's name, or NULL.
 */
int cenv_workspace_staged(const struct cenv_workspace *ws, const char **fault, struct cenv_err *err);

/** Files that arrived outside of the prefix, as paths from the root, at most `max`. */
int cenv_workspace_strays(const struct cenv_workspace *ws, size_t max, struct cenv_strv *out,
			  struct cenv_err *err);

/** Remove the folder. */
int cenv_workspace_remove(const struct cenv_workspace *ws, struct cenv_err *err);

void cenv_workspace_release(struct cenv_workspace *ws);

/** `host` made longer to CENV_PLACEHOLDER_LEN bytes, or NULL when it is too long. Caller frees. */
char *cenv_workspace_padded(const char *host);

#endif

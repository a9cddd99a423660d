/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PROC_PROC_H
#define CENV_STORE_PROC_PROC_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/strv.h"

/*
 * Child processes: an argument vector, never a shell string. Each child gets a
 * process group of its own, so that ending it ends what it started; one that is contained
 * cannot leave anything behind, whatever it does. No descriptor is passed on but those named.
 */

struct cenv_proc {
	const char *const *argv;  /* NULL-terminated; argv[0] is searched in PATH unless it has a '/' */
	const char *const *env;   /* NULL: ours */
	const char *cwd;          /* NULL: ours */
	int stdin_fd;             /* -1: /dev/null */
	int out_fd;               /* where stdout and stderr go together; -1: captured in `out` */
	struct cenv_buf *out;     /* captured output, or NULL to drop it */
	size_t out_max;           /* captured bytes beyond this are dropped; 0: 1 MiB */
	/* takes captured output as it comes, instead of `out`; false ends the group */
	bool (*sink)(void *payload, const char *data, size_t len);
	void *sink_payload;
	unsigned timeout_s;       /* 0: none; on expiry the group is killed */
	const int *keep_fds;      /* descriptors passed on (close-on-exec cleared), -1 ends; or NULL */
	bool contain;             /* nothing that it starts outlives it, or us (store/proc/keeper.h) */
};

struct cenv_proc_status {
	int exited;    /* exit status, or -1 */
	int signal;    /* signal that killed it, or 0 */
	bool timed_out;
	bool stopped; /* the sink wanted no more */
};

/**
 * Run and wait. A signal that asks us to stop (cenv_interrupted()) ends the
 * child's group and gives CENV_E_INTERRUPT.
 * @return 0 when it ran, whatever its status; -1 when it could not be started
 *         (err->sys ENOENT: no such program) or was interrupted.
 */
int cenv_proc_run(const struct cenv_proc *proc, struct cenv_proc_status *status,
		  struct cenv_err *err);

/** "exited with 2", "was killed by signal 9 (Killed)", "ran longer than its limit". Caller frees. */
char *cenv_proc_describe(const struct cenv_proc_status *status);

/** The absolute path of a program in a PATH-like list, or NULL. Caller frees. */
char *cenv_proc_find(const char *name, const char *path);

/** Install handlers for SIGINT, SIGTERM and SIGHUP that set a flag; main calls it once. */
void cenv_interrupt_catch(void);
/** The signal that arrived, or 0. Long loops ask. */
int cenv_interrupted(void);
/** err set to CENV_E_INTERRUPT when a signal arrived. @return -1 then, else 0. */
int cenv_interrupt_check(struct cenv_err *err);

#endif

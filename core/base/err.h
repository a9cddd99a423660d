/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_BASE_ERR_H
#define CENV_CORE_BASE_ERR_H

/*
 * Errors travel up as values. A function that can fail returns 0 or -1 and
 * takes a `struct cenv_err *` last; whoever knows the cause sets the code once,
 * callers add context with cenv_err_wrap(), and main() alone prints.
 *
 * Start with `struct cenv_err err = CENV_ERR_INIT;`, end with
 * cenv_err_release(). Setting an error replaces (and frees) the one before.
 */

/** What kind of failure it is; picks the exit status. */
enum cenv_code {
	CENV_OK = 0,
	CENV_E_FAIL,      /* 1: failed for a reason with no kind of its own */
	CENV_E_NO,        /* 1: the answer is no: damage found, lock out of date */
	CENV_E_IO,        /* 1: a system call failed; see sys */
	CENV_E_USAGE,     /* 2: command line misused */
	CENV_E_SYNTAX,    /* 2: malformed requirements, recipe or configuration */
	CENV_E_UNSAT,     /* 3: the requirements contradict each other */
	CENV_E_NOTFOUND,  /* 3: nothing provides it */
	CENV_E_NETWORK,   /* 4: download failed */
	CENV_E_INTEGRITY, /* 4: checksum, signature or archive not acceptable */
	CENV_E_BUILD,     /* 5: a build failed, or a tool it needs is missing */
	CENV_E_NOENV,     /* 6: no environment */
	CENV_E_INTERRUPT, /* 130: a signal asked us to stop */
	CENV_E_COUNT
};

struct cenv_err {
	enum cenv_code code;
	int sys;      /* errno at the failing call, or 0 */
	char *msg;    /* one line, outermost context first; owned */
	char *detail; /* further lines printed as they are (log excerpt, explanation), or NULL; owned */
	char *hint;   /* what the user can do, or NULL; owned */
};

#define CENV_ERR_INIT                                                                              \
	{                                                                                          \
		0                                                                                  \
	}

#define CENV_PRINTF(fmt_index, first_arg) __attribute__((format(printf, fmt_index, first_arg)))

/** Set code and message; lower case, no full stop, subject in single quotes. @return -1 */
int cenv_err_set(struct cenv_err *err, enum cenv_code code, const char *fmt, ...) CENV_PRINTF(3, 4);

/** Set CENV_E_IO with ": strerror(saved_errno)" appended. @return -1 */
int cenv_err_sys(struct cenv_err *err, int saved_errno, const char *fmt, ...) CENV_PRINTF(3, 4);

/** Put "context: " in front of the message, keeping the code. @return -1 */
int cenv_err_wrap(struct cenv_err *err, const char *fmt, ...) CENV_PRINTF(2, 3);

/** Say what the user can do; replaces an earlier hint. */
void cenv_err_hint(struct cenv_err *err, const char *fmt, ...) CENV_PRINTF(2, 3);

/** Append one or more lines to the detail (a newline is added if missing). */
void cenv_err_detail(struct cenv_err *err, const char *fmt, ...) CENV_PRINTF(2, 3);

/** Move an error; `from` is left empty. */
void cenv_err_move(struct cenv_err *to, struct cenv_err *from);

/** Copy an error; `from` stays as it is. @return -1 */
int cenv_err_copy(struct cenv_err *to, const struct cenv_err *from);

/** Free what it holds and set it back to CENV_OK. */
void cenv_err_release(struct cenv_err *err);

/** The exit status of the program for a code, as docs/formats.md lists them. */
int cenv_exit_status(enum cenv_code code);

#endif

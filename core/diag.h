/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_DIAG_H
#define CENV_CORE_DIAG_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * Faults in text that a user wrote: collected, so that all are shown at once,
 * each as "file:line:column: message" with the line and a caret. Only the
 * first CENV_DIAG_SHOWN are kept as text. Zero-initialise with CENV_DIAG_INIT.
 */
struct cenv_diag {
	struct cenv_buf text;
	size_t n;
};

enum { CENV_DIAG_SHOWN = 1000 };

#define CENV_DIAG_INIT                                                                             \
	{                                                                                          \
		.text = CENV_BUF_INIT                                                              \
	}

/**
 * Add a fault.
 *
 * @param line  its number, counted from 1.
 * @param start the line's text, `len` bytes without its end.
 * @param at    byte offset of the fault in it, at most len.
 */
void cenv_diag_add(struct cenv_diag *diag, const char *file, unsigned line, const char *start,
		   size_t len, size_t at, const char *message);

/** Move what was collected to err->detail, which belongs to an error already set. */
void cenv_diag_report(struct cenv_diag *diag, struct cenv_err *err);
void cenv_diag_release(struct cenv_diag *diag);

/** Column of byte offset `at`, in characters, from 1. */
unsigned cenv_diag_column(const char *start, size_t at);

#endif

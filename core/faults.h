/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_FAULTS_H
#define CENV_CORE_FAULTS_H

#include <stddef.h>

#include "core/base/err.h"

/*
 * The faults of one text file, gathered so that all are shown at once and not
 * only the first. Zero-initialise but for `path`, add, report, release.
 */
struct cenv_fault {
	unsigned line; /* 0: the file as a whole */
	char *text;
};

struct cenv_faults {
	const char *path; /* borrowed, for messages */
	struct cenv_fault *v;
	size_t n, cap;
	size_t dropped; /* beyond CENV_FAULTS_MAX: counted, not kept */
};

/** A hostile file can hold a fault in each of a million lines. */
#define CENV_FAULTS_MAX 100

void cenv_faults_add(struct cenv_faults *faults, unsigned line, const char *fmt, ...)
	CENV_PRINTF(3, 4);

/**
 * Turn them into an error: CENV_E_SYNTAX "malformed WHAT 'path'", its detail one
 * "path:line: text" a line, in line order.
 * @return 0 when there are none, else -1.
 */
int cenv_faults_report(struct cenv_faults *faults, const char *what, struct cenv_err *err);

void cenv_faults_release(struct cenv_faults *faults);

#endif

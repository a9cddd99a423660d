/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_MARKER_H
#define CENV_CORE_MARKER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

/*
 * Environment markers after PEP 508: `target_system == "Linux" and
 * (target_libc == "musl" or compiler >= "12")`. Values that are versions on
 * both sides compare as versions, others as strings; `in` and `not in` test
 * substrings.
 */
struct cenv_marker; /* a parsed expression */

/** What the variables stand for; every field is set, borrowed strings. */
struct cenv_marker_env {
	const char *target_system;    /* "Linux" */
	const char *target_machine;   /* "x86_64" */
	const char *target_libc;      /* "glibc", "musl" */
	const char *compiler;         /* "gcc 12.2.0", compares by its version against a version */
	const char *platform_system;  /* of the machine that builds */
	const char *platform_machine;
};

/** @param errpos byte offset of the fault, may be NULL. @return 0, or -1 with CENV_E_SYNTAX. */
int cenv_marker_parse(struct cenv_marker **out, const char *text, size_t len, size_t *errpos,
		      struct cenv_err *err);
bool cenv_marker_eval(const struct cenv_marker *marker, const struct cenv_marker_env *env);
void cenv_marker_free(struct cenv_marker *marker);

#endif

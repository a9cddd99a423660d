/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_SPECIFIER_H
#define CENV_CORE_SPECIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/* Version specifiers: `>=1.6,<2`, `==1.6.*`, `~=2.1`, `===2.0rc1`; a comma is "and". */

enum cenv_op {
	CENV_OP_EQ,        /* == */
	CENV_OP_NE,        /* != */
	CENV_OP_LE,        /* <= */
	CENV_OP_GE,        /* >= */
	CENV_OP_LT,        /* <  */
	CENV_OP_GT,        /* >  */
	CENV_OP_COMPATIBLE, /* ~=: >=V and same leading components but the last, PEP 440 */
	CENV_OP_IDENTICAL  /* ===: the same string */
};

struct cenv_clause {
	enum cenv_op op;
	bool wildcard; /* ==1.6.* or !=1.6.*: version holds "1.6" */
	char *version;
};

/** All clauses must hold; none means any version. Zero-initialise to start. */
struct cenv_specifier {
	struct cenv_clause *clauses;
	uint32_t n, cap;
};

/**
 * Parse `len` bytes of text, blanks allowed around operators and commas.
 * @param errpos receives the byte offset of the fault in text when it fails; may be NULL.
 * @return 0, or -1 with CENV_E_SYNTAX; out is then empty.
 */
int cenv_specifier_parse(struct cenv_specifier *out, const char *text, size_t len, size_t *errpos,
			 struct cenv_err *err);
/** Does the version satisfy all clauses? Pre-release policy is the caller's. */
bool cenv_specifier_match(const struct cenv_specifier *spec, const char *version);
/** Does any clause name a pre-release (which then allows them, design section 4)? */
bool cenv_specifier_names_prerelease(const struct cenv_specifier *spec);
/** `==V` or `===V` without wildcard as the only clause: that version, borrowed; else NULL. */
const char *cenv_specifier_pinned(const struct cenv_specifier *spec);
/** Append the normal form: ">=1.6,<2", nothing when empty. */
void cenv_specifier_format(const struct cenv_specifier *spec, struct cenv_buf *out);
void cenv_specifier_copy(struct cenv_specifier *to, const struct cenv_specifier *from);
void cenv_specifier_release(struct cenv_specifier *spec);
const char *cenv_op_text(enum cenv_op op);

#endif

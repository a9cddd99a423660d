/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_EXPLAIN_H
#define CENV_CORE_EXPLAIN_H

#include "core/base/buf.h"
#include "core/resolver_state.h"

/* Parts of an explanation; see cenv_explain in resolver_state.h. */

/** Append what an incompatibility says, as a clause: "app 2 needs zlib<1.3". */
void cenv_explain_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			 struct cenv_buf *out);

/** Append "1.2, 1.3 and 1.4", or the first and last of many. */
void cenv_explain_versions(const struct cenv_universe_package *pkg, struct cenv_buf *out);

/** Facts: incompatibilities that are not derived. */
struct cenv_facts {
	struct cenv_incompat **v;
	size_t n, cap;
};

/** The facts that a derived incompatibility rests on; they are marked as used. */
void cenv_explain_facts(struct cenv_incompat *failed, struct cenv_facts *out);

/**
 * Leave out of contradicting facts those that the contradiction does not take:
 * fewer make a shorter text, and nobody is blamed in vain.
 */
void cenv_explain_shorten(struct cenv_resolver *r, struct cenv_facts *facts);

/** Set the hint of err to something that would help, when a few trials find it. */
void cenv_explain_hint(const struct cenv_resolver *r, const struct cenv_facts *facts,
		       size_t conflicts, struct cenv_err *err);

/** Derive the contradiction anew, from these facts alone. */
struct cenv_incompat *cenv_explain_derive(struct cenv_resolver *r, const struct cenv_facts *facts);

#endif

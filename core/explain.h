/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_EXPLAIN_H
#define CENV_CORE_EXPLAIN_H

#include "core/base/buf.h"
#include "core/resolver_state.h"

/* Parts of an explanation; see cenv_explain in resolver_state.h. */

/** Facts: incompatibilities that are not derived; or conclusions, which are. */
struct cenv_facts {
	struct cenv_incompat **v;
	size_t n, cap;
};

/** Append what an incompatibility says, as a clause: "app 2 needs zlib<1.3". */
void cenv_explain_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			 struct cenv_buf *out);

/** Two facts with "and" between them, and what they have in common once. */
void cenv_explain_both(struct cenv_resolver *r, struct cenv_incompat *a,
		       const struct cenv_incompat *b, struct cenv_buf *out);

/** Two facts of one requirement as one, in the resolver's arena; NULL when they are not that. */
struct cenv_incompat *cenv_explain_join(struct cenv_resolver *r, struct cenv_incompat *a,
					const struct cenv_incompat *b);

/** The same for all facts of a derivation and the steps between; their terms stay valid. */
void cenv_explain_join_all(struct cenv_resolver *r, const struct cenv_facts *facts,
			   const struct cenv_facts *conclusions);

/** Is a fact, or one that is told with it, about this feature of its package; NULL: its versions? */
bool cenv_explain_tells(const struct cenv_incompat *fact, const char *feature);

/** Do two facts begin alike: "every version of app needs ..."? */
bool cenv_explain_same_asker(const struct cenv_resolver *r, const struct cenv_incompat *a,
			     const struct cenv_incompat *b);

/** The term on a variable, or NULL. */
const struct cenv_term *cenv_explain_term(const struct cenv_incompat *ic, uint32_t var);

/** A fact that is a sentence of its own: "you ask for zlib>9 (r.txt:1), but ...". */
void cenv_explain_alone(struct cenv_resolver *r, const struct cenv_incompat *ic,
			struct cenv_buf *out);

/** Why nothing can meet a demand, appended; nothing when something can. */
void cenv_explain_impossible(struct cenv_resolver *r, const struct cenv_incompat *ic,
			     struct cenv_buf *out);

/** What is said of a set of versions: it needs something, can't be used, or is needed. */
enum cenv_explain_role { CENV_EXPLAIN_EVERY, CENV_EXPLAIN_NONE, CENV_EXPLAIN_SOME };

/**
 * Append a set of a package's versions: "every version of zlib from 1.3", "no version of zlib",
 * "zlib 1.2 or 1.4"; for CENV_EXPLAIN_SOME in the words of a requirement where one means the same.
 *
 * @return true when it begins with "no" or "none".
 */
bool cenv_explain_set(struct cenv_resolver *r, const struct cenv_universe_package *pkg,
		      const union cenv_bits *set, enum cenv_explain_role role,
		      struct cenv_buf *out);

/** Append "zlib exists only as 1.2 and 1.3", or how many there are; and who chose these. */
void cenv_explain_existing(const struct cenv_universe_package *pkg, struct cenv_buf *out);

/** What stands before the i-th of n things: nothing, a comma, or the last word. */
const char *cenv_explain_separator(size_t i, size_t n, const char *last);

/**
 * The facts that a derived incompatibility rests on, and the conclusions between, itself
 * first; how often each is used is counted.
 * @param conclusions may be NULL.
 */
void cenv_explain_facts(struct cenv_incompat *failed, struct cenv_facts *out,
			struct cenv_facts *conclusions);

/**
 * Leave out of contradicting facts those that the contradiction does not take:
 * fewer make a shorter text, and nobody is blamed in vain.
 */
void cenv_explain_shorten(struct cenv_resolver *r, struct cenv_facts *facts);

/** Set the hint of err to something that would help, when a few trials find it. */
void cenv_explain_hint(const struct cenv_resolver *r, const struct cenv_facts *facts,
		       size_t conflicts, struct cenv_err *err);

/** Order of where requirements are written: by file and line. */
int cenv_explain_compare_places(const struct cenv_requirement *a, const struct cenv_requirement *b);

void cenv_explain_sort_places(const struct cenv_requirement **reqs, size_t n);

/** Do two requirements ask for the same versions and features of the same package? */
bool cenv_explain_asks_same(const struct cenv_requirement *a, const struct cenv_requirement *b);

/** Append where a requirement of the user is written: "r.txt:4", or "a.txt:1 and b.txt:1" when
 *  several lines ask for the same. */
void cenv_explain_places(const struct cenv_resolve_request *request,
			 const struct cenv_requirement *req, struct cenv_buf *out);

/** Is a name that no index has in one that the user left out? */
bool cenv_explain_hidden(const struct cenv_provider *provider, const char *key);

/** Derive the contradiction anew, from these facts alone. NULL: that would take too long. */
struct cenv_incompat *cenv_explain_derive(struct cenv_resolver *r, const struct cenv_facts *facts);

#endif

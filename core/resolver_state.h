/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_RESOLVER_STATE_H
#define CENV_CORE_RESOLVER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/map.h"
#include "core/resolver.h"
#include "core/solver.h"
#include "core/universe.h"

/* Shared by the parts of the resolver: resolver*.c, resolution.c and explain*.c. */

/* Values of a feature's variable. */
enum { CENV_FEATURE_ON, CENV_FEATURE_OFF };

static const union cenv_bits cenv_only_on = {.one = 1u << CENV_FEATURE_ON};
static const union cenv_bits cenv_only_off = {.one = 1u << CENV_FEATURE_OFF};

/* Who asks, and when: terms that all demands of one asker begin with. */
struct cenv_context {
	enum cenv_cause cause;
	uint32_t asker;     /* CENV_VAR_NONE: the user */
	uint32_t condition; /* feature of the asker, or CENV_VAR_NONE */
	union cenv_bits versions;
	const struct cenv_requirement *asked; /* when overridden */
};

/* A demand that switches something on or off that is otherwise the other way. */
struct cenv_sayer {
	uint32_t asker; /* CENV_VAR_NONE: the user */
	uint32_t condition;
	union cenv_bits versions; /* of the asker */
	struct cenv_sayer *next;
};

/* What a variable of the solver stands for. */
struct cenv_meaning {
	struct cenv_universe_package *pkg;
	size_t feature; /* SIZE_MAX: the package itself */
	bool is_root;
	size_t preferred;           /* candidate that is kept if possible, or SIZE_MAX */
	union cenv_bits expanded;   /* versions whose dependencies the solver has been told */
	struct cenv_sayer *sayers;  /* package: who names a pre-release; feature: who switches it off */
	bool support; /* that one of them is needed was told to the solver */
};

/* Requirements on one name, in an order that does not depend on the input's. */
struct cenv_demands {
	const struct cenv_requirement **reqs;
	size_t n;
};

struct cenv_facts;
struct cenv_dep_list;

struct cenv_resolver {
	const struct cenv_resolve_request *request;
	const struct cenv_provider *provider;
	struct cenv_arena arena;
	struct cenv_universe universe;
	struct cenv_solver *solver;
	struct cenv_meaning *meanings; /* by variable */
	size_t nmeanings, meanings_cap;
	struct cenv_dep_list *deps; /* of the package that is expanded: one list, again and again */
	const struct cenv_requirement **roots; /* sorted */
	const struct cenv_requirement **sorted_constraints, **sorted_overrides;
	struct cenv_map constraints, overrides; /* of struct cenv_demands, by key */
	const struct cenv_facts *facts; /* of the explanation under way: their words are used again */
	size_t max_conflicts; /* 0: no limit */
	size_t seen_conflicts; /* after so many, all was told of what was still to be decided */
	bool explaining; /* second run: say everything about a package at once */
};

/** The demands that count for a name: those that override, or NULL. */
const struct cenv_demands *cenv_resolver_overrides(const struct cenv_resolver *r, const char *key);

/** Requirements in an order that depends on what they say, not on where they stand; for qsort(). */
int cenv_resolver_compare_reqs(const void *a, const void *b);

/** Tell the solver what is demanded of the target: `want` are the versions that fit. */
void cenv_resolver_demand(struct cenv_resolver *r, const struct cenv_context *ctx,
			  struct cenv_universe_package *target, const struct cenv_requirement *req,
			  const union cenv_bits *want);
/** The same of what somebody asks, or of what an override puts in its place. */
void cenv_resolver_ask(struct cenv_resolver *r, const struct cenv_context *ctx,
		       struct cenv_universe_package *target, const struct cenv_requirement *req,
		       const union cenv_bits *want);

/** Load packages that are not there yet, with a variable for each and for each of its features. */
int cenv_resolver_load(struct cenv_resolver *r, const char **keys, size_t n, struct cenv_err *err);

/**
 * Tell the solver what a version of the variable's package needs, or the feature with it.
 *
 * A package decided for the first time is told about one version at a time: most
 * universes have no conflict there. When it is tried again, or when the run is
 * for an explanation, all its versions are put together.
 */
int cenv_resolver_expand(struct cenv_resolver *r, uint32_t var, size_t version,
			 struct cenv_err *err);
/** Tell it what all versions need, unless it was told. */
int cenv_resolver_expand_all(struct cenv_resolver *r, uint32_t var, struct cenv_err *err);
/** A list to begin with, used again for each package. */
struct cenv_dep_list *cenv_dep_list_new(void);
void cenv_dep_list_free(struct cenv_dep_list *list);

/** The features of a solved package that are on. */
bool cenv_resolver_feature_on(const struct cenv_resolver *r, uint32_t var);
/** The chosen candidate, or SIZE_MAX. */
size_t cenv_resolver_chosen(const struct cenv_resolver *r, const struct cenv_universe_package *pkg);

/**
 * Packages that the roots need in the present solution, in order of variables.
 * @param out by variable; caller's, zeroed, one for each meaning.
 */
int cenv_resolver_reach(struct cenv_resolver *r, bool *out, struct cenv_err *err);

/** Learn all there is to know of every package that can be reached. */
int cenv_resolver_explore(struct cenv_resolver *r, struct cenv_err *err);

/*
 * Support, in resolver_support.c. Two things hold only while nobody says
 * otherwise: pre-releases are not chosen, and default features are on.
 */

/** Does what is chosen now say so? @param founded by variable: only those count; NULL: all. */
bool cenv_support_has(const struct cenv_resolver *r, uint32_t var, const bool *founded);
/** Tell the solver that somebody must say so, for a package or a feature to leave the rule. */
int cenv_support_add(struct cenv_resolver *r, uint32_t var, struct cenv_err *err);
/** Everything is decided: does each exception have somebody who asks for it? If not, *ok is false,
 *  and the solver has something new to think about. */
int cenv_support_check(struct cenv_resolver *r, bool *ok, struct cenv_err *err);

/** Make the answer from a finished search. */
int cenv_resolution_build(struct cenv_resolution **out, struct cenv_resolver *r,
			  struct cenv_err *err);

/**
 * One search that keeps no reasons.
 * @param max_conflicts after so many it is given up, which is an error; 0: never
 * @return 0 solved, 1 no solution, -1 error.
 */
int cenv_resolver_try(struct cenv_resolution **out, const struct cenv_resolve_request *request,
		      const struct cenv_provider *provider, size_t max_conflicts,
		      struct cenv_err *err);

/** Say why there is no solution. @return -1 */
int cenv_explain(struct cenv_resolver *r, struct cenv_incompat *failed,
		 struct cenv_err *err);

/** Say that no index has a name that the user asks for; the first one becomes the message. */
void cenv_explain_unknown(const struct cenv_resolver *r, const struct cenv_requirement *req,
			  struct cenv_err *err);

#endif

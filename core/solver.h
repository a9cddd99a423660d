/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_SOLVER_H
#define CENV_CORE_SOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/bits.h"
#include "core/requirement.h"

/*
 * The search behind the resolver: PubGrub over variables with finite domains.
 *
 * A variable is a package (its values: candidates 0 .. n-1, newest first, and
 * last "absent") or a feature of one (0: on, 1: off). An incompatibility is a
 * list of terms "variable is in set", at most one for each variable, that must
 * never hold all together. The solver narrows domains by unit propagation,
 * learns a new incompatibility from each conflict and jumps back as far as it
 * reaches. It knows nothing of versions, and asks nobody anything: the caller
 * adds incompatibilities and decides.
 *
 *	while ((failed = cenv_solver_propagate(s)) == NULL) {
 *		take a variable with cenv_solver_pop, add what follows from the
 *		value it is going to have, or decide that value
 *	}
 */

#define CENV_VAR_NONE UINT32_MAX

struct cenv_term {
	uint32_t var;
	union cenv_bits set;
};

/** Where an incompatibility comes from. */
enum cenv_cause {
	CENV_CAUSE_ROOT,       /* the user asks for req */
	CENV_CAUSE_CONSTRAINT, /* the user allows only req */
	CENV_CAUSE_DEP,        /* versions of asker need req */
	CENV_CAUSE_NEWER,      /* published after the day asked for */
	CENV_CAUSE_PRERELEASE, /* pre-releases that nobody names */
	CENV_CAUSE_DEFAULT,    /* a default feature that nobody switches off */
	CENV_CAUSE_NEEDED,     /* nothing is there that nobody needs */
	CENV_CAUSE_DERIVED,    /* follows from left and right */
};

struct cenv_incompat {
	enum cenv_cause cause;
	uint32_t nterms;
	uint32_t asker;     /* DEP: the package that needs it */
	uint32_t condition; /* DEP: its feature that needs it, or CENV_VAR_NONE */
	uint32_t target;    /* the package it is about */
	uint32_t at;        /* the solver's: where it last found a term to watch */
	const struct cenv_requirement *req;   /* ROOT, CONSTRAINT, DEP: what is asked */
	const struct cenv_requirement *asked; /* what an override put req in the place of, or NULL */
	const char *feature;                      /* that req switches on or off; NULL: versions */
	/* DERIVED, when the solver records; of a fact in an explanation, right is another one of the
	 * same requirement that is told with it */
	struct cenv_incompat *left, *right;
	union {
		struct {
			uint32_t uses, line; /* the explanation's: in how many others; its number */
		};
		struct {
			bool is_busy, is_forgotten; /* the solver's, when it does not record */
		};
	};
	struct cenv_term terms[];
};

struct cenv_solver;

/** Order in which required variables are decided; smaller first. */
enum cenv_var_class { CENV_VAR_PACKAGE = 1, CENV_VAR_FEATURE, CENV_VAR_DEFAULT_FEATURE };

/** @param record keep how each incompatibility was derived, for an explanation. */
struct cenv_solver *cenv_solver_new(struct cenv_arena *arena, bool record);
void cenv_solver_free(struct cenv_solver *s);

/** A new variable; its last value stands for "absent" or "off". */
uint32_t cenv_solver_var(struct cenv_solver *s, size_t nvalues, enum cenv_var_class class);
unsigned cenv_solver_words(const struct cenv_solver *s, uint32_t var);
const union cenv_bits *cenv_solver_all(const struct cenv_solver *s, uint32_t var);
const union cenv_bits *cenv_solver_domain(const struct cenv_solver *s, uint32_t var);
/** Can it no longer be absent (or off)? */
bool cenv_solver_required(const struct cenv_solver *s, uint32_t var);
/** The value it was given by cenv_solver_decide, or -1. */
int64_t cenv_solver_value(const struct cenv_solver *s, uint32_t var);
/** The value it was given last, when that is worth keeping after many conflicts; or -1. */
int64_t cenv_solver_saved(const struct cenv_solver *s, uint32_t var);
/** How often a decision on it was taken so far. */
uint32_t cenv_solver_tries(const struct cenv_solver *s, uint32_t var);

/** Room for up to nterms terms; nterms of the result is 0. */
struct cenv_incompat *cenv_incompat_new(struct cenv_arena *arena, enum cenv_cause cause,
					size_t nterms);
/** Add "var is in set"; a second term on one variable narrows the first. */
void cenv_incompat_term(struct cenv_solver *s, struct cenv_incompat *ic, uint32_t var,
			const union cenv_bits *set);
/** Hand it to the solver, which acts on it at the next propagation. */
void cenv_solver_add(struct cenv_solver *s, struct cenv_incompat *ic);

/** Act once more on one that was added before. */
void cenv_solver_again(struct cenv_solver *s, struct cenv_incompat *ic);

/** How many conflicts there were. */
size_t cenv_solver_conflicts(const struct cenv_solver *s);

/** Draw all conclusions. @return NULL, or the incompatibility without terms: no solution. */
struct cenv_incompat *cenv_solver_propagate(struct cenv_solver *s);
void cenv_solver_decide(struct cenv_solver *s, uint32_t var, size_t value);
/** Put a variable up for decision. Required ones are by themselves. */
void cenv_solver_push(struct cenv_solver *s, uint32_t var);
/** The next variable up for decision, possibly one that needs none; or CENV_VAR_NONE. */
uint32_t cenv_solver_pop(struct cenv_solver *s);

#endif

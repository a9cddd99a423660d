/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_SOLVER_STATE_H
#define CENV_CORE_SOLVER_STATE_H

#include "core/solver.h"

/* Shared by the parts of the solver: solver*.c. */

/* After so many conflicts, finding any solution comes before finding the newest. */
enum { CENV_SOLVER_PATIENCE = 500 };

/* What taking part in a conflict adds to an activity at first. It grows by up to a factor of
 * 2^CENV_SOLVER_GROWTH, then all activities are divided by that. */
#define CENV_SOLVER_BUMP ((uint64_t)1 << 34)
enum { CENV_SOLVER_GROWTH = 14 };

/* A step that narrowed a variable's domain. */
struct cenv_assignment {
	uint32_t var;
	uint32_t level;
	int32_t prev;		     /* the step before on the same variable, or -1 */
	struct cenv_incompat *cause; /* NULL: a decision */
	union cenv_bits domain;	     /* of the variable after this step */
};

/* An incompatibility that is looked at when this variable comes to be within the set. */
struct cenv_watcher {
	union cenv_bits set; /* of its term on this variable: mostly all there is to look at */
	struct cenv_incompat *ic;
};

struct cenv_variable {
	unsigned nw;
	uint32_t nvalues;
	enum cenv_var_class class;
	union cenv_bits all, base, domain; /* base: what facts alone leave */
	int32_t last;			   /* newest step, or -1 */
	int64_t value, saved;		   /* saved: the value it had last */
	uint32_t tries, conflicts;
	uint64_t activity; /* in conflicts; the more recent ones count for more */
	struct cenv_incompat **facts; /* incompatibilities of this one term */
	size_t nfacts, facts_cap;
	struct cenv_watcher *watchers;
	size_t nwatchers, watchers_cap;
	uint64_t *spare; /* words of undone steps, chained through the first; nw > 1 */
	uint32_t mark;	 /* index + 1 into the conflict's terms */
};

/*
 * Something found out below the level where it begins to count: backtracking
 * loses what followed from it, so it is then looked at again. Stacks, deepest
 * level last.
 */
struct cenv_late_fact {
	uint32_t var;
	uint32_t level;
};

struct cenv_late_incompat {
	struct cenv_incompat *ic;
	uint32_t level;	 /* where a term was derived from it */
	uint32_t counts; /* from this level on it could have been */
};

/* A term of the conflict being analysed. */
struct cenv_conflict_term {
	uint32_t var;
	union cenv_bits set;
	int32_t satisfier; /* earliest step that makes it hold; -1: facts alone do */
};

/* Something learned that may be forgotten again. */
struct cenv_lesson {
	struct cenv_incompat *ic; /* owned */
	uint32_t levels; /* at how many its terms came to hold: the fewer, the sooner it helps again */
	uint32_t number;
};

/* Levels seen while lessons are rated. */
struct cenv_level_marks {
	uint32_t *v, mark;
	size_t n;
};

struct cenv_solver {
	struct cenv_arena *arena;
	bool record;
	struct cenv_variable *vars;
	size_t nvars, vars_cap;
	struct cenv_assignment *trail;
	size_t ntrail, trail_cap;
	size_t propagated; /* of the trail */
	uint32_t level;
	struct cenv_incompat **pending; /* added, not yet acted upon */
	size_t npending, pending_cap;
	uint32_t *dirty; /* variables that a fact narrowed */
	size_t ndirty, dirty_cap;
	struct cenv_late_fact *late_facts;
	size_t nlate_facts, late_facts_cap;
	struct cenv_late_incompat *late;
	size_t nlate, late_cap;
	uint64_t *heap;
	size_t nheap, heap_cap;
	struct cenv_conflict_term *terms;
	size_t nterms, terms_cap;
	size_t nconflicts, nrestarts, next_restart;
	uint64_t bump; /* what taking part in a conflict adds to an activity now */
	struct cenv_lesson *lessons;
	size_t nlessons, lessons_cap, nforgotten; /* times that some were */
	struct cenv_level_marks marks;
};

/** The earliest step after which the variable is within the set (it is now); -1: facts suffice. */
int32_t cenv_solver_satisfier(const struct cenv_solver *s, uint32_t var,
			      const union cenv_bits *set);

/** The term of the variable, which is there. */
static inline const struct cenv_term *cenv_incompat_term_of(const struct cenv_incompat *ic,
							    uint32_t var)
{
	uint32_t i = 0;

	while (ic->terms[i].var != var)
		i++;
	return &ic->terms[i];
}

/** Undo all steps above the level. */
void cenv_solver_backtrack(struct cenv_solver *s, uint32_t level);

/**
 * All terms of `conflict` hold: go back from each conclusion to its reasons
 * until one decision alone is to blame, and learn that. The incompatibility
 * that is returned has no terms (there is no solution), or it is the learned
 * one and the solver has jumped back to where it says something new.
 */
struct cenv_incompat *cenv_solver_analyze(struct cenv_solver *s, struct cenv_incompat *conflict);

/** Take the term out of the conflict; the last one takes its place. */
void cenv_conflict_drop(struct cenv_solver *s, size_t i);

/** Drop or widen terms of the conflict that its other terms imply, but for that of `keep`. */
void cenv_conflict_shorten(struct cenv_solver *s, uint32_t keep);

/** Keep the conflict's terms as a lesson. */
struct cenv_incompat *cenv_lessons_add(struct cenv_solver *s);
/** Forget those of least use when there are too many. */
void cenv_lessons_forget(struct cenv_solver *s);
void cenv_lessons_release(struct cenv_solver *s);

/** The present attempt has taken long enough: begin another with what was learned. */
void cenv_solver_restart(struct cenv_solver *s);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What is learned says the more the fewer terms it has and the wider these are. A term that came
 * to hold because of an incompatibility whose other terms all follow from the rest of the conflict
 * can be resolved with it: clause minimisation as SAT solvers have it (Soerensson and Biere, 2009),
 * for domains of more than two values.
 */
#include "core/solver_state.h"

/* How many steps back are looked at for one term; sets of more words are left alone. */
enum { STEPS = 50, WORDS = 8 };

static bool others_follow(const struct cenv_solver *s, const struct cenv_incompat *cause,
			  uint32_t var, unsigned *steps);

/* A set on the stack: room for its words where they are several. */
static union cenv_bits widened(const union cenv_bits *set, const union cenv_bits *by, unsigned nw,
			       uint64_t *room)
{
	union cenv_bits wide = {.one = 0};

	if (nw > 1)
		wide.many = room;
	cenv_bits_copy(&wide, set, nw);
	cenv_bits_or(&wide, by, nw);
	return wide;
}

/* Does what the conflict says otherwise imply that the variable is within the set? It is now. */
static bool follows(const struct cenv_solver *s, uint32_t var, const union cenv_bits *set,
		    unsigned *steps)
{
	const struct cenv_variable *v = &s->vars[var];
	const struct cenv_incompat *cause;
	union cenv_bits wide;
	uint64_t room[WORDS];

	if (cenv_bits_subset(&v->base, set, v->nw) ||
	    (v->mark && cenv_bits_subset(&s->terms[v->mark - 1].set, set, v->nw)))
		return true;
	cause = s->trail[cenv_solver_satisfier(s, var, set)].cause;
	if (!cause || v->nw > WORDS || !*steps)
		return false;
	--*steps;
	wide = widened(set, &cenv_incompat_term_of(cause, var)->set, v->nw, room);
	return follows(s, var, &wide, steps) && others_follow(s, cause, var, steps);
}

static bool others_follow(const struct cenv_solver *s, const struct cenv_incompat *cause,
			  uint32_t var, unsigned *steps)
{
	for (uint32_t i = 0; i < cause->nterms; i++)
		if (cause->terms[i].var != var &&
		    !follows(s, cause->terms[i].var, &cause->terms[i].set, steps))
			return false;
	return true;
}

/* Resolve the term with what made it hold, if the rest of the conflict allows it. */
static bool widen(struct cenv_solver *s, struct cenv_conflict_term *t)
{
	const struct cenv_variable *v = &s->vars[t->var];
	const struct cenv_incompat *cause = s->trail[t->satisfier].cause;
	unsigned steps = STEPS;
	union cenv_bits old;
	uint64_t room[WORDS];

	if (!cause || v->nw > WORDS)
		return false;
	/* wider from here on, so that it is no reason for itself */
	old = widened(&t->set, &t->set, v->nw, room);
	cenv_bits_or(&t->set, &cenv_incompat_term_of(cause, t->var)->set, v->nw);
	if (others_follow(s, cause, t->var, &steps))
		return true;
	cenv_bits_copy(&t->set, &old, v->nw);
	return false;
}

/* @return does it say nothing any more? */
static bool shorten(struct cenv_solver *s, struct cenv_conflict_term *t)
{
	const struct cenv_variable *v = &s->vars[t->var];

	while (!cenv_bits_subset(&v->base, &t->set, v->nw)) {
		if (!widen(s, t))
			return false;
		if (!cenv_bits_subset(&v->base, &t->set, v->nw))
			t->satisfier = cenv_solver_satisfier(s, t->var, &t->set);
	}
	return true;
}

void cenv_conflict_shorten(struct cenv_solver *s, uint32_t keep)
{
	for (size_t i = 0; i < s->nterms;) {
		if (s->terms[i].var != keep && shorten(s, &s->terms[i]))
			cenv_conflict_drop(s, i);
		else
			i++;
	}
}

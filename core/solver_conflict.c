/* SPDX-License-Identifier: MIT */
/* What follows from a conflict. */
#include "core/base/mem.h"
#include "core/solver_state.h"

/* Add a term to the conflict: both must hold when the variable is there already. */
static void conflict_and(struct cenv_solver *s, uint32_t var, const union cenv_bits *set)
{
	struct cenv_variable *v = &s->vars[var];
	struct cenv_conflict_term *t;

	if (v->mark) {
		t = &s->terms[v->mark - 1];
		cenv_bits_and(&t->set, set, v->nw);
	} else {
		CENV_GROW(s->terms, s->nterms, s->terms_cap);
		v->activity += s->bump;
		t = &s->terms[s->nterms++];
		v->mark = (uint32_t)s->nterms;
		t->var = var;
		t->set = cenv_bits_new(s->arena, v->nw);
		cenv_bits_copy(&t->set, set, v->nw);
	}
	t->satisfier = cenv_solver_satisfier(s, var, &t->set);
}

void cenv_conflict_drop(struct cenv_solver *s, size_t i)
{
	s->vars[s->terms[i].var].mark = 0;
	s->terms[i] = s->terms[--s->nterms];
	if (i < s->nterms)
		s->vars[s->terms[i].var].mark = (uint32_t)i + 1;
}

static void conflict_clear(struct cenv_solver *s)
{
	while (s->nterms)
		cenv_conflict_drop(s, s->nterms - 1);
}

static void conflict_load(struct cenv_solver *s, struct cenv_incompat *ic)
{
	for (uint32_t i = 0; i < ic->nterms; i++)
		conflict_and(s, ic->terms[i].var, &ic->terms[i].set);
}

static struct cenv_incompat *conflict_store(struct cenv_solver *s, struct cenv_incompat *left,
					    struct cenv_incompat *right)
{
	struct cenv_incompat *ic = cenv_incompat_new(s->arena, CENV_CAUSE_DERIVED, s->nterms);

	ic->left = left;
	ic->right = right;
	for (size_t i = 0; i < s->nterms; i++)
		cenv_incompat_term(s, ic, s->terms[i].var, &s->terms[i].set);
	return ic;
}

/* The fact that completes those which keep the variable within the set. */
static struct cenv_incompat *find_fact(struct cenv_solver *s, const struct cenv_conflict_term *t)
{
	struct cenv_variable *v = &s->vars[t->var];
	union cenv_bits left = cenv_bits_new(s->arena, v->nw);
	size_t i = 0;

	cenv_bits_copy(&left, &v->all, v->nw);
	for (;; i++) {
		cenv_bits_minus(&left, &v->facts[i]->terms[0].set, v->nw);
		if (cenv_bits_subset(&left, &t->set, v->nw))
			return v->facts[i];
	}
}

/* Level of the steps on the term's variable that the satisfier needed before it. */
static uint32_t level_below(const struct cenv_solver *s, const struct cenv_conflict_term *t)
{
	const struct cenv_assignment *a = &s->trail[t->satisfier];
	const struct cenv_variable *v = &s->vars[t->var];
	const union cenv_bits *cut;

	if (!a->cause)
		return 0;
	/* before the satisfier, the variable was within set or within what the cause forbids */
	cut = &cenv_incompat_term_of(a->cause, t->var)->set;
	for (int32_t at = a->prev, later = t->satisfier;; later = at, at = s->trail[at].prev) {
		const uint64_t *d = at < 0 ? cenv_bits_get(&v->base, v->nw)
					   : cenv_bits_get(&s->trail[at].domain, v->nw);
		const uint64_t *c = cenv_bits_get(cut, v->nw);
		const uint64_t *k = cenv_bits_get(&t->set, v->nw);
		bool enough = true;

		for (unsigned i = 0; i < v->nw; i++)
			enough = enough && !(d[i] & ~(c[i] | k[i]));
		if (!enough)
			return later == t->satisfier ? a->level : s->trail[later].level;
		if (at < 0)
			return 0;
	}
}

/* Replace the term by what made it hold. */
static void resolve_with(struct cenv_solver *s, size_t i, struct cenv_incompat *cause)
{
	struct cenv_conflict_term *t = &s->terms[i];
	struct cenv_variable *v = &s->vars[t->var];
	uint32_t var = t->var;

	cenv_bits_or(&t->set, &cenv_incompat_term_of(cause, var)->set, v->nw);
	if (cenv_bits_subset(&v->all, &t->set, v->nw))
		cenv_conflict_drop(s, i);
	else
		t->satisfier = cenv_solver_satisfier(s, var, &t->set);
	for (uint32_t k = 0; k < cause->nterms; k++)
		if (cause->terms[k].var != var)
			conflict_and(s, cause->terms[k].var, &cause->terms[k].set);
}

/* The term that came to hold last. */
static size_t latest_term(const struct cenv_solver *s)
{
	size_t latest = 0;

	for (size_t i = 1; i < s->nterms; i++)
		if (s->terms[i].satisfier > s->terms[latest].satisfier)
			latest = i;
	return latest;
}

static uint32_t previous_level(const struct cenv_solver *s, size_t latest)
{
	uint32_t level = level_below(s, &s->terms[latest]);

	for (size_t i = 0; i < s->nterms; i++) {
		int32_t at = s->terms[i].satisfier;

		if (i != latest && at >= 0 && s->trail[at].level > level)
			level = s->trail[at].level;
	}
	return level;
}

/* What took part long ago counts for less: instead of taking from all, later conflicts add more. */
static void age_activities(struct cenv_solver *s)
{
	s->bump += s->bump / 16;
	if (s->bump >> CENV_SOLVER_GROWTH < CENV_SOLVER_BUMP)
		return;
	for (size_t i = 0; i < s->nvars; i++)
		s->vars[i].activity >>= CENV_SOLVER_GROWTH;
	s->bump >>= CENV_SOLVER_GROWTH;
}

static void blame_terms(struct cenv_solver *s)
{
	s->nconflicts++;
	for (size_t i = 0; i < s->nterms; i++)
		s->vars[s->terms[i].var].conflicts++;
	age_activities(s);
}

/*
 * One decision alone is to blame, for the term of `var`: learn it and jump back to where that says
 * something new. What is recorded for an explanation stays as it was derived.
 */
static struct cenv_incompat *learn(struct cenv_solver *s, uint32_t var,
				   struct cenv_incompat *derived)
{
	struct cenv_incompat *learned = derived;
	uint32_t back;

	blame_terms(s);
	if (!derived) {
		cenv_conflict_shorten(s, var);
		learned = cenv_lessons_add(s);
	}
	back = previous_level(s, latest_term(s));
	conflict_clear(s);
	cenv_solver_backtrack(s, back);
	return learned;
}

struct cenv_incompat *cenv_solver_analyze(struct cenv_solver *s, struct cenv_incompat *conflict)
{
	struct cenv_incompat *learned = conflict;
	bool changed = false;

	conflict_load(s, conflict);
	while (s->nterms) {
		size_t latest = latest_term(s);
		int32_t at = s->terms[latest].satisfier;
		struct cenv_incompat *cause;

		if (at >= 0) {
			uint32_t back = previous_level(s, latest);

			if (!s->trail[at].cause || back < s->trail[at].level)
				return learn(s, s->terms[latest].var,
					     changed && !s->record ? NULL : learned);
			cause = s->trail[at].cause;
		} else {
			cause = find_fact(s, &s->terms[latest]);
		}
		resolve_with(s, latest, cause);
		changed = true;
		if (s->record)
			learned = conflict_store(s, learned, cause);
	}
	return changed && !s->record ? conflict_store(s, NULL, NULL) : learned;
}

/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/explain.h"

/*
 * One requirement may be several facts: "curl[ssl]>=8" says which versions are
 * allowed, and that a feature is on. A reader sees one line, so they are told
 * as one: the others hang on the first by its `right`.
 */

bool cenv_explain_tells(const struct cenv_incompat *fact, const char *feature)
{
	for (; fact; fact = fact->right)
		if (feature && fact->feature ? !strcmp(fact->feature, feature)
					     : !feature && !fact->feature)
			return true;
	return false;
}

bool cenv_explain_same_asker(const struct cenv_resolver *r, const struct cenv_incompat *a,
			     const struct cenv_incompat *b)
{
	const struct cenv_term *s, *t;

	if (a->cause != b->cause || a->asked != b->asked || a->asker != b->asker ||
	    a->condition != b->condition || !a->req || !b->req)
		return false;
	if (a->asker == CENV_VAR_NONE)
		return true;
	s = cenv_explain_term(a, a->asker);
	t = cenv_explain_term(b, b->asker);
	return !s == !t &&
	       (!s || cenv_bits_equal(&s->set, &t->set, r->meanings[a->asker].pkg->nw));
}

static struct cenv_incompat *copy_fact(struct cenv_resolver *r, const struct cenv_incompat *fact)
{
	size_t size = sizeof(*fact) + fact->nterms * sizeof(fact->terms[0]);
	struct cenv_incompat *copy = cenv_arena_alloc(&r->arena, size);

	return memcpy(copy, fact, size);
}

/* A fact, and those told with it, with one more. */
static struct cenv_incompat *with_fact(struct cenv_resolver *r, const struct cenv_incompat *fact,
				       const struct cenv_incompat *more)
{
	struct cenv_incompat *copy = copy_fact(r, fact);

	if (copy->right) {
		copy->right = with_fact(r, copy->right, more);
	} else {
		copy->right = copy_fact(r, more);
		copy->right->right = NULL;
	}
	return copy;
}

struct cenv_incompat *cenv_explain_join(struct cenv_resolver *r, struct cenv_incompat *a,
					const struct cenv_incompat *b)
{
	if (!cenv_explain_same_asker(r, a, b) || a->req != b->req)
		return NULL;
	for (; b; b = b->right)
		if (!cenv_explain_tells(a, b->feature))
			a = with_fact(r, a, b);
	return a;
}

/* ---- in a derivation ---- */

static bool is_derived(const struct cenv_incompat *ic)
{
	return ic->cause == CENV_CAUSE_DERIVED;
}

/* The child of a conclusion on one side, and the other one. */
static struct cenv_incompat *child(const struct cenv_incompat *ic, int side,
				   struct cenv_incompat **other)
{
	*other = side ? ic->left : ic->right;
	return side ? ic->right : ic->left;
}

/* Does a conclusion rest on a fact of the same requirement? Then on both from now on. */
static bool take_in(struct cenv_resolver *r, const struct cenv_incompat *conclusion,
		    const struct cenv_incompat *fact, struct cenv_incompat *into)
{
	for (int side = 0; side < 2; side++) {
		struct cenv_incompat *rest, *first = child(conclusion, side, &rest), *joined;

		joined = is_derived(first) ? NULL : cenv_explain_join(r, first, fact);
		if (!joined)
			continue;
		into->left = joined;
		into->right = rest;
		return true;
	}
	return false;
}

/* Take from a conclusion what a demand of the user settles. @return false: it does not */
static bool settle(struct cenv_resolver *r, struct cenv_incompat *ic,
		   const struct cenv_incompat *demand)
{
	uint32_t var = demand->terms[0].var;
	unsigned nw = cenv_solver_words(r->solver, var);
	union cenv_bits rest = cenv_bits_new(&r->arena, nw);

	for (uint32_t i = 0; i < ic->nterms; i++) {
		if (ic->terms[i].var != var)
			continue;
		cenv_bits_copy(&rest, cenv_solver_all(r->solver, var), nw);
		cenv_bits_minus(&rest, &demand->terms[0].set, nw);
		cenv_bits_minus(&rest, &ic->terms[i].set, nw);
		if (cenv_bits_count(&rest, nw))
			return false;
		ic->terms[i] = ic->terms[--ic->nterms];
		return true;
	}
	return false;
}

/* The same across the fact of another requirement, which then comes last. */
static bool take_in_across(struct cenv_resolver *r, struct cenv_incompat *ic,
			   const struct cenv_incompat *derived, const struct cenv_incompat *fact)
{
	if (fact->cause != CENV_CAUSE_ROOT || fact->nterms != 1)
		return false;
	for (int side = 0; side < 2; side++) {
		struct cenv_incompat *between, *inner = child(derived, side, &between);
		struct cenv_incompat *left = inner->left, *right = inner->right;

		if (!is_derived(inner) || inner->uses > 1 || is_derived(between) ||
		    !take_in(r, inner, fact, inner))
			continue;
		if (settle(r, inner, fact)) {
			ic->left = inner;
			ic->right = between;
			return true;
		}
		inner->left = left;
		inner->right = right;
	}
	return false;
}

/* A conclusion that rests on one fact of a requirement, and the next one on another: one step. */
static void join_steps(struct cenv_resolver *r, struct cenv_incompat *ic)
{
	bool joined = true;

	while (joined) {
		struct cenv_incompat *fact, *derived = child(ic, 0, &fact);

		if (!is_derived(derived))
			derived = child(ic, 1, &fact);
		joined = is_derived(derived) && !is_derived(fact) && derived->uses == 1 &&
			 (take_in(r, derived, fact, ic) || take_in_across(r, ic, derived, fact));
	}
}

/* Wherever facts of one requirement are told, the words are the same. */
static void join_facts(struct cenv_resolver *r, struct cenv_incompat **at,
		       const struct cenv_facts *facts)
{
	for (size_t i = 0; i < facts->n && !is_derived(*at); i++) {
		struct cenv_incompat *joined = cenv_explain_join(r, *at, facts->v[i]);

		*at = joined ? joined : *at;
	}
}

void cenv_explain_join_all(struct cenv_resolver *r, const struct cenv_facts *facts,
			   const struct cenv_facts *conclusions)
{
	for (size_t i = 0; i < conclusions->n; i++)
		join_steps(r, conclusions->v[i]);
	for (size_t i = 0; i < conclusions->n; i++) {
		join_facts(r, &conclusions->v[i]->left, facts);
		join_facts(r, &conclusions->v[i]->right, facts);
	}
}

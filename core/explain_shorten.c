/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/explain.h"

/* The facts that a derivation rests on, and which of them it takes. */

/* Decisions to find out whether some facts can be left out, and to tell how they contradict. */
enum { MAX_STEPS = 5000, MAX_TELLING_STEPS = 100000 };

/* All trials together, in facts and steps: when there are many, they need not be the fewest. */
enum { MAX_WORK = 1000000 };

static void push(struct cenv_facts *list, struct cenv_incompat *ic)
{
	CENV_GROW(list->v, list->n, list->cap);
	list->v[list->n++] = ic;
}

void cenv_explain_facts(struct cenv_incompat *failed, struct cenv_facts *out,
			struct cenv_facts *conclusions)
{
	struct cenv_facts stack = {0};

	push(&stack, failed);
	while (stack.n) {
		struct cenv_incompat *ic = stack.v[--stack.n];

		if (ic->uses++)
			continue;
		if (ic->cause != CENV_CAUSE_DERIVED) {
			push(out, ic);
			continue;
		}
		if (conclusions)
			push(conclusions, ic);
		push(&stack, ic->right);
		push(&stack, ic->left);
	}
	free(stack.v);
}

/* A solver over some facts and the variables they speak of. */
struct trial {
	struct cenv_resolver *r;
	struct cenv_arena *arena;
	struct cenv_solver *solver;
	uint32_t *map; /* the resolver's variables to the solver's */
	uint32_t nvars;
	size_t steps; /* taken so far */
};

static uint32_t new_var(struct cenv_solver *s, const struct cenv_meaning *m)
{
	if (m->feature == SIZE_MAX)
		return cenv_solver_var(s, m->pkg->info.ncandidates + 1, CENV_VAR_PACKAGE);
	return cenv_solver_var(s, 2, CENV_VAR_FEATURE);
}

static void map_var(struct trial *t, uint32_t var)
{
	if (t->map[var] != CENV_VAR_NONE)
		return;
	t->map[var] = new_var(t->solver, &t->r->meanings[var]);
	t->nvars++;
}

/* A demand of a feature is one of its package, see below. */
static void map_with_package(struct trial *t, uint32_t var)
{
	map_var(t, t->r->meanings[var].pkg->var);
	map_var(t, var);
}

/* @param all give every variable the number it has in the resolver. */
static void trial_init(struct trial *t, struct cenv_resolver *r, struct cenv_arena *arena,
		       const struct cenv_facts *facts, bool all)
{
	*t = (struct trial){.r = r, .arena = arena, .solver = cenv_solver_new(arena, true)};
	t->map = cenv_xcalloc(r->nmeanings, sizeof(*t->map));
	memset(t->map, 0xff, r->nmeanings * sizeof(*t->map));
	for (uint32_t var = 0; all && var < r->nmeanings; var++)
		map_var(t, var);
	for (size_t i = 0; i < facts->n; i++)
		for (uint32_t k = 0; k < facts->v[i]->nterms; k++)
			map_with_package(t, facts->v[i]->terms[k].var);
}

/* @param index of the fact in its list, by which the copy is known */
static struct cenv_incompat *copy_fact(struct trial *t, const struct cenv_incompat *fact,
				       uint32_t index)
{
	size_t size = sizeof(*fact) + fact->nterms * sizeof(fact->terms[0]);
	struct cenv_incompat *copy = cenv_arena_alloc(t->arena, size);

	/* the sets are shared: the solver moves terms about, but leaves their sets alone */
	memcpy(copy, fact, size);
	copy->uses = 0;
	copy->line = index;
	for (uint32_t i = 0; i < copy->nterms; i++)
		copy->terms[i].var = t->map[copy->terms[i].var];
	return copy;
}

/* Who asks for curl[ssl] or curl[-ssl] asks for curl, and where curl[ssl] makes the difference curl
 * is there. Does a fact say that of this variable? */
static bool implies_presence(const struct cenv_resolver *r, const struct cenv_incompat *fact,
			     uint32_t var)
{
	const struct cenv_universe_package *pkg = r->meanings[var].pkg;
	bool is_target = pkg == r->meanings[fact->target].pkg;

	if (r->meanings[var].feature == SIZE_MAX || var == fact->condition)
		return false;
	if (!fact->req)
		return !is_target;
	/* a package that asks something of itself is there anyhow */
	return is_target && fact->cause != CENV_CAUSE_CONSTRAINT && fact->asker != fact->target;
}

/* It follows from the same words, so it is no fact of its own. */
static void add_presence(struct trial *t, const struct cenv_incompat *fact, uint32_t index)
{
	struct cenv_incompat *copy = copy_fact(t, fact, index);
	bool implied = false;

	copy->nterms = 0;
	for (uint32_t i = 0; i < fact->nterms; i++) {
		uint32_t var = fact->terms[i].var;
		const struct cenv_universe_package *pkg = t->r->meanings[var].pkg;
		union cenv_bits absent = cenv_bits_new(t->arena, pkg->nw);

		cenv_bits_add(&absent, pkg->nw, pkg->info.ncandidates);
		if (implies_presence(t->r, fact, var)) {
			cenv_incompat_term(t->solver, copy, t->map[pkg->var], &absent);
			implied = true;
		} else {
			cenv_incompat_term(t->solver, copy, t->map[var], &fact->terms[i].set);
		}
	}
	if (implied)
		cenv_solver_add(t->solver, copy);
}

static void add_fact(struct trial *t, const struct cenv_incompat *fact, uint32_t index)
{
	cenv_solver_add(t->solver, copy_fact(t, fact, index));
	add_presence(t, fact, index);
}

static void decide_first(struct cenv_solver *s, uint32_t var)
{
	cenv_solver_decide(s, var,
			   cenv_bits_next(cenv_solver_domain(s, var), cenv_solver_words(s, var), 0));
}

/* Nothing more is required: leave the first open variable out. False when none is open. */
static bool leave_one_out(const struct trial *t)
{
	for (uint32_t var = 0; var < t->nvars; var++) {
		const union cenv_bits *domain = cenv_solver_domain(t->solver, var);
		unsigned nw = cenv_solver_words(t->solver, var);

		if (cenv_bits_count(domain, nw) > 1) {
			cenv_solver_decide(t->solver, var, cenv_bits_last(domain, nw));
			return true;
		}
	}
	return false;
}

/* Do the facts but those from..to-1 contradict each other? @return the contradiction, or NULL:
 * not, or not soon. */
static struct cenv_incompat *contradiction(struct trial *t, const struct cenv_facts *facts,
					   size_t from, size_t to, size_t steps)
{
	struct cenv_solver *s = t->solver;
	struct cenv_incompat *failed = NULL;

	for (size_t i = 0; i < facts->n; i++)
		if (i < from || i >= to)
			add_fact(t, facts->v[i], (uint32_t)i);
	while (t->steps++ < steps) {
		uint32_t var;

		failed = cenv_solver_propagate(s);
		if (failed)
			break;
		var = cenv_solver_pop(s);
		if (var == CENV_VAR_NONE && !leave_one_out(t))
			break;
		if (var != CENV_VAR_NONE && cenv_solver_required(s, var) &&
		    cenv_solver_value(s, var) < 0)
			decide_first(s, var);
	}
	return failed;
}

/* Keep of the facts those that a contradiction of their copies rests on, in their order.
 * @return how many of the first `from` are left */
static size_t keep_used(struct cenv_incompat *failed, struct cenv_facts *facts, size_t from)
{
	bool *used = cenv_xcalloc(facts->n, sizeof(*used));
	struct cenv_facts copies = {0};
	size_t n = 0, before = 0;

	cenv_explain_facts(failed, &copies, NULL);
	for (size_t i = 0; i < copies.n; i++)
		used[copies.v[i]->line] = true;
	for (size_t i = 0; i < facts->n; i++) {
		if (!used[i])
			continue;
		before += i < from;
		facts->v[n++] = facts->v[i];
	}
	facts->n = n;
	free(copies.v);
	free(used);
	return before;
}

/* Try to do without the facts from..to-1: when the others still contradict each other, only those
 * stay that this takes.
 * @return how many facts there are now before those */
static size_t leave_out(struct cenv_resolver *r, struct cenv_facts *facts, size_t from, size_t to,
		      size_t *work)
{
	struct cenv_arena arena = {0};
	struct cenv_incompat *failed;
	struct trial t;

	trial_init(&t, r, &arena, facts, false);
	failed = contradiction(&t, facts, from, to, MAX_STEPS);
	*work += facts->n + t.steps;
	if (failed)
		from = keep_used(failed, facts, from);
	cenv_solver_free(t.solver);
	cenv_arena_release(&arena);
	free(t.map);
	return from;
}

void cenv_explain_shorten(struct cenv_resolver *r, struct cenv_facts *facts)
{
	size_t chunk = facts->n / 2 + 1, work = 0;

	for (;; chunk /= 2) {
		/* later facts first: what was asked for at the start is what the user knows */
		for (size_t to = facts->n; to > 0 && work < MAX_WORK;)
			to = leave_out(r, facts, to > chunk ? to - chunk : 0, to, &work);
		if (chunk <= 1)
			break;
	}
}

struct cenv_incompat *cenv_explain_derive(struct cenv_resolver *r, const struct cenv_facts *facts)
{
	struct cenv_incompat *failed;
	struct trial t;

	trial_init(&t, r, &r->arena, facts, true);
	failed = contradiction(&t, facts, 0, 0, MAX_TELLING_STEPS);
	cenv_solver_free(r->solver);
	r->solver = t.solver;
	free(t.map);
	return failed;
}

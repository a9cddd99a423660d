/* SPDX-License-Identifier: MIT */
#include "core/solver.h"

#include <stdlib.h>

#include "core/base/mem.h"

/* After so many conflicts, finding any solution comes before finding the newest. */
enum { PATIENCE = 500 };

/* A step that narrowed a variable's domain. */
struct assignment {
	uint32_t var;
	uint32_t level;
	int32_t prev;                      /* the step before on the same variable, or -1 */
	struct cenv_incompat *cause; /* NULL: a decision */
	union cenv_bits domain;            /* of the variable after this step */
};

/* An incompatibility that is looked at when this variable comes to be within the set. */
struct watcher {
	union cenv_bits set; /* of its term on this variable: mostly all there is to look at */
	struct cenv_incompat *ic;
};

struct variable {
	unsigned nw;
	uint32_t nvalues;
	enum cenv_var_class class;
	union cenv_bits all, base, domain; /* base: what facts alone leave */
	int32_t last;                      /* newest step, or -1 */
	int64_t value, saved; /* saved: the value it had last */
	uint32_t tries, conflicts;
	struct cenv_incompat **facts; /* incompatibilities of this one term */
	size_t nfacts, facts_cap;
	struct watcher *watchers;
	size_t nwatchers, watchers_cap;
	uint64_t *spare; /* words of undone steps, chained through the first; nw > 1 */
	uint32_t mark;   /* index + 1 into the conflict's terms */
};

/*
 * Something found out below the level where it begins to count: backtracking
 * loses what followed from it, so it is then looked at again. Stacks, deepest
 * level last.
 */
struct late_fact {
	uint32_t var;
	uint32_t level;
};

struct late_incompat {
	struct cenv_incompat *ic;
	uint32_t level;  /* where a term was derived from it */
	uint32_t counts; /* from this level on it could have been */
};

/* A term of the conflict being analysed. */
struct conflict_term {
	uint32_t var;
	union cenv_bits set;
	int32_t satisfier; /* earliest step that makes it hold; -1: facts alone do */
};

struct cenv_solver {
	struct cenv_arena *arena;
	bool record;
	struct variable *vars;
	size_t nvars, vars_cap;
	struct assignment *trail;
	size_t ntrail, trail_cap;
	size_t propagated; /* of the trail */
	uint32_t level;
	struct cenv_incompat **pending; /* added, not yet acted upon */
	size_t npending, pending_cap;
	uint32_t *dirty; /* variables that a fact narrowed */
	size_t ndirty, dirty_cap;
	struct late_fact *late_facts;
	size_t nlate_facts, late_facts_cap;
	struct late_incompat *late;
	size_t nlate, late_cap;
	uint64_t *heap;
	size_t nheap, heap_cap;
	struct conflict_term *terms;
	size_t nterms, terms_cap;
	size_t nconflicts;
};

struct cenv_solver *cenv_solver_new(struct cenv_arena *arena, bool record)
{
	struct cenv_solver *s = cenv_xcalloc(1, sizeof(*s));

	s->arena = arena;
	s->record = record;
	return s;
}

void cenv_solver_free(struct cenv_solver *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->nvars; i++) {
		free(s->vars[i].facts);
		free(s->vars[i].watchers);
	}
	free(s->vars);
	free(s->trail);
	free(s->pending);
	free(s->dirty);
	free(s->late_facts);
	free(s->late);
	free(s->heap);
	free(s->terms);
	free(s);
}

uint32_t cenv_solver_var(struct cenv_solver *s, size_t nvalues, enum cenv_var_class class)
{
	struct variable *v;

	CENV_GROW(s->vars, s->nvars, s->vars_cap);
	v = &s->vars[s->nvars];
	*v = (struct variable){
		.nw = cenv_bits_words(nvalues),
		.nvalues = (uint32_t)nvalues,
		.class = class,
		.last = -1,
		.value = -1,
		.saved = -1,
	};
	v->all = cenv_bits_new(s->arena, v->nw);
	v->base = cenv_bits_new(s->arena, v->nw);
	v->domain = cenv_bits_new(s->arena, v->nw);
	cenv_bits_add_range(&v->all, v->nw, 0, nvalues);
	cenv_bits_copy(&v->base, &v->all, v->nw);
	cenv_bits_copy(&v->domain, &v->all, v->nw);
	return (uint32_t)s->nvars++;
}

unsigned cenv_solver_words(const struct cenv_solver *s, uint32_t var)
{
	return s->vars[var].nw;
}

const union cenv_bits *cenv_solver_all(const struct cenv_solver *s, uint32_t var)
{
	return &s->vars[var].all;
}

const union cenv_bits *cenv_solver_domain(const struct cenv_solver *s, uint32_t var)
{
	return &s->vars[var].domain;
}

static bool is_required(const struct variable *v)
{
	return !cenv_bits_has(&v->domain, v->nw, v->nvalues - 1);
}

bool cenv_solver_required(const struct cenv_solver *s, uint32_t var)
{
	return is_required(&s->vars[var]);
}

int64_t cenv_solver_value(const struct cenv_solver *s, uint32_t var)
{
	return s->vars[var].value;
}

size_t cenv_solver_conflicts(const struct cenv_solver *s)
{
	return s->nconflicts;
}

int64_t cenv_solver_saved(const struct cenv_solver *s, uint32_t var)
{
	return s->nconflicts < PATIENCE ? -1 : s->vars[var].saved;
}

uint32_t cenv_solver_tries(const struct cenv_solver *s, uint32_t var)
{
	return s->vars[var].tries;
}

/* The queue of variables to decide: a binary heap of keys, smallest first. A
 * key is never taken out when it goes stale; whoever pops it looks. */

static uint64_t heap_key(const struct cenv_solver *s, uint32_t var)
{
	const struct variable *v = &s->vars[var];
	uint64_t class = v->class;
	uint64_t trouble = 0;

	/* no choice left: decide it now, what it needs narrows the others */
	if (v->class == CENV_VAR_PACKAGE && cenv_bits_count(&v->domain, v->nw) == 1)
		class = 0;
	/* what often takes part in conflicts is decided earlier; in powers of
	 * two, so that the order found first stays while there is little trouble */
	while (v->conflicts >> (trouble + 2) && trouble < 20)
		trouble++;
	return class << 60 | (uint64_t)(63 - trouble) << 32 | var;
}

void cenv_solver_push(struct cenv_solver *s, uint32_t var)
{
	uint64_t key = heap_key(s, var);
	size_t i;

	CENV_GROW(s->heap, s->nheap, s->heap_cap);
	for (i = s->nheap++; i > 0 && s->heap[(i - 1) / 2] > key; i = (i - 1) / 2)
		s->heap[i] = s->heap[(i - 1) / 2];
	s->heap[i] = key;
}

uint32_t cenv_solver_pop(struct cenv_solver *s)
{
	uint64_t top, last;
	size_t i = 0;

	if (!s->nheap)
		return CENV_VAR_NONE;
	top = s->heap[0];
	last = s->heap[--s->nheap];
	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < s->nheap && s->heap[child + 1] < s->heap[child])
			child++;
		if (child >= s->nheap || s->heap[child] >= last)
			break;
		s->heap[i] = s->heap[child];
		i = child;
	}
	s->heap[i] = last;
	return (uint32_t)top;
}

/* Incompatibilities. */

struct cenv_incompat *cenv_incompat_new(struct cenv_arena *arena, enum cenv_cause cause,
					size_t nterms)
{
	struct cenv_incompat *ic;

	ic = cenv_arena_alloc(arena, sizeof(*ic) + nterms * sizeof(ic->terms[0]));
	ic->cause = cause;
	ic->asker = CENV_VAR_NONE;
	ic->condition = CENV_VAR_NONE;
	ic->target = CENV_VAR_NONE;
	return ic;
}

void cenv_incompat_term(struct cenv_solver *s, struct cenv_incompat *ic, uint32_t var,
			const union cenv_bits *set)
{
	unsigned nw = s->vars[var].nw;
	struct cenv_term *t;

	for (uint32_t i = 0; i < ic->nterms; i++) {
		if (ic->terms[i].var == var) {
			cenv_bits_and(&ic->terms[i].set, set, nw);
			return;
		}
	}
	t = &ic->terms[ic->nterms++];
	t->var = var;
	t->set = cenv_bits_new(s->arena, nw);
	cenv_bits_copy(&t->set, set, nw);
}

static bool term_holds(const struct cenv_solver *s, const struct cenv_term *t)
{
	const struct variable *v = &s->vars[t->var];

	return cenv_bits_subset(&v->domain, &t->set, v->nw);
}

static bool term_fails(const struct cenv_solver *s, const struct cenv_term *t)
{
	const struct variable *v = &s->vars[t->var];

	return cenv_bits_disjoint(&v->domain, &t->set, v->nw);
}

/* The earliest step after which the variable is within the set (it is now); -1: facts suffice. */
static int32_t find_satisfier(const struct cenv_solver *s, uint32_t var, const union cenv_bits *set)
{
	const struct variable *v = &s->vars[var];
	int32_t at = v->last;

	if (cenv_bits_subset(&v->base, set, v->nw))
		return -1;
	while (s->trail[at].prev >= 0 &&
	       cenv_bits_subset(&s->trail[s->trail[at].prev].domain, set, v->nw))
		at = s->trail[at].prev;
	return at;
}

static void watch(struct cenv_solver *s, const struct cenv_term *t, struct cenv_incompat *ic)
{
	struct variable *v = &s->vars[t->var];

	CENV_GROW(v->watchers, v->nwatchers, v->watchers_cap);
	v->watchers[v->nwatchers++] = (struct watcher){t->set, ic};
}

static void unwatch(struct cenv_solver *s, const struct cenv_incompat *ic)
{
	for (uint32_t place = 0; place < 2 && ic->nterms > 1; place++) {
		struct variable *v = &s->vars[ic->terms[place].var];
		size_t kept = 0;

		for (size_t i = 0; i < v->nwatchers; i++)
			if (v->watchers[i].ic != ic)
				v->watchers[kept++] = v->watchers[i];
		v->nwatchers = kept;
	}
}

static void swap_terms(struct cenv_incompat *ic, uint32_t a, uint32_t b)
{
	struct cenv_term t = ic->terms[a];

	ic->terms[a] = ic->terms[b];
	ic->terms[b] = t;
}

/* Later is better to watch: it is the first to be undone. Not holding is best. */
static int64_t watch_rank(const struct cenv_solver *s, const struct cenv_term *t)
{
	return term_holds(s, t) ? find_satisfier(s, t->var, &t->set) : INT64_MAX;
}

static void choose_watches(struct cenv_solver *s, struct cenv_incompat *ic)
{
	for (uint32_t place = 0; place < 2; place++) {
		uint32_t best = place;
		int64_t best_rank = watch_rank(s, &ic->terms[place]);

		for (uint32_t i = place + 1; i < ic->nterms && best_rank < INT64_MAX; i++) {
			int64_t rank = watch_rank(s, &ic->terms[i]);

			if (rank > best_rank) {
				best = i;
				best_rank = rank;
			}
		}
		swap_terms(ic, place, best);
		watch(s, &ic->terms[place], ic);
	}
}

/* Drop terms that always hold. Can one never hold? Then nothing follows. */
static bool simplify(struct cenv_solver *s, struct cenv_incompat *ic)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < ic->nterms; i++) {
		const struct variable *v = &s->vars[ic->terms[i].var];

		if (!cenv_bits_count(&ic->terms[i].set, v->nw))
			return true;
		if (!cenv_bits_subset(&v->all, &ic->terms[i].set, v->nw))
			ic->terms[kept++] = ic->terms[i];
	}
	ic->nterms = kept;
	return false;
}

static void make_pending(struct cenv_solver *s, struct cenv_incompat *ic)
{
	CENV_GROW(s->pending, s->npending, s->pending_cap);
	s->pending[s->npending++] = ic;
}

void cenv_solver_add(struct cenv_solver *s, struct cenv_incompat *ic)
{
	if (simplify(s, ic))
		return;
	if (ic->nterms > 1)
		choose_watches(s, ic);
	make_pending(s, ic);
}

/* Steps. */

static union cenv_bits new_domain(struct cenv_solver *s, struct variable *v)
{
	union cenv_bits b;

	if (v->nw == 1 || !v->spare)
		return cenv_bits_new(s->arena, v->nw);
	b.many = v->spare;
	v->spare = (uint64_t *)(uintptr_t)b.many[0];
	return b;
}

static void recycle_domain(struct variable *v, union cenv_bits domain)
{
	if (v->nw == 1)
		return;
	domain.many[0] = (uint64_t)(uintptr_t)v->spare;
	v->spare = domain.many;
}

/* Record that the variable's domain has become what v->domain now holds. */
static void push_step(struct cenv_solver *s, uint32_t var, struct cenv_incompat *cause)
{
	struct variable *v = &s->vars[var];
	struct assignment *a;

	CENV_GROW(s->trail, s->ntrail, s->trail_cap);
	a = &s->trail[s->ntrail];
	a->var = var;
	a->level = s->level;
	a->prev = v->last;
	a->cause = cause;
	a->domain = new_domain(s, v);
	cenv_bits_copy(&a->domain, &v->domain, v->nw);
	v->last = (int32_t)s->ntrail++;
	if (cause && is_required(v))
		cenv_solver_push(s, var);
}

static void derive(struct cenv_solver *s, const struct cenv_term *t,
		   struct cenv_incompat *cause)
{
	struct variable *v = &s->vars[t->var];

	cenv_bits_minus(&v->domain, &t->set, v->nw);
	push_step(s, t->var, cause);
}

void cenv_solver_decide(struct cenv_solver *s, uint32_t var, size_t value)
{
	struct variable *v = &s->vars[var];

	s->level++;
	for (unsigned i = 0; i < v->nw; i++)
		cenv_bits_ptr(&v->domain, v->nw)[i] = 0;
	cenv_bits_add(&v->domain, v->nw, value);
	v->value = (int64_t)value;
	v->saved = (int64_t)value;
	v->tries++;
	push_step(s, var, NULL);
}

static void make_dirty(struct cenv_solver *s, uint32_t var)
{
	CENV_GROW(s->dirty, s->ndirty, s->dirty_cap);
	s->dirty[s->ndirty++] = var;
}

static void undo_step(struct cenv_solver *s)
{
	struct assignment *a = &s->trail[--s->ntrail];
	struct variable *v = &s->vars[a->var];

	v->last = a->prev;
	cenv_bits_copy(&v->domain, a->prev < 0 ? &v->base : &s->trail[a->prev].domain, v->nw);
	recycle_domain(v, a->domain);
	if (!a->cause)
		v->value = -1;
	/* a default feature is decided without being required: it may be free again */
	if (!a->cause || is_required(v) || v->class == CENV_VAR_DEFAULT_FEATURE)
		cenv_solver_push(s, a->var);
}

static void look_again(struct cenv_solver *s)
{
	for (size_t i = s->nlate_facts; i > 0 && s->late_facts[i - 1].level > s->level; i--) {
		make_dirty(s, s->late_facts[i - 1].var);
		s->late_facts[i - 1].level = s->level;
	}
	if (!s->level)
		s->nlate_facts = 0;
	while (s->nlate && s->late[s->nlate - 1].level > s->level) {
		s->nlate--;
		if (s->late[s->nlate].counts <= s->level)
			make_pending(s, s->late[s->nlate].ic);
	}
}

static void backtrack(struct cenv_solver *s, uint32_t level)
{
	while (s->ntrail && s->trail[s->ntrail - 1].level > level)
		undo_step(s);
	if (s->propagated > s->ntrail)
		s->propagated = s->ntrail;
	s->level = level;
	look_again(s);
}

/* An incompatibility of one term holds at every level, now and after any backtracking. */
static void add_fact(struct cenv_solver *s, struct cenv_incompat *ic)
{
	uint32_t var = ic->terms[0].var;
	struct variable *v = &s->vars[var];

	CENV_GROW(v->facts, v->nfacts, v->facts_cap);
	v->facts[v->nfacts++] = ic;
	cenv_bits_minus(&v->base, &ic->terms[0].set, v->nw);
	cenv_bits_minus(&v->domain, &ic->terms[0].set, v->nw);
	for (int32_t at = v->last; at >= 0; at = s->trail[at].prev)
		cenv_bits_minus(&s->trail[at].domain, &ic->terms[0].set, v->nw);
	make_dirty(s, var);
	if (s->level) {
		CENV_GROW(s->late_facts, s->nlate_facts, s->late_facts_cap);
		s->late_facts[s->nlate_facts++] = (struct late_fact){var, s->level};
	}
	if (is_required(v) && v->value < 0)
		cenv_solver_push(s, var);
}

/* Propagation: each incompatibility of two terms or more is watched through its first two. */

/* A watched term now holds: watch another instead. False when all others hold. */
static bool watch_another(struct cenv_solver *s, struct cenv_incompat *ic)
{
	for (uint32_t i = 2; i < ic->nterms; i++) {
		if (!term_holds(s, &ic->terms[i])) {
			swap_terms(ic, 1, i);
			watch(s, &ic->terms[1], ic);
			return true;
		}
	}
	return false;
}

/* All terms but perhaps the first hold. @return the incompatibility if that one does too. */
static struct cenv_incompat *act_on_last(struct cenv_solver *s, struct cenv_incompat *ic)
{
	if (term_fails(s, &ic->terms[0]))
		return NULL;
	if (term_holds(s, &ic->terms[0]))
		return ic;
	derive(s, &ic->terms[0], ic);
	return NULL;
}

/* The variable's term, which is watched, holds. @return true to go on watching it. */
static bool visit(struct cenv_solver *s, uint32_t var, struct cenv_incompat *ic,
		  struct cenv_incompat **conflict)
{
	if (ic->terms[0].var == var)
		swap_terms(ic, 0, 1);
	if (term_fails(s, &ic->terms[0]))
		return true;
	if (watch_another(s, ic))
		return false;
	*conflict = act_on_last(s, ic);
	return true;
}

/* Most sets are a word, and this is where the search spends its time. */
static inline bool is_within(const struct variable *v, const union cenv_bits *set)
{
	if (v->nw == 1)
		return !(v->domain.one & ~set->one);
	return cenv_bits_subset(&v->domain, set, v->nw);
}

static struct cenv_incompat *visit_watchers(struct cenv_solver *s, uint32_t var)
{
	/* watching another term moves that variable's list, never this one's */
	struct variable *v = &s->vars[var];
	struct cenv_incompat *conflict = NULL;
	size_t kept, i = 0, n = v->nwatchers;

	while (i < n && conflict == NULL) {
		if (is_within(v, &v->watchers[i].set) &&
		    !visit(s, var, v->watchers[i].ic, &conflict))
			break;
		i++;
	}
	if (i == n || conflict)
		return conflict;
	/* one is gone: those behind it move up */
	for (kept = i++; i < n; i++) {
		struct watcher w = v->watchers[i];

		if (conflict || !is_within(v, &w.set) || visit(s, var, w.ic, &conflict))
			v->watchers[kept++] = w;
	}
	v->nwatchers = kept;
	return conflict;
}

static void note_if_late(struct cenv_solver *s, struct cenv_incompat *ic, uint32_t open)
{
	uint32_t counts = 0;

	for (uint32_t i = 0; i < ic->nterms; i++) {
		int32_t at = i == open ? -1
				       : find_satisfier(s, ic->terms[i].var, &ic->terms[i].set);

		if (at >= 0 && s->trail[at].level > counts)
			counts = s->trail[at].level;
	}
	if (counts < s->level) {
		CENV_GROW(s->late, s->nlate, s->late_cap);
		s->late[s->nlate++] = (struct late_incompat){ic, s->level, counts};
	}
}

static struct cenv_incompat *act_on_pending(struct cenv_solver *s, struct cenv_incompat *ic)
{
	uint32_t holding = 0, open = 0;

	if (!ic->nterms)
		return ic;
	if (ic->nterms == 1) {
		if (term_holds(s, &ic->terms[0]))
			return ic;
		add_fact(s, ic);
		return NULL;
	}
	for (uint32_t i = 0; i < ic->nterms; i++) {
		if (term_holds(s, &ic->terms[i]))
			holding++;
		else if (term_fails(s, &ic->terms[i]))
			return NULL;
		else
			open = i;
	}
	if (holding == ic->nterms)
		return ic;
	if (holding + 1 == ic->nterms) {
		note_if_late(s, ic, open);
		derive(s, &ic->terms[open], ic);
	}
	return NULL;
}

static struct cenv_incompat *visit_dirty(struct cenv_solver *s)
{
	uint32_t var = s->dirty[--s->ndirty];
	struct cenv_incompat *conflict = visit_watchers(s, var);

	/* backtracking leaves a fact in place: its other consequences are still due */
	if (conflict)
		make_dirty(s, var);
	return conflict;
}

static struct cenv_incompat *find_conflict(struct cenv_solver *s)
{
	struct cenv_incompat *conflict = NULL;

	while (!conflict) {
		if (s->npending)
			conflict = act_on_pending(s, s->pending[--s->npending]);
		else if (s->ndirty)
			conflict = visit_dirty(s);
		else if (s->propagated < s->ntrail)
			conflict = visit_watchers(s, s->trail[s->propagated++].var);
		else
			break;
	}
	return conflict;
}

/* Conflicts. */

/* Add a term to the conflict: both must hold when the variable is there already. */
static void conflict_and(struct cenv_solver *s, uint32_t var, const union cenv_bits *set)
{
	struct variable *v = &s->vars[var];
	struct conflict_term *t;

	if (v->mark) {
		t = &s->terms[v->mark - 1];
		cenv_bits_and(&t->set, set, v->nw);
	} else {
		CENV_GROW(s->terms, s->nterms, s->terms_cap);
		t = &s->terms[s->nterms++];
		v->mark = (uint32_t)s->nterms;
		t->var = var;
		t->set = cenv_bits_new(s->arena, v->nw);
		cenv_bits_copy(&t->set, set, v->nw);
	}
	t->satisfier = find_satisfier(s, var, &t->set);
}

static void conflict_drop(struct cenv_solver *s, size_t i)
{
	s->vars[s->terms[i].var].mark = 0;
	s->terms[i] = s->terms[--s->nterms];
	if (i < s->nterms)
		s->vars[s->terms[i].var].mark = (uint32_t)i + 1;
}

static void conflict_clear(struct cenv_solver *s)
{
	while (s->nterms)
		conflict_drop(s, s->nterms - 1);
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

static const struct cenv_term *term_of(const struct cenv_incompat *ic, uint32_t var)
{
	uint32_t i = 0;

	while (ic->terms[i].var != var)
		i++;
	return &ic->terms[i];
}

/* The fact that completes those which keep the variable within the set. */
static struct cenv_incompat *find_fact(struct cenv_solver *s, const struct conflict_term *t)
{
	struct variable *v = &s->vars[t->var];
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
static uint32_t level_below(const struct cenv_solver *s, const struct conflict_term *t)
{
	const struct assignment *a = &s->trail[t->satisfier];
	const struct variable *v = &s->vars[t->var];
	const union cenv_bits *cut;

	if (!a->cause)
		return 0;
	/* before the satisfier, the variable was within set or within what the cause forbids */
	cut = &term_of(a->cause, t->var)->set;
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
	struct conflict_term *t = &s->terms[i];
	struct variable *v = &s->vars[t->var];
	uint32_t var = t->var;

	cenv_bits_or(&t->set, &term_of(cause, var)->set, v->nw);
	if (cenv_bits_subset(&v->all, &t->set, v->nw))
		conflict_drop(s, i);
	else
		t->satisfier = find_satisfier(s, var, &t->set);
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

static void blame_terms(struct cenv_solver *s)
{
	s->nconflicts++;
	for (size_t i = 0; i < s->nterms; i++)
		s->vars[s->terms[i].var].conflicts++;
}

/*
 * All terms of `conflict` hold: go back from each conclusion to its reasons
 * until one decision alone is to blame, and learn that. The incompatibility
 * that is returned has no terms (there is no solution), or it is the learned
 * one and the solver has jumped back to where it says something new.
 */
static struct cenv_incompat *analyze(struct cenv_solver *s, struct cenv_incompat *conflict)
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

			if (!s->trail[at].cause || back < s->trail[at].level) {
				blame_terms(s);
				if (changed && !s->record)
					learned = conflict_store(s, NULL, NULL);
				conflict_clear(s);
				backtrack(s, back);
				return learned;
			}
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

void cenv_solver_again(struct cenv_solver *s, struct cenv_incompat *ic)
{
	unwatch(s, ic);
	cenv_solver_add(s, ic);
}

struct cenv_incompat *cenv_solver_propagate(struct cenv_solver *s)
{
	struct cenv_incompat *conflict;

	while ((conflict = find_conflict(s))) {
		struct cenv_incompat *learned = analyze(s, conflict);

		if (!learned->nterms)
			return learned;
		/* of one term, and thus not watched: it is still to become a fact */
		if (conflict->nterms == 1 && learned != conflict)
			make_pending(s, conflict);
		if (learned == conflict)
			cenv_solver_again(s, learned);
		else
			cenv_solver_add(s, learned);
	}
	return NULL;
}

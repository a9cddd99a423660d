/* SPDX-License-Identifier: MIT */
#include "core/solver.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/solver_state.h"

struct cenv_solver *cenv_solver_new(struct cenv_arena *arena, bool record)
{
	struct cenv_solver *s = cenv_xcalloc(1, sizeof(*s));

	s->arena = arena;
	s->record = record;
	s->next_restart = CENV_SOLVER_PATIENCE;
	s->bump = CENV_SOLVER_BUMP;
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
	cenv_lessons_release(s);
	free(s);
}

uint32_t cenv_solver_var(struct cenv_solver *s, size_t nvalues, enum cenv_var_class class)
{
	struct cenv_variable *v;

	CENV_GROW(s->vars, s->nvars, s->vars_cap);
	v = &s->vars[s->nvars];
	*v = (struct cenv_variable){
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

static bool is_required(const struct cenv_variable *v)
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
	return s->nconflicts < CENV_SOLVER_PATIENCE ? -1 : s->vars[var].saved;
}

uint32_t cenv_solver_tries(const struct cenv_solver *s, uint32_t var)
{
	return s->vars[var].tries;
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
	const struct cenv_variable *v = &s->vars[t->var];

	return cenv_bits_subset(&v->domain, &t->set, v->nw);
}

static bool term_fails(const struct cenv_solver *s, const struct cenv_term *t)
{
	const struct cenv_variable *v = &s->vars[t->var];

	return cenv_bits_disjoint(&v->domain, &t->set, v->nw);
}

int32_t cenv_solver_satisfier(const struct cenv_solver *s, uint32_t var, const union cenv_bits *set)
{
	const struct cenv_variable *v = &s->vars[var];
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
	struct cenv_variable *v = &s->vars[t->var];

	CENV_GROW(v->watchers, v->nwatchers, v->watchers_cap);
	v->watchers[v->nwatchers++] = (struct cenv_watcher){t->set, ic};
}

static void unwatch(struct cenv_solver *s, const struct cenv_incompat *ic)
{
	for (uint32_t place = 0; place < 2 && ic->nterms > 1; place++) {
		struct cenv_variable *v = &s->vars[ic->terms[place].var];
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
	return term_holds(s, t) ? cenv_solver_satisfier(s, t->var, &t->set) : INT64_MAX;
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
		const struct cenv_variable *v = &s->vars[ic->terms[i].var];

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

static union cenv_bits new_domain(struct cenv_solver *s, struct cenv_variable *v)
{
	union cenv_bits b;

	if (v->nw == 1 || !v->spare)
		return cenv_bits_new(s->arena, v->nw);
	b.many = v->spare;
	v->spare = (uint64_t *)(uintptr_t)b.many[0];
	return b;
}

static void recycle_domain(struct cenv_variable *v, union cenv_bits domain)
{
	if (v->nw == 1)
		return;
	domain.many[0] = (uint64_t)(uintptr_t)v->spare;
	v->spare = domain.many;
}

/* Record that the variable's domain has become what v->domain now holds. */
static void push_step(struct cenv_solver *s, uint32_t var, struct cenv_incompat *cause)
{
	struct cenv_variable *v = &s->vars[var];
	struct cenv_assignment *a;

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
	struct cenv_variable *v = &s->vars[t->var];

	cenv_bits_minus(&v->domain, &t->set, v->nw);
	push_step(s, t->var, cause);
}

void cenv_solver_decide(struct cenv_solver *s, uint32_t var, size_t value)
{
	struct cenv_variable *v = &s->vars[var];

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
	struct cenv_assignment *a = &s->trail[--s->ntrail];
	struct cenv_variable *v = &s->vars[a->var];

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

void cenv_solver_backtrack(struct cenv_solver *s, uint32_t level)
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
	struct cenv_variable *v = &s->vars[var];

	CENV_GROW(v->facts, v->nfacts, v->facts_cap);
	v->facts[v->nfacts++] = ic;
	cenv_bits_minus(&v->base, &ic->terms[0].set, v->nw);
	cenv_bits_minus(&v->domain, &ic->terms[0].set, v->nw);
	for (int32_t at = v->last; at >= 0; at = s->trail[at].prev)
		cenv_bits_minus(&s->trail[at].domain, &ic->terms[0].set, v->nw);
	make_dirty(s, var);
	if (s->level) {
		CENV_GROW(s->late_facts, s->nlate_facts, s->late_facts_cap);
		s->late_facts[s->nlate_facts++] = (struct cenv_late_fact){var, s->level};
	}
	if (is_required(v) && v->value < 0)
		cenv_solver_push(s, var);
}

/* Propagation: each incompatibility of two terms or more is watched through its first two. */

/* A watched term now holds: watch another instead. False when all others hold. */
static bool watch_another(struct cenv_solver *s, struct cenv_incompat *ic)
{
	/* from where one was found before: the first ones mostly hold still */
	uint32_t n = ic->nterms, at = ic->at < 2 || ic->at >= n ? 2 : ic->at;

	for (uint32_t looked = 2; looked < n; looked++) {
		if (!term_holds(s, &ic->terms[at])) {
			swap_terms(ic, 1, at);
			watch(s, &ic->terms[1], ic);
			ic->at = at;
			return true;
		}
		if (++at == n)
			at = 2;
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
static inline bool is_within(const struct cenv_variable *v, const union cenv_bits *set)
{
	if (v->nw == 1)
		return !(v->domain.one & ~set->one);
	return cenv_bits_subset(&v->domain, set, v->nw);
}

static struct cenv_incompat *visit_watchers(struct cenv_solver *s, uint32_t var)
{
	/* watching another term moves that variable's list, never this one's */
	struct cenv_variable *v = &s->vars[var];
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
		struct cenv_watcher w = v->watchers[i];

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
				       : cenv_solver_satisfier(s, ic->terms[i].var, &ic->terms[i].set);

		if (at >= 0 && s->trail[at].level > counts)
			counts = s->trail[at].level;
	}
	if (counts < s->level) {
		CENV_GROW(s->late, s->nlate, s->late_cap);
		s->late[s->nlate++] = (struct cenv_late_incompat){ic, s->level, counts};
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

void cenv_solver_again(struct cenv_solver *s, struct cenv_incompat *ic)
{
	unwatch(s, ic);
	cenv_solver_add(s, ic);
}

struct cenv_incompat *cenv_solver_propagate(struct cenv_solver *s)
{
	struct cenv_incompat *conflict;

	while ((conflict = find_conflict(s))) {
		struct cenv_incompat *learned = cenv_solver_analyze(s, conflict);

		if (!learned->nterms)
			return learned;
		/* of one term, and thus not watched: it is still to become a fact */
		if (conflict->nterms == 1 && learned != conflict)
			make_pending(s, conflict);
		if (learned == conflict)
			cenv_solver_again(s, learned);
		else
			cenv_solver_add(s, learned);
		if (s->nconflicts >= s->next_restart)
			cenv_solver_restart(s);
	}
	return NULL;
}

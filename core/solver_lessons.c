/* SPDX-License-Identifier: MIT */
/*
 * What was learned, as long as it helps. Each lesson is another thing to look at, and a long search
 * learns thousands: the half that is of least use goes when there are too many. Which that is, is
 * told by the number of levels in them ("literal block distance": Audemard and Simon, 2009).
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/solver_state.h"

/* So many are kept at first, and more with each time that some were forgotten. Those of so few
 * levels stay. */
enum { LESSONS = 2000, MORE = 200, FEW_LEVELS = 2 };

static uint32_t count_levels(struct cenv_solver *s)
{
	struct cenv_level_marks *marks = &s->marks;
	uint32_t n = 0;

	if (marks->n <= s->level) {
		size_t old = marks->n;

		marks->n = 2 * (size_t)s->level + 2;
		marks->v = cenv_xreallocarray(marks->v, marks->n, sizeof(*marks->v));
		memset(marks->v + old, 0, (marks->n - old) * sizeof(*marks->v));
	}
	marks->mark++;
	for (size_t i = 0; i < s->nterms; i++) {
		int32_t at = s->terms[i].satisfier;
		uint32_t level = at < 0 ? 0 : s->trail[at].level;

		n += marks->v[level] != marks->mark;
		marks->v[level] = marks->mark;
	}
	return n;
}

/* The conflict's terms, with the words of their sets behind them. */
static struct cenv_incompat *copy_conflict(const struct cenv_solver *s)
{
	struct cenv_incompat *ic;
	uint64_t *room;
	size_t words = 0;

	for (size_t i = 0; i < s->nterms; i++)
		words += s->vars[s->terms[i].var].nw;
	ic = cenv_xcalloc(1,
			  sizeof(*ic) + s->nterms * sizeof(ic->terms[0]) + words * sizeof(*room));
	ic->cause = CENV_CAUSE_DERIVED;
	ic->asker = ic->condition = ic->target = CENV_VAR_NONE;
	room = (uint64_t *)(void *)&ic->terms[s->nterms];
	for (size_t i = 0; i < s->nterms; i++) {
		struct cenv_term *t = &ic->terms[ic->nterms++];
		unsigned nw = s->vars[s->terms[i].var].nw;

		t->var = s->terms[i].var;
		if (nw > 1)
			t->set.many = room;
		cenv_bits_copy(&t->set, &s->terms[i].set, nw);
		room += nw;
	}
	return ic;
}

struct cenv_incompat *cenv_lessons_add(struct cenv_solver *s)
{
	struct cenv_lesson *lesson;

	CENV_GROW(s->lessons, s->nlessons, s->lessons_cap);
	lesson = &s->lessons[s->nlessons++];
	lesson->ic = copy_conflict(s);
	lesson->levels = count_levels(s);
	lesson->number = (uint32_t)s->nconflicts;
	return lesson->ic;
}

void cenv_lessons_release(struct cenv_solver *s)
{
	for (size_t i = 0; i < s->nlessons; i++)
		free(s->lessons[i].ic);
	free(s->lessons);
	free(s->marks.v);
}

/* Of the same levels the longer ones, then the older ones go first. */
static int compare_use(const void *a, const void *b)
{
	const struct cenv_lesson *x = a, *y = b;
	int cmp = (y->levels > x->levels) - (y->levels < x->levels);

	if (!cmp)
		cmp = (y->ic->nterms > x->ic->nterms) - (y->ic->nterms < x->ic->nterms);
	return cmp ? cmp : (x->number > y->number) - (x->number < y->number);
}

/* What a step, or something still to be done, refers to cannot go. */
static void mark_busy(struct cenv_solver *s, bool busy)
{
	for (size_t i = 0; i < s->ntrail; i++)
		if (s->trail[i].cause)
			s->trail[i].cause->is_busy = busy;
	for (size_t i = 0; i < s->npending; i++)
		s->pending[i]->is_busy = busy;
	for (size_t i = 0; i < s->nlate; i++)
		s->late[i].ic->is_busy = busy;
}

static void unwatch_forgotten(struct cenv_variable *v)
{
	size_t kept = 0;

	for (size_t i = 0; i < v->nwatchers; i++)
		if (!v->watchers[i].ic->is_forgotten)
			v->watchers[kept++] = v->watchers[i];
	v->nwatchers = kept;
}

void cenv_lessons_forget(struct cenv_solver *s)
{
	size_t kept = 0, half = s->nlessons / 2;

	if (s->nlessons < LESSONS + s->nforgotten * MORE)
		return;
	s->nforgotten++;
	qsort(s->lessons, s->nlessons, sizeof(*s->lessons), compare_use);
	mark_busy(s, true);
	for (size_t i = 0; i < half; i++)
		s->lessons[i].ic->is_forgotten = !s->lessons[i].ic->is_busy &&
						 s->lessons[i].ic->nterms > 1 &&
						 s->lessons[i].levels > FEW_LEVELS;
	mark_busy(s, false);
	for (size_t i = 0; i < s->nvars; i++)
		unwatch_forgotten(&s->vars[i]);
	for (size_t i = 0; i < s->nlessons; i++) {
		if (s->lessons[i].ic->is_forgotten)
			free(s->lessons[i].ic);
		else
			s->lessons[kept++] = s->lessons[i];
	}
	s->nlessons = kept;
}

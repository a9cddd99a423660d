/* SPDX-License-Identifier: MIT */
#include "core/base/mem.h"
#include "core/solver_state.h"

/* The queue of variables to decide: a binary heap of keys, smallest first. A
 * key is never taken out when it goes stale; whoever pops it looks. */

/* Activities are told apart by so many bits, down to a thousandth of what a conflict adds. */
#define ACTIVE_MAX (((uint64_t)1 << 28) - 1)
enum { ACTIVE_SHIFT = 24 };

static uint64_t heap_key(const struct cenv_solver *s, uint32_t var)
{
	const struct cenv_variable *v = &s->vars[var];
	uint64_t class = v->class;
	uint64_t trouble = 0;

	/* no choice left: decide it now, what it needs narrows the others */
	if (v->class == CENV_VAR_PACKAGE && cenv_bits_count(&v->domain, v->nw) == 1)
		class = 0;
	if (s->nrestarts) {
		uint64_t active = v->activity >> ACTIVE_SHIFT;

		return class << 60 | (ACTIVE_MAX - (active < ACTIVE_MAX ? active : ACTIVE_MAX)) << 32 |
		       var;
	}
	/* what often takes part in conflicts is decided earlier; in powers of
	 * two, so that the order found first stays while there is little trouble */
	while (v->conflicts >> (trouble + 2) && trouble < 20)
		trouble++;
	return class << 60 | (63 - trouble) << 32 | var;
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

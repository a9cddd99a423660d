/* SPDX-License-Identifier: MIT */
/* A search that began badly is better begun again, with what was learned, than brought to its end.
 */
#include "core/solver_state.h"

/* The first attempts have so many conflicts. */
enum { CONFLICTS = 256 };

/* 1 1 2 1 1 2 4 1 1 2 1 1 2 4 8 ...: Luby, Sinclair and Zuckerman, 1993. @param i from 1 */
static size_t luby(size_t i)
{
	size_t power = 1; /* the first part of so many minus one that has the i-th in it */

	while (power - 1 < i)
		power *= 2;
	return i == power - 1 ? power / 2 : luby(i - (power / 2 - 1));
}

void cenv_solver_restart(struct cenv_solver *s)
{
	s->next_restart = s->nconflicts + luby(++s->nrestarts) * CONFLICTS;
	cenv_solver_backtrack(s, 0);
	if (!s->record)
		cenv_lessons_forget(s);
	/* in the order of what gives trouble now */
	s->nheap = 0;
	for (uint32_t var = 0; var < s->nvars; var++)
		if (s->vars[var].value < 0)
			cenv_solver_push(s, var);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/resolver_state.h"
#include "tests/lib/resolve_text.h"

/*
 * Universes that take hundreds or thousands of conflicts: what is learned in them is shortened, and
 * forgotten, and the search begins again. Where a solution is planted, one must be found; where
 * there is none, the search must end. Conflicts are counted, not seconds.
 */

enum { DEPS = 3, ROOTS = 5, CONFLICTS_MAX = 10000 };

struct need {
	unsigned target, low, high;
};

struct hard {
	unsigned packages, versions;
	unsigned *good;	    /* of each package, from 1; NULL: nothing is planted */
	struct need *needs; /* see needs_of() */
	uint64_t random;
};

static unsigned below(struct hard *h, unsigned n)
{
	h->random = h->random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(h->random >> 33) % n;
}

static struct need *needs_of(const struct hard *h, unsigned package, unsigned version)
{
	return &h->needs[((size_t)package * h->versions + version - 1) * DEPS];
}

/* Close to the asker's own version, above it, below it, or exactly that one. */
static struct need some_need(struct hard *h, unsigned version)
{
	unsigned target = below(h, h->packages), at = version + below(h, 5);
	unsigned kind = below(h, 4);

	at = at < 3 ? 1 : at - 2 > h->versions ? h->versions : at - 2;
	return (struct need){target, kind == 1 ? 1 : at, kind == 0 || kind == 3 ? h->versions : at};
}

static bool allows(const struct need *need, unsigned version)
{
	return need->low <= version && version <= need->high;
}

static void make(struct hard *h, unsigned seed, unsigned packages, unsigned versions, bool planted)
{
	*h = (struct hard){.packages = packages, .versions = versions, .random = seed};
	h->needs = cenv_xcalloc((size_t)packages * versions * DEPS, sizeof(*h->needs));
	h->good = planted ? cenv_xcalloc(packages, sizeof(*h->good)) : NULL;
	for (unsigned p = 0; planted && p < packages; p++)
		h->good[p] = 1 + below(h, versions);
	for (unsigned p = 0; p < packages; p++)
		for (unsigned v = 1; v <= versions; v++)
			for (unsigned i = 0; i < DEPS; i++) {
				struct need *need = &needs_of(h, p, v)[i];

				do
					*need = some_need(h, v);
				while (need->target == p || (planted && h->good[p] == v &&
							     !allows(need, h->good[need->target])));
			}
}

static void print(const struct hard *h, struct text_universe *u)
{
	text_universe_init(u);
	for (unsigned p = 0; p < h->packages; p++)
		for (unsigned v = h->versions; v >= 1; v--) {
			const struct need *needs = needs_of(h, p, v);
			char name[16], version[16], deps[DEPS * 48];
			int len = 0;

			for (unsigned i = 0; i < DEPS; i++)
				len += snprintf(deps + len, sizeof(deps) - (size_t)len,
						"%sp%u>=%u,<=%u", i ? "; " : "", needs[i].target,
						needs[i].low, needs[i].high);
			snprintf(name, sizeof(name), "p%u", p);
			snprintf(version, sizeof(version), "%u", v);
			text_universe_add(u, name, version, NULL, deps);
		}
	for (unsigned p = 0; p < ROOTS; p++) {
		char line[32];

		snprintf(line, sizeof(line), "ask p%u", p);
		assert_true(text_universe_line(u, line));
	}
	u->request.roots = u->roots.v;
	u->request.nroots = u->roots.n;
}

/* The version that was chosen, or 0. */
static unsigned chosen(const struct cenv_resolution *res, unsigned package)
{
	char name[16];

	snprintf(name, sizeof(name), "p%u", package);
	for (size_t i = 0; i < res->n; i++)
		if (!strcmp(res->packages[i].key, name))
			return (unsigned)atoi(res->packages[i].candidate->version);
	return 0;
}

static void assert_valid(const struct hard *h, const struct cenv_resolution *res)
{
	for (unsigned p = 0; p < ROOTS; p++)
		assert_true(chosen(res, p));
	for (unsigned p = 0; p < h->packages; p++) {
		unsigned version = chosen(res, p);

		for (unsigned i = 0; version && i < DEPS; i++) {
			const struct need *need = &needs_of(h, p, version)[i];

			assert_true(allows(need, chosen(res, need->target)));
		}
	}
}

/* @return has it a solution? */
static bool try(unsigned seed, unsigned packages, unsigned versions, bool planted)
{
	struct hard h;
	struct text_universe u;
	struct cenv_resolution *res = NULL;
	struct cenv_err err = CENV_ERR_INIT;
	int rc;

	make(&h, seed, packages, versions, planted);
	print(&h, &u);
	rc = cenv_resolver_try(&res, &u.request, &u.provider, CONFLICTS_MAX, &err);
	if (rc < 0)
		fail_msg("seed %u, %u packages of %u versions: %s", seed, packages, versions,
			 err.msg);
	if (planted && rc)
		fail_msg("seed %u, %u packages of %u versions: the solution was not found", seed,
			 packages, versions);
	if (rc == 0)
		assert_valid(&h, res);
	cenv_resolution_free(res);
	text_universe_release(&u);
	free(h.needs);
	free(h.good);
	return rc == 0;
}

static void a_planted_solution_is_found(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 3; seed++)
		try(seed, 300, 12, true);
	try(1, 1200, 12, true); /* after so many conflicts that some lessons were forgotten */
	try(4, 1200, 12, true);
	for (unsigned seed = 1; seed <= 3; seed++)
		try(seed, 40, 70, true); /* sets of two words */
	try(1, 12, 600, true);		 /* of ten */
}

static void a_search_without_a_solution_ends(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 4; seed++)
		assert_false(try(seed, 150, 20, false));
	assert_false(try(5, 300, 20, false));
	assert_false(try(7, 300, 20, false));
}

/* The search for an explanation neither shortens nor forgets what it learns. */
static void both_searches_agree(void **state)
{
	struct hard h;
	struct text_universe u;
	struct cenv_buf out = CENV_BUF_INIT;

	(void)state;
	make(&h, 4, 150, 20, false);
	print(&h, &u);
	assert_int_equal(text_universe_resolve(&u, &out), CENV_E_UNSAT);
	cenv_buf_release(&out);
	text_universe_release(&u);
	free(h.needs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_planted_solution_is_found),
		cmocka_unit_test(a_search_without_a_solution_ends),
		cmocka_unit_test(both_searches_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

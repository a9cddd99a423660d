/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/lib/random_universe.h"

/* Small universes solved twice: by the resolver, and by trying everything. */

enum { SEEDS = 6000, SECONDS = 12 };

static void check_seed(unsigned seed, unsigned *solvable)
{
	struct ru_model m;
	struct text_universe u;
	struct cenv_buf text = CENV_BUF_INIT, first = CENV_BUF_INIT, second = CENV_BUF_INIT;
	enum cenv_code code;
	bool expected, ok;

	ru_make(&m, seed);
	text_universe_init(&u);
	ru_print(&m, &u, &text);
	expected = ru_solve(&m);
	*solvable += expected;
	code = text_universe_resolve(&u, &first);
	ok = expected ? code == CENV_OK : code == CENV_E_UNSAT;
	if (ok && expected)
		ok = ru_accepts(&m, first.buf);
	text_universe_shuffle(&u, seed + 1);
	text_universe_resolve(&u, &second);
	if (!ok || strcmp(first.buf, second.buf) != 0)
		fail_msg("seed %u: solvable: %s\n%s--\n%s-- shuffled:\n%s", seed,
			 expected ? "yes" : "no", text.buf, first.buf, second.buf);
	text_universe_release(&u);
	cenv_buf_release(&text);
	cenv_buf_release(&first);
	cenv_buf_release(&second);
}

static void the_resolver_agrees_with_trying_everything(void **state)
{
	time_t end = time(NULL) + SECONDS;
	unsigned solvable = 0, seed = 0;

	(void)state;
	while (seed < SEEDS && time(NULL) < end)
		check_seed(++seed, &solvable);
	print_message("%u universes, %u with a solution\n", seed, solvable);
	assert_true(seed >= 1000);
	assert_true(solvable > seed / 10 && solvable < seed - seed / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_resolver_agrees_with_trying_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

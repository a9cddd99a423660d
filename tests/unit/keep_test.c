/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/keep/gc.h"

/* What gc chooses, from a made-up store: one letter a thing, upper case when it goes. */

#define NOW ((time_t)1000000000)
#define DAY ((time_t)24 * 60 * 60)

static struct cenv_kept kept[] = {
	{.kind = CENV_KEPT_OBJECT, .bytes = 100, .used = NOW - 40 * DAY},                  /* a */
	{.kind = CENV_KEPT_OBJECT, .bytes = 100, .used = NOW - 40 * DAY, .in_use = true},  /* b */
	{.kind = CENV_KEPT_OBJECT, .bytes = 100, .used = NOW - 10 * DAY},                  /* c */
	{.kind = CENV_KEPT_OBJECT, .bytes = 100, .used = NOW},                             /* d */
	{.kind = CENV_KEPT_SOURCE, .bytes = 50, .used = NOW - 50 * DAY},                   /* e */
	{.kind = CENV_KEPT_SOURCE, .bytes = 50, .used = NOW},                              /* f */
	{.kind = CENV_KEPT_LOG, .bytes = 10, .used = NOW - 31 * DAY},                      /* g */
	{.kind = CENV_KEPT_LOG, .bytes = 10, .used = NOW},                                 /* h */
	{.kind = CENV_KEPT_BUILD, .bytes = 10, .used = NOW},                               /* i */
	{.kind = CENV_KEPT_TMP, .bytes = 10, .used = NOW},                                 /* j */
	{.kind = CENV_KEPT_TMP, .bytes = 10, .used = NOW - 2 * DAY},                       /* k */
	{.kind = CENV_KEPT_COPY, .bytes = 10, .used = NOW - 90 * DAY},                     /* l */
};

enum { N = sizeof(kept) / sizeof(*kept) };

static void gc_takes_what_is_old_unused_or_left_over(void **state)
{
	static const struct {
		const char *what;
		struct cenv_gc_options options;
		bool alone;
		const char *chosen;
	} cases[] = {
		{"by default what is older than thirty days", {0}, true, "AbcdEfGhIJKl"},
		{"by age", {.has_age = true, .days = 5}, true, "AbCdEfGhIJKl"},
		{"of any age", {.has_age = true, .days = 0}, true, "AbCDEFGHIJKl"},
		{"of no age", {.has_age = true, .days = 100}, true, "abcdefghIJKl"},
		{"by size, not by age", {.has_max = true, .max_bytes = 500}, true, "abcdefGhIJKl"},
		{"by size the oldest first", {.has_max = true, .max_bytes = 499}, true, "abcdEfGhIJKl"},
		{"by size until it is small enough", {.has_max = true, .max_bytes = 250}, true,
		 "AbCdEfGhIJKl"},
		{"by size as far as can be", {.has_max = true, .max_bytes = 0}, true, "AbCDEFGhIJKl"},
		{"by age, then by size",
		 {.has_age = true, .days = 45, .has_max = true, .max_bytes = 350}, true,
		 "AbcdEfghIJKl"},
		{"everything", {.all = true}, true, "ABCDEFGHIJKL"},
		{"beside others what may be theirs stays", {.has_age = true, .days = 0}, false,
		 "AbCDEfGHIjKl"},
		{"beside others by size", {.has_max = true, .max_bytes = 0}, false, "AbCDEfGhIjKl"},
		{"everything beside others", {.all = true}, false, "ABCDEfGHIjKL"},
	};
	const struct cenv_kept_list list = {kept, N, N};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[N + 1] = "";
		bool chosen[N];

		cenv_gc_choose(chosen, &list, &cases[i].options, cases[i].alone, NOW);
		for (size_t j = 0; j < N; j++)
			text[j] = (char)((chosen[j] ? 'A' : 'a') + j);
		if (strcmp(text, cases[i].chosen) != 0)
			fail_msg("%s: %s, not %s", cases[i].what, text, cases[i].chosen);
	}
}

static void gc_of_an_empty_store_ends(void **state)
{
	const struct cenv_gc_options options = {.has_max = true};
	const struct cenv_kept_list list = {0};
	bool chosen = false;

	(void)state;
	cenv_gc_choose(&chosen, &list, &options, true, NOW);
	assert_false(chosen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gc_takes_what_is_old_unused_or_left_over),
		cmocka_unit_test(gc_of_an_empty_store_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/version.h"

static void check_order(const char *a, const char *b, int expected)
{
	if (cenv_version_cmp(a, b) != expected || cenv_version_cmp(b, a) != -expected)
		fail_msg("'%s' against '%s': %d and %d, expected %d", a, b, cenv_version_cmp(a, b),
			 cenv_version_cmp(b, a), expected);
}

static void lower_versions_sort_first(void **state)
{
	static const char *const pairs[][2] = {
		/* numbers */
		{"0.9", "0.10"}, {"1.9.9", "1.10"}, {"9.99.99", "10"}, {"1", "1.1"}, {"1.1", "1.1.1"},
		{"1.2.99", "1.3"}, {"20231231", "20240101"}, {"1.0.1", "20240101"},
		{"1.08", "1.9"}, {"1.0", "1.0.0.0.1"}, {"2020-09-06", "2020-11-08"},
		{"18446744073709551615", "18446744073709551616"},
		{"340282366920938463463374607431768211455", "340282366920938463463374607431768211456"},
		/* a letter behind the number is a later release */
		{"1.1.1", "1.1.1a"}, {"1.1.1a", "1.1.1w"}, {"9d", "9e"}, {"9", "9d"}, {"9e", "10"},
		{"1.1.1w", "1.1.2"}, {"0.15.1", "0.15.1b"}, {"0.21.5b", "0.21.6"}, {"6b", "8d"},
		{"1.0.1", "1.0a"}, {"1.0", "1.0a.1"}, {"1.0", "1.0a-1"}, {"0.9.8y", "0.9.8za"},
		{"1.3", "1.3dfsg"},
		/* a letter with a number behind it is a pre-release */
		{"1.0a1", "1.0"}, {"1.0b2", "1.0"}, {"1.0a2", "1.0b1"}, {"1.0a9", "1.0a10"},
		{"2.3.3op2", "2.3.3"}, {"1.4p5", "1.4"},
		/* so are words of their own */
		{"1.0-rc1", "1.0"}, {"1.0rc", "1.0"}, {"1.0-rc1", "1.0-rc2"}, {"1.0-rc2", "1.0-rc10"},
		{"1.0-alpha", "1.0-beta"}, {"1.0-beta", "1.0-pre1"}, {"1.0-beta9", "1.0-rc1"},
		{"1.0alpha1", "1.0"}, {"1.0alpha-1", "1.0"}, {"0.9", "1.0alpha-1"}, {"30pre9", "30"},
		{"1.0prerelease-1", "1.0"}, {"1.0~alpha1", "1.0"}, {"2.1.13-stable", "2.1.13"},
		{"2.1.12", "2.1.13-stable"}, {"1.3.dfsg", "1.3"}, {"1.0.dev3", "1.0"}, {"1.0.a", "1.0"},
		{"1.a", "1.0"}, {"a", "0"}, {"", "1"}, {"1.0.a", "1.0.b"},
		{"3.0.dfsg", "3.0.1"}, {"1.0custom1", "1.0"}, {"1.0", "1.0custom"},
		/* and some words are patches */
		{"1.0", "1.0patch1"}, {"1.0patch1", "1.0.1"}, {"1.0", "1.0pl2"},
		{"1.0.patch.1", "1.0.1"}, {"1.0", "1.0.post1"}, {"1.0", "1.0posthumous3"},
		{"1.0", "1.0patchset2"}, {"1.0", "1.0errata1"}, {"1.0patch1", "1.0patch2"},
		{"1.0rc1", "1.0post1"}, {"1.0", "1.0patch"}, {"1.0", "1.0.patch0"},
		{"1.0errata1", "1.0patch1"}, {"1.0patch9", "1.0a"},
		/* keywords are whole words */
		{"1.0", "1.0alphabet"}, {"1.0", "1.0rcx"},
		/* epochs and Debian's additions are components like others */
		{"1:1.0", "2:0.5"}, {"1.3", "1.3+1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		check_order(pairs[i][0], pairs[i][1], -1);
}

static void spellings_of_one_version_are_equal(void **state)
{
	static const char *const pairs[][2] = {
		{"1", "1.0"}, {"1.0", "1.0.0.0.0.0"}, {"", "0"}, {"", "."}, {"0", "000000"},
		{"00100.00100", "100.100"}, {"1.001", "1.1"}, {"1_2~3", "1.2.3"}, {"1.2.3", "1,2:3"},
		{"..1....2..3..", "1.2.3"}, {"0_4_0", "0.4"}, {"3-4-0", "3.4.0"},
		{"1.0alpha1", "1.0.alpha1"}, {"1.0alpha1", "1.0alpha.1"}, {"1.0alpha1", "1.0.alpha.1"},
		{"1.0a1", "1.0alpha1"}, {"1.0beta3", "1.0.b3"}, {"1.0RC1", "1.0-rc1"},
		{"a", "ALPHA"}, {"1.0p1", "1.0pre1"}, {"1.0A", "1.0a"}, {"1.0patch1", "1.0.PATCH.1"},
		{"0.9.8za", "0.9.8zb"}, {"hello.world", "hello.world"}, {"1.0\xc3\xa4" "2", "1.0.2"},
		{"2026-06-04", "2026.6.4"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		check_order(pairs[i][0], pairs[i][1], 0);
}

static char *digits(size_t n, char first, char rest)
{
	char *s = malloc(n + 1);

	assert_non_null(s);
	memset(s, rest, n);
	s[0] = first;
	s[n] = '\0';
	return s;
}

static void numbers_of_any_length_compare(void **state)
{
	char *low = digits(1000, '8', '9'), *high = digits(1000, '9', '0');
	char *longer = digits(1001, '1', '0'), *zeros = digits(1000, '0', '0');

	(void)state;
	check_order(low, high, -1);
	check_order(high, longer, -1);
	check_order(zeros, "0", 0);
	check_order(zeros, "1", -1);
	free(low);
	free(high);
	free(longer);
	free(zeros);
}

/* Versions of up to five pieces, drawn by a fixed seed. */
static void make_version(char *out, size_t size, uint32_t *seed)
{
	static const char *const pieces[] = {"0", "1", "2", "10", "01", "a", "b", "rc", "alpha", "w",
					     "patch", "post", "pre", "stable", ".", "-", ".", "p"};
	size_t len = 0;

	*out = '\0';
	for (unsigned n = 1 + (*seed >> 16) % 5; n; n--) {
		*seed = *seed * 1664525 + 1013904223;
		len += (size_t)snprintf(out + len, size - len, "%s",
					pieces[(*seed >> 16) % (sizeof(pieces) / sizeof(*pieces))]);
	}
	*seed = *seed * 1664525 + 1013904223;
}

static void order_is_total(void **state)
{
	enum { N = 160 };
	static char versions[N][64];
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < N; i++)
		make_version(versions[i], sizeof(versions[i]), &seed);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(cenv_version_cmp(versions[i], versions[i]), 0);
		for (size_t j = 0; j < N; j++) {
			int ij = cenv_version_cmp(versions[i], versions[j]);

			check_order(versions[i], versions[j], ij);
			for (size_t k = 0; k < N; k++) {
				int jk = cenv_version_cmp(versions[j], versions[k]);

				if (ij <= 0 && jk <= 0 &&
				    cenv_version_cmp(versions[i], versions[k]) !=
					    (ij < 0 || jk < 0 ? -1 : 0))
					fail_msg("'%s' '%s' '%s'", versions[i], versions[j],
						 versions[k]);
			}
		}
	}
}

static void prereleases_are_told_from_releases(void **state)
{
	static const char *const pre[] = {
		"1.0-rc1", "1.0rc", "1.0alpha1", "1.0-beta", "30pre9", "1.0-preview2", "2.0.dev4",
		"3.0-devel", "1.2-SNAPSHOT", "1.0a1", "1.0.B2", "2.1.0~beta3+git20220320", "1.0-RC.2",
	};
	static const char *const released[] = {
		"1.0", "1.1.1w", "9d", "1.0a", "1.0b.1", "2.1.13-stable", "3.0.dfsg", "1.0patch1",
		"1.4p5", "2.3.3op2", "2.4.0-f2", "20240101", "0.164.3095+gitbaee400", "1.0alphabet",
		"", "1.3+dfsg+really1.3.2",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pre) / sizeof(*pre); i++)
		if (!cenv_version_is_prerelease(pre[i]))
			fail_msg("'%s' is a pre-release", pre[i]);
	for (size_t i = 0; i < sizeof(released) / sizeof(*released); i++)
		if (cenv_version_is_prerelease(released[i]))
			fail_msg("'%s' is a release", released[i]);
}

static void only_plain_versions_are_valid(void **state)
{
	static const char *const bad[] = {"", "-1", ".1", "1 0", "1/2", "1\n", "1*", "1;", "1\xff", "~1"};
	char *limit = digits(128, '1', '2'), *over = digits(129, '1', '2');

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (cenv_version_valid(bad[i]))
			fail_msg("'%s' is no version", bad[i]);
	assert_true(cenv_version_valid("1:2.0~rc1+dfsg-3_4"));
	assert_true(cenv_version_valid("r61"));
	assert_true(cenv_version_valid(limit));
	assert_false(cenv_version_valid(over));
	free(limit);
	free(over);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lower_versions_sort_first),
		cmocka_unit_test(spellings_of_one_version_are_equal),
		cmocka_unit_test(numbers_of_any_length_compare),
		cmocka_unit_test(order_is_total),
		cmocka_unit_test(prereleases_are_told_from_releases),
		cmocka_unit_test(only_plain_versions_are_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/map.h"
#include "core/base/size.h"
#include "core/base/str.h"
#include "core/base/strv.h"

static void every_code_has_its_exit_status(void **state)
{
	static const struct {
		enum cenv_code code;
		int status;
	} rows[] = {
		{CENV_OK, 0},          {CENV_E_FAIL, 1},      {CENV_E_NO, 1},
		{CENV_E_IO, 1},        {CENV_E_USAGE, 2},     {CENV_E_SYNTAX, 2},
		{CENV_E_UNSAT, 3},     {CENV_E_NOTFOUND, 3},  {CENV_E_NETWORK, 4},
		{CENV_E_INTEGRITY, 4}, {CENV_E_BUILD, 5},     {CENV_E_NOENV, 6},
		{CENV_E_INTERRUPT, 130},
	};

	(void)state;
	assert_int_equal(sizeof(rows) / sizeof(*rows), CENV_E_COUNT);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(cenv_exit_status(rows[i].code), rows[i].status);
}

static void an_error_keeps_its_code_through_wraps(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	assert_int_equal(cenv_err_set(&err, CENV_E_INTEGRITY, "member '%s'", "../x"), -1);
	cenv_err_wrap(&err, "cannot unpack '%s'", "zlib");
	cenv_err_detail(&err, "one");
	cenv_err_detail(&err, "two\n");
	assert_int_equal(err.code, CENV_E_INTEGRITY);
	assert_string_equal(err.msg, "cannot unpack 'zlib': member '../x'");
	assert_string_equal(err.detail, "one\ntwo\n");
	cenv_err_release(&err);
	assert_null(err.msg);
}

static void names_compare_as_pep_503_says(void **state)
{
	static const char *const rows[][2] = {
		{"libPNG", "libpng"}, {"a_b", "a-b"}, {"a.-_b", "a-b"}, {"c-ares", "c-ares"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *key = cenv_name_normalize(rows[i][0]);

		assert_string_equal(key, rows[i][1]);
		free(key);
	}
	assert_true(cenv_name_valid("gtk+", 4));
	assert_false(cenv_name_valid("-x", 2));
	assert_false(cenv_name_valid("x.", 2));
	assert_false(cenv_name_valid("a b", 3));
	assert_false(cenv_name_valid("", 0));
}

static void globs_match_whole_words(void **state)
{
	static const struct {
		const char *pattern, *text;
		int match;
	} rows[] = {
		{"lib*", "libpng", 1},  {"lib*", "zlib", 0},       {"*", "", 1},
		{"?z*", "xz", 1},       {"[a-c]x", "bx", 1},       {"[!a-c]x", "bx", 0},
		{"*png*", "libpng", 1}, {"*a*a*a*b", "aaaaaa", 0}, {"[", "[", 1},
		{"[]]", "]", 1},        {"lz4", "lz4", 1},         {"lz", "lz4", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(cenv_glob_match(rows[i].pattern, rows[i].text), rows[i].match);
}

static void misspelt_words_find_their_neighbours(void **state)
{
	static const char *const known[] = {"zlib", "libpng", "sqlite3", "curl", "lz4"};
	const char *near[3];

	(void)state;
	assert_int_equal(cenv_suggest("zilb", known, 5, near, 3), 1);
	assert_string_equal(near[0], "zlib");
	assert_int_equal(cenv_suggest("png", known, 5, near, 3), 1);
	assert_string_equal(near[0], "libpng");
	assert_int_equal(cenv_suggest("completely-other", known, 5, near, 3), 0);
}

static void shell_quoting_survives_anything(void **state)
{
	struct cenv_buf out = CENV_BUF_INIT;

	(void)state;
	cenv_shell_quote(&out, "a b'c");
	assert_string_equal(out.buf, "'a b'\\''c'");
	cenv_buf_reset(&out);
	cenv_shell_quote(&out, "");
	assert_string_equal(out.buf, "''");
	cenv_buf_reset(&out);
	cenv_shell_quote(&out, "/usr/bin/cc");
	assert_string_equal(out.buf, "/usr/bin/cc");
	cenv_buf_release(&out);
}

static void escapes_never_reach_a_terminal(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"plain", "plain"},
		{"\x1b[31m", "\\x1b[31m"},
		{"a\nb", "a\\x0ab"},
		{"h\xc3\xa9", "h\xc3\xa9"},
		{"\xc2\x9b"
		 "31m",
		 "\\xc2\\x9b31m"},
		{"\xff", "\\xff"},
		{"\xe2\x80\xae", "\\xe2\\x80\\xae"},
		{"\x7f", "\\x7f"},
		{"\xc0\xaf", "\\xc0\\xaf"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cenv_buf out = CENV_BUF_INIT;

		cenv_escape(&out, rows[i].in, strlen(rows[i].in), false);
		assert_string_equal(out.buf, rows[i].out);
		cenv_buf_release(&out);
	}
}

static void a_map_keeps_what_was_put(void **state)
{
	struct cenv_map map = {0};
	char key[16];

	(void)state;
	for (size_t i = 1; i <= 1000; i++) {
		snprintf(key, sizeof(key), "k%zu", i);
		assert_null(cenv_map_put(&map, key, (void *)(uintptr_t)i));
	}
	for (size_t i = 1; i <= 1000; i += 2) {
		snprintf(key, sizeof(key), "k%zu", i);
		assert_int_equal((uintptr_t)cenv_map_remove(&map, key), i);
	}
	for (size_t i = 1; i <= 1000; i++) {
		snprintf(key, sizeof(key), "k%zu", i);
		assert_int_equal((uintptr_t)cenv_map_get(&map, key), i % 2 ? 0 : i);
	}
	assert_int_equal((uintptr_t)cenv_map_put(&map, "k2", (void *)(uintptr_t)7), 2);
	cenv_map_release(&map, NULL);
}

static void sizes_have_the_units_that_people_write(void **state)
{
	static const struct {
		const char *text;
		bool valid;
		unsigned long long bytes;
	} cases[] = {
		{"0", true, 0},
		{"1500", true, 1500},
		{"1B", true, 1},
		{"2k", true, 2000},
		{"2kB", true, 2000},
		{"2KiB", true, 2048},
		{"500M", true, 500000000},
		{"5GB", true, 5000000000},
		{"1GiB", true, 1073741824},
		{"3t", true, 3000000000000},
		{"18446744073709551615", true, 18446744073709551615ULL},
		{"18446744073709551616", false, 0},
		{"99999999T", false, 0},
		{"", false, 0},
		{"G", false, 0},
		{"-1", false, 0},
		{"+1", false, 0},
		{" 1", false, 0},
		{"1 G", false, 0},
		{"1.5G", false, 0},
		{"1GG", false, 0},
		{"1i", false, 0},
		{"1iB", false, 0},
		{"1x", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned long long bytes = 7;

		if (cenv_size_parse(&bytes, cases[i].text) != cases[i].valid)
			fail_msg("'%s'", cases[i].text);
		assert_true(bytes == (cases[i].valid ? cases[i].bytes : 7));
	}
}

static void string_lists_sort_and_join(void **state)
{
	struct cenv_strv sv = {0};
	char *joined;

	(void)state;
	cenv_strv_add(&sv, "b");
	cenv_strv_add(&sv, "a");
	cenv_strv_addf(&sv, "%s", "b");
	cenv_strv_sort_unique(&sv);
	joined = cenv_strv_join(&sv, ", ");
	assert_string_equal(joined, "a, b");
	assert_true(cenv_strv_has(&sv, "a"));
	assert_null(sv.v[sv.n]);
	free(joined);
	cenv_strv_release(&sv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_its_exit_status),
		cmocka_unit_test(an_error_keeps_its_code_through_wraps),
		cmocka_unit_test(names_compare_as_pep_503_says),
		cmocka_unit_test(globs_match_whole_words),
		cmocka_unit_test(misspelt_words_find_their_neighbours),
		cmocka_unit_test(shell_quoting_survives_anything),
		cmocka_unit_test(escapes_never_reach_a_terminal),
		cmocka_unit_test(a_map_keeps_what_was_put),
		cmocka_unit_test(sizes_have_the_units_that_people_write),
		cmocka_unit_test(string_lists_sort_and_join),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

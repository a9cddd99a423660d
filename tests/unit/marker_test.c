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
#include "core/marker.h"

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

static const struct cenv_marker_env machine = {
	.target_system = "Linux",
	.target_machine = "x86_64",
	.target_libc = "glibc",
	.compiler = "gcc 12.2.0",
	.platform_system = "Linux",
	.platform_machine = "aarch64",
};

static void malformed_markers_say_where(void **state)
{
	static const struct {
		const char *text;
		size_t pos;
		const char *msg;
	} rows[] = {
		{"", 0, "expected a marker variable or a quoted text"},
		{"'a'", 3, "expected an operator: == != <= >= < > ~= === in, not in"},
		{"compiler = 'a'", 9, "expected an operator: == != <= >= < > ~= === in, not in"},
		{"compiler == ", 12, "expected a marker variable or a quoted text"},
		{"compiler == 'a", 12, "this quote is never closed"},
		{"compiler == 'a\"", 12, "this quote is never closed"},
		{"compiler not 'a'", 13, "expected 'in' after 'not'"},
		{"compiler == 'a' and", 19, "expected a marker variable or a quoted text"},
		{"compiler == 'a' xor 'b'", 16, "expected 'and' or 'or'"},
		{"(compiler == 'a'", 0, "this '(' is never closed"},
		{"(compiler == 'a' 'b')", 17, "expected 'and', 'or' or ')'"},
		{"compiler == 'a')", 15, "expected 'and' or 'or'"},
		{"()", 1, "expected a marker variable or a quoted text"},
		{"compiler == gcc", 12,
		 "unknown marker variable 'gcc': target_system, target_machine, target_libc, "
		 "compiler, platform_system and platform_machine are known"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct cenv_marker *marker;
		struct cenv_err err = CENV_ERR_INIT;
		size_t pos = 99;

		assert_int_equal(cenv_marker_parse(&marker, rows[i].text, strlen(rows[i].text), &pos,
						   &err), -1);
		if (strcmp(err.msg, rows[i].msg) || pos != rows[i].pos)
			fail_msg("'%s': at %zu: %s", rows[i].text, pos, err.msg);
		assert_int_equal(err.code, CENV_E_SYNTAX);
		assert_null(marker);
		cenv_err_release(&err);
	}
}

static bool holds(const char *text)
{
	struct cenv_marker *marker;
	struct cenv_err err = CENV_ERR_INIT;
	bool result;

	if (cenv_marker_parse(&marker, text, strlen(text), NULL, &err) < 0)
		fail_msg("'%s': %s", text, err.msg);
	result = cenv_marker_eval(marker, &machine);
	cenv_marker_free(marker);
	return result;
}

static void markers_hold_as_they_read(void **state)
{
	static const char *const yes[] = {
		"target_system == 'Linux'", "target_system != \"Darwin\"", "'Linux' == target_system",
		"target_libc in 'glibc musl'", "'lib' in target_libc", "target_libc not in 'musl'",
		"target_machine != platform_machine", "target_system == platform_system",
		"compiler >= '12'", "compiler < '12.10'", "compiler == '12.2.0'", "compiler == '12.2'",
		"compiler == '12.*'", "compiler != '13.*'", "compiler ~= '12.1'", "'11' < compiler",
		"compiler == 'gcc'", "compiler != 'clang'", "compiler == 'gcc 12.2.0'",
		"'gcc' in compiler", "target_system === 'Linux'", "'1.10' > '1.9'", "'1.0' == '1.0.0'",
		"'a10' < 'a9'", "'2.0-rc1' < '2.0'",
		"compiler == 'x' or compiler == 'y' or compiler == 'gcc'",
		"compiler == 'gcc' or compiler == 'x' and compiler == 'y'",
		"compiler=='gcc'and target_libc=='glibc'",
		"(((target_libc == 'musl') or (compiler >= '12')))",
		"  target_system\t==\t'Linux'  ",
	};
	static const char *const no[] = {
		"target_system == 'linux'", "target_system != 'Linux'", "target_libc in 'musl'",
		"compiler < '12'", "compiler >= '12.10'", "compiler == 'clang'", "compiler == '11.*'",
		"compiler == 'gcc 12'", "target_system ~= 'Linux'", "compiler ~= '11.1'",
		"(compiler == 'gcc' or compiler == 'x') and compiler == 'y'",
		"compiler == 'x' and compiler == 'y' or compiler == 'z'", "'1.9' > '1.10'",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(yes); i++)
		if (!holds(yes[i]))
			fail_msg("%s does not hold", yes[i]);
	for (size_t i = 0; i < LENGTH(no); i++)
		if (holds(no[i]))
			fail_msg("%s holds", no[i]);
}

/* "((( ... ))) and ..." with n parentheses: the deepest that the stack of truth values sees. */
static int parse_nested(int n, bool *result, struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_marker *marker;
	int ret;

	for (int i = 0; i < n; i++)
		cenv_buf_adds(&text, "compiler == 'x' or compiler == 'gcc' and (");
	cenv_buf_adds(&text, "compiler == 'x' or compiler == 'gcc' and compiler == 'gcc'");
	for (int i = 0; i < n; i++)
		cenv_buf_addc(&text, ')');
	ret = cenv_marker_parse(&marker, text.buf, text.len, NULL, err);
	if (ret == 0)
		*result = cenv_marker_eval(marker, &machine);
	cenv_marker_free(marker);
	cenv_buf_release(&text);
	return ret;
}

static void depth_and_length_are_bounded(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_marker *marker;
	bool result = false;

	(void)state;
	assert_int_equal(parse_nested(32, &result, &err), 0);
	assert_true(result);
	assert_int_equal(parse_nested(33, &result, &err), -1);
	assert_string_equal(err.msg, "parentheses nested deeper than 32");
	for (int i = 0; i < 100; i++) /* groups side by side are not deep */
		cenv_buf_adds(&text, i ? " and (compiler == 'gcc')" : "(compiler == 'gcc')");
	assert_true(holds(text.buf));
	cenv_buf_reset(&text);
	for (int i = 0; i < 100000; i++)
		cenv_buf_adds(&text, "(");
	assert_int_equal(cenv_marker_parse(&marker, text.buf, text.len, NULL, &err), -1);
	cenv_buf_reset(&text);
	for (int i = 0; i < 10000; i++)
		cenv_buf_adds(&text, "compiler == 'x' or ");
	assert_int_equal(cenv_marker_parse(&marker, text.buf, text.len, NULL, &err), -1);
	assert_string_equal(err.msg, "a marker with more than 1024 parts");
	cenv_err_release(&err);
	cenv_buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_markers_say_where),
		cmocka_unit_test(markers_hold_as_they_read),
		cmocka_unit_test(depth_and_length_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

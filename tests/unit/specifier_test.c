/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/specifier.h"

static struct cenv_specifier parse(const char *text)
{
	struct cenv_specifier spec;
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_specifier_parse(&spec, text, strlen(text), NULL, &err) < 0)
		fail_msg("'%s': %s", text, err.msg);
	return spec;
}

static void malformed_specifiers_say_where(void **state)
{
	static const struct {
		const char *text, *msg;
		size_t pos;
	} rows[] = {
		{"=1.3", "'=' is no operator: write '=='", 0},
		{">=", "a version is missing after '>='", 2},
		{">=1.0,", "a version specifier is missing", 6},
		{">=1.0,,<2", "expected one of == != <= >= < > ~= === before the version", 6},
		{">=1.0 <2", "a comma is missing between two specifiers", 6},
		{">=1.0 beta", "unexpected text after the version", 6},
		{"1.0", "expected one of == != <= >= < > ~= === before the version", 0},
		{"==*", "a version is missing after '=='", 2},
		{"==1*", "unexpected text after the version", 3},
		{"==1.*.2", "unexpected text after the version", 5},
		{">=1.*", "'.*' goes with == and != only, not with >=", 2},
		{"===1.*", "'.*' goes with == and != only, not with ===", 3},
		{"~=1", "~= needs at least two numbers, as in ~=1.0", 2},
		{"~=1rc1", "~= needs at least two numbers, as in ~=1rc1.0", 2},
		{"==-1", "a version starts with a letter or a digit", 2},
		{"==1.0$", "unexpected text after the version", 5},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cenv_specifier spec;
		struct cenv_err err = CENV_ERR_INIT;
		size_t pos = 99;

		assert_int_equal(cenv_specifier_parse(&spec, rows[i].text, strlen(rows[i].text),
						      &pos, &err), -1);
		assert_int_equal(err.code, CENV_E_SYNTAX);
		assert_string_equal(err.msg, rows[i].msg);
		assert_int_equal(pos, rows[i].pos);
		assert_int_equal(spec.n, 0);
		cenv_err_release(&err);
	}
}

static void no_more_clauses_than_the_limit(void **state)
{
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_specifier spec;
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	for (int i = 0; i < 100000; i++)
		cenv_buf_adds(&text, ">1,");
	assert_int_equal(cenv_specifier_parse(&spec, text.buf, text.len, NULL, &err), -1);
	assert_string_equal(err.msg, "more than 64 version specifiers");
	cenv_err_release(&err);
	cenv_buf_release(&text);
}

static void clauses_decide_as_they_read(void **state)
{
	static const struct {
		const char *spec, *matching, *others;
	} rows[] = {
		{"", "0 1 1.0-rc1 abc", ""},
		{"==1.0", "1.0 1 1.0.0 01.0", "1.0.1 1.0a 1.0-rc1 1.0post1"},
		{"!=1.0", "1.0.1 0.9 1.0a", "1 1.0 1.0.0"},
		{">=1.6,<2", "1.6 1.6.1 1.99 1.6a", "1.5.9 2 2.0.1 1.6-rc1"},
		{">1.1.1", "1.1.1a 1.1.2 1.1.1post1", "1.1.1 1.1 1.1.1-rc1"},
		{"<=9d", "9d 9c 9", "9e 10"},
		{"~=2.2", "2.2 2.3 2.99.1", "2.1 3.0 3 2.2-rc1"},
		{"~=1.4.5", "1.4.5 1.4.6 1.4.5a 1.4.99", "1.4.4 1.5 1.5.0 2"},
		{"~=2.2post3", "2.2post3 2.3 2.2.1", "2.2 2.2post2 3.0"},
		{"~=1.1.1k", "1.1.1k 1.1.1w 1.1.9a", "1.1.1 1.1.1a 1.2"},
		{"~=1.4.5rc1", "1.4.5rc1 1.4.5 1.4.6", "1.5 1.4.4"},
		{"~=2020.9.6", "2020-09-06 2020.9.30", "2020-11-08 2021.9.6"},
		{"==1.6.*", "1.6 1.6.0 1.6.58 1.6-rc1 1.6a 1.06.3", "1.60 1.5 1.7 2.6"},
		{"==1.*", "1 1.0 1.99", "10 2 0.1"},
		{"==1.0.*", "1 1.0 1.0.5", "1.1"},
		{"!=1.6.*", "1.60 1.5 1.7", "1.6 1.6.1"},
		{"===2.0rc1", "2.0rc1", "2.0-rc1 2.0RC1 2.0"},
		{" >= 1.0 , != 1.5 ", "1.0 1.6", "1.5 0.9 1.5.0"},
		{"==1:1.2~rc1+b-3", "1:1.2~rc1+b-3", "1.2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cenv_specifier spec = parse(rows[i].spec);

		for (int want = 0; want < 2; want++) {
			char list[256], *save = NULL;

			snprintf(list, sizeof(list), "%s", want ? rows[i].matching : rows[i].others);
			for (char *v = strtok_r(list, " ", &save); v; v = strtok_r(NULL, " ", &save))
				if (cenv_specifier_match(&spec, v) != (want == 1))
					fail_msg("'%s' and '%s': expected %d", rows[i].spec, v, want);
		}
		cenv_specifier_release(&spec);
	}
}

static void prereleases_are_named_by_any_clause_but_not_equal(void **state)
{
	static const struct {
		const char *spec;
		bool names;
	} rows[] = {
		{">=1.0", false}, {">=1.0rc1", true}, {"<2.0-beta", true}, {"!=2.0rc1", false},
		{"==1.1.1w", false}, {"~=1.4.5a1", true}, {">1,==2.0.dev1", true}, {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cenv_specifier spec = parse(rows[i].spec);

		assert_int_equal(cenv_specifier_names_prerelease(&spec), rows[i].names);
		cenv_specifier_release(&spec);
	}
}

static void a_pin_is_one_exact_clause(void **state)
{
	static const struct {
		const char *spec, *pinned;
	} rows[] = {
		{"==1.0", "1.0"}, {"===1.0rc1", "1.0rc1"}, {"==1.*", NULL}, {">=1.0", NULL},
		{"==1.0,<2", NULL}, {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cenv_specifier spec = parse(rows[i].spec);
		const char *pinned = cenv_specifier_pinned(&spec);

		assert_int_equal(pinned == NULL, rows[i].pinned == NULL);
		if (pinned)
			assert_string_equal(pinned, rows[i].pinned);
		cenv_specifier_release(&spec);
	}
}

static void the_normal_form_parses_back(void **state)
{
	static const char *const rows[] = {"", ">=1.6,<2", "==1.6.*,!=1.6.3", "~=2.1", "===2.0rc1",
					   ">0,<=9e"};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cenv_specifier spec = parse(rows[i]), copy;
		struct cenv_buf out = CENV_BUF_INIT;

		cenv_specifier_copy(&copy, &spec);
		cenv_specifier_release(&spec);
		cenv_specifier_format(&copy, &out);
		assert_string_equal(out.buf, rows[i]);
		cenv_buf_release(&out);
		cenv_specifier_release(&copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_specifiers_say_where),
		cmocka_unit_test(no_more_clauses_than_the_limit),
		cmocka_unit_test(clauses_decide_as_they_read),
		cmocka_unit_test(prereleases_are_named_by_any_clause_but_not_equal),
		cmocka_unit_test(a_pin_is_one_exact_clause),
		cmocka_unit_test(the_normal_form_parses_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

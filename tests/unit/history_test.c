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
#include "store/env/history.h"

#define RECORD(name, version)                                                                      \
	"{\"version\":1,\"package\":{\"name\":\"" name "\",\"version\":\"" version "\"}}"
#define ADDED(name, version) "{\"name\":\"" name "\",\"version\":\"" version "\"}"
#define LINE(added, removed) "{\"version\":1,\"added\":[" added "],\"removed\":[" removed "]}\n"

/* "a 1, b 2" */
static char *text_of(const struct cenv_records *records)
{
	struct cenv_buf text = CENV_BUF_INIT;

	for (size_t i = 0; i < records->n; i++)
		cenv_buf_addf(&text, "%s%s %s", i ? ", " : "", records->v[i].key,
			      records->v[i].version);
	return cenv_buf_detach(&text);
}

static void going_backwards_gives_each_state(void **state)
{
	static const char lines[] =
		LINE(ADDED("A_b", "1"), "")
		LINE(ADDED("c", "1") "," ADDED("a-b", "2"), RECORD("A.b", "1"))
		LINE("", RECORD("c", "1"))
		LINE(ADDED("b", "7"), RECORD("a-b", "2"))
		LINE(ADDED("gone", "1"), "");
	static const char *const states[] = {"", "a-b 1", "a-b 2, c 1", "a-b 2", "b 7"};
	struct cenv_records records = {0};
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_record b;
	struct cenv_history h;

	(void)state;
	assert_int_equal(cenv_record_parse(&b, RECORD("b", "7"), strlen(RECORD("b", "7")), "b", &err), 0);
	cenv_records_put(&records, &b);
	assert_int_equal(cenv_history_parse(&h, lines, sizeof(lines) - 1, "history", &err), 0);
	assert_int_equal(h.n, 5);
	/* what the last line added is not there any more: that is no reason to fail */
	for (size_t i = h.n; i-- > 0;) {
		char *text;

		cenv_history_undo(&records, &h.v[i]);
		text = text_of(&records);
		assert_string_equal(text, states[i]);
		free(text);
	}
	cenv_record_release(&b);
	cenv_history_release(&h);
	cenv_records_release(&records);
}

static void a_last_line_needs_no_newline(void **state)
{
	static const char line[] = "{\"version\":1}";
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_history h;

	(void)state;
	assert_int_equal(cenv_history_parse(&h, line, sizeof(line) - 1, "history", &err), 0);
	assert_int_equal(h.n, 1);
	assert_null(h.v[0].command);
	cenv_history_release(&h);
}

static void damaged_lines_are_named(void **state)
{
	static const char *const lines[] = {
		"\n",
		"x\n",
		"[]\n",
		"{}\n",
		"{\"version\":\"1\"}\n",
		"{\"version\":2}\n",
		"{\"version\":1,\"added\":[{}]}\n",
		"{\"version\":1,\"added\":[{\"name\":\"a\"}]}\n",
		"{\"version\":1,\"added\":[{\"name\":\"../a\",\"version\":\"1\"}]}\n",
		"{\"version\":1,\"removed\":[1]}\n",
		"{\"version\":1,\"removed\":[{\"version\":1}]}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		char *text = cenv_strf("{\"version\":1}\n%s", lines[i]);
		struct cenv_err err = CENV_ERR_INIT;
		struct cenv_history h;

		if (cenv_history_parse(&h, text, strlen(text), "history", &err) == 0)
			fail_msg("accepted: %s", lines[i]);
		assert_int_equal(err.code, CENV_E_INTEGRITY);
		assert_non_null(strstr(err.msg, "history:2"));
		assert_int_equal(h.n, 0);
		cenv_err_release(&err);
		free(text);
	}
}

static void records_that_differ_in_the_prefix_alone_are_the_same(void **state)
{
	char here[] = "/here", there[] = "/there", one[] = "1", two[] = "2", name[] = "a";
	struct cenv_record a = {.name = name, .key = name, .version = one, .prefix = here};
	struct cenv_record b = a;

	(void)state;
	b.prefix = there;
	assert_true(cenv_record_same(&a, &b));
	b.direct = true;
	assert_false(cenv_record_same(&a, &b));
	b.direct = false;
	b.version = two;
	assert_false(cenv_record_same(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(going_backwards_gives_each_state),
		cmocka_unit_test(a_last_line_needs_no_newline),
		cmocka_unit_test(damaged_lines_are_named),
		cmocka_unit_test(records_that_differ_in_the_prefix_alone_are_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

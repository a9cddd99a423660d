/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/lib/resolve_text.h"

/* Cases: tests/cases/resolve, one universe and its answer each. */

struct case_file {
	const char *path;
	struct cenv_strv shared; /* lines before the first case: every case begins with them */
	struct cenv_strv lines;  /* of the present case */
	char *name;
	struct cenv_buf expected;
	unsigned cases, failures;
};

static void load(struct text_universe *u, const struct case_file *f)
{
	text_universe_init(u);
	for (size_t i = 0; i < f->shared.n; i++)
		text_universe_line(u, f->shared.v[i]);
	for (size_t i = 0; i < f->lines.n; i++)
		text_universe_line(u, f->lines.v[i]);
}

/* The answer is the expected one, whatever the order of the input. */
static bool case_holds(const struct case_file *f, unsigned seed)
{
	struct text_universe u;
	struct cenv_buf got = CENV_BUF_INIT;
	bool ok;

	load(&u, f);
	if (seed)
		text_universe_shuffle(&u, seed);
	text_universe_resolve(&u, &got);
	ok = !strcmp(got.buf, f->expected.buf);
	if (!ok)
		print_error("%s: %s%s\nexpected:\n%sgot:\n%s\n", f->path, f->name,
			    seed ? " (shuffled)" : "", f->expected.buf, got.buf);
	cenv_buf_release(&got);
	text_universe_release(&u);
	return ok;
}

static void finish_case(struct case_file *f)
{
	if (f->name) {
		f->cases++;
		if (!case_holds(f, 0) || !case_holds(f, 1) || !case_holds(f, 77))
			f->failures++;
	}
	free(f->name);
	f->name = NULL;
	cenv_strv_release(&f->lines);
	cenv_buf_reset(&f->expected);
}

static void take_line(struct case_file *f, char *line)
{
	struct text_universe scratch;

	line[strcspn(line, "\n")] = '\0';
	if (cenv_str_starts(line, "case ")) {
		finish_case(f);
		f->name = cenv_xstrdup(line + 5);
	} else if (line[0] == '|') {
		cenv_buf_addf(&f->expected, "%s\n", line[1] == ' ' ? line + 2 : line + 1);
	} else if (*line && *line != '#') {
		text_universe_init(&scratch);
		if (!text_universe_line(&scratch, line)) {
			print_error("%s: not understood: %s\n", f->path, line);
			f->failures++;
		}
		text_universe_release(&scratch);
		cenv_strv_add(f->name ? &f->lines : &f->shared, line);
	}
}

static unsigned run_case_file(const char *path, unsigned *cases)
{
	struct case_file f = {.path = path, .expected = CENV_BUF_INIT};
	FILE *in = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;

	assert_non_null(in);
	while (getline(&line, &size, in) >= 0)
		take_line(&f, line);
	finish_case(&f);
	fclose(in);
	free(line);
	cenv_strv_release(&f.shared);
	cenv_buf_release(&f.expected);
	*cases += f.cases;
	return f.failures;
}

static void all_cases_give_the_expected_answer(void **state)
{
	DIR *dir = opendir(TEST_DATA_DIR "/cases/resolve");
	struct dirent *entry;
	unsigned failures = 0, cases = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char *path;

		if (!cenv_str_ends(entry->d_name, ".case"))
			continue;
		path = cenv_strf(TEST_DATA_DIR "/cases/resolve/%s", entry->d_name);
		failures += run_case_file(path, &cases);
		free(path);
	}
	closedir(dir);
	print_message("%u cases, %u failures\n", cases, failures);
	assert_true(cases > 0);
	assert_int_equal(failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_cases_give_the_expected_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

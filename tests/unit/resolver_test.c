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
	if (!ok) /* not by cmocka, which cuts long texts off */
		fprintf(stderr, "%s: %s%s\nexpected:\n%sgot:\n%s\n", f->path, f->name,
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
	assert_true(cases >= 120);
	assert_int_equal(failures, 0);
}

static void load_text(struct text_universe *u, const char *const *lines, size_t n)
{
	text_universe_init(u);
	for (size_t i = 0; i < n; i++)
		assert_true(text_universe_line(u, lines[i]));
}

static void an_error_of_the_index_is_passed_on(void **state)
{
	static const char *const lines[] = {"pkg a 1", "ask a"};
	struct text_universe u;
	struct cenv_buf out = CENV_BUF_INIT;

	(void)state;
	load_text(&u, lines, 2);
	u.failing = true;
	assert_int_equal(text_universe_resolve(&u, &out), CENV_E_NETWORK);
	assert_string_equal(out.buf, "the index does not answer\n");
	cenv_buf_release(&out);
	text_universe_release(&u);
}

static void add_version(struct text_universe *u, char kind, unsigned number, unsigned version,
			char target, unsigned other, const char *spec)
{
	char name[16], its[16], dep[32];

	snprintf(name, sizeof(name), "%c%u", kind, number);
	snprintf(its, sizeof(its), "%u", version);
	snprintf(dep, sizeof(dep), "%c%u%s", target, other, spec);
	text_universe_add(u, name, its, NULL, dep);
}

static void assert_summed_up(struct text_universe *u, const char *summary)
{
	struct cenv_buf out = CENV_BUF_INIT;

	assert_int_equal(text_universe_resolve(u, &out), CENV_E_UNSAT);
	if (!strstr(out.buf, summary) || out.len > 2000)
		fail_msg("not '%s', but %zu bytes: %.2000s", summary, out.len, out.buf);
	cenv_buf_release(&out);
	text_universe_release(u);
}

/* One sentence for each of a thousand needs says nothing to anybody. */
static void many_facts_are_summed_up(void **state)
{
	struct text_universe u;

	(void)state;
	text_universe_init(&u);
	for (unsigned i = 0; i < 500; i++) {
		add_version(&u, 'p', i, 1, 'p', i + 1, ">=1");
		add_version(&u, 'p', i, 2, 'p', i + 1, ">=2");
	}
	text_universe_add(&u, "p500", "1", NULL, "end>=2");
	text_universe_add(&u, "p500", "2", NULL, "end>=3");
	for (unsigned i = 1; i <= 3; i++)
		text_universe_add(&u, "end", i == 1 ? "1" : i == 2 ? "2" : "3", NULL, NULL);
	assert_true(text_universe_line(&u, "ask p0 at r.txt:1"));
	assert_true(text_universe_line(&u, "ask end<2 at r.txt:2"));
	assert_summed_up(&u, "You ask for p0 (r.txt:1).\nYou ask for end<2 (r.txt:2).\nTogether with ");
}

/* Seven pigeons and six holes: few facts, and a proof of hundreds of lines. */
static void a_long_proof_is_summed_up(void **state)
{
	struct text_universe u;
	char line[32], spec[16];

	(void)state;
	text_universe_init(&u);
	for (unsigned pigeon = 1; pigeon <= 7; pigeon++) {
		for (unsigned hole = 1; hole <= 6; hole++) {
			snprintf(spec, sizeof(spec), "==%u", pigeon);
			add_version(&u, 'p', pigeon, hole, 'h', hole, spec);
			snprintf(line, sizeof(line), "pkg h%u %u", hole, pigeon);
			assert_true(text_universe_line(&u, line));
		}
		snprintf(line, sizeof(line), "ask p%u at r.txt:%u", pigeon, pigeon);
		assert_true(text_universe_line(&u, line));
	}
	assert_summed_up(&u, "You ask for p6 (r.txt:6).\nYou ask for p7 (r.txt:7).\n"
			     "Together with 42 dependencies between packages this leaves no "
			     "solution.\n");
}

static void packages_are_asked_for_in_batches(void **state)
{
	static const char *const lines[] = {
		"pkg a 1 : c; d; e", "pkg b 1 : e; f", "pkg c 1", "pkg d 1", "pkg e 1", "pkg f 1",
		"pkg never 1",	     "ask a",	       "ask b",
	};
	struct text_universe u;
	struct cenv_buf out = CENV_BUF_INIT;

	(void)state;
	load_text(&u, lines, sizeof(lines) / sizeof(*lines));
	assert_int_equal(text_universe_resolve(&u, &out), CENV_OK);
	/* the roots; what a needs; what b needs beyond that */
	assert_int_equal(u.questions, 3);
	cenv_buf_release(&out);
	text_universe_release(&u);
}

/* More than 64 versions: sets of several words. */
static void a_package_may_have_many_versions(void **state)
{
	struct text_universe u;
	struct cenv_buf out = CENV_BUF_INIT;
	char version[16];

	(void)state;
	text_universe_init(&u);
	for (unsigned i = 1; i <= 300; i++) {
		snprintf(version, sizeof(version), "%u", i);
		text_universe_add(&u, "base", version, NULL, NULL);
		text_universe_add(&u, "app", version, NULL, i > 70 ? "base>=200" : "base>=100");
	}
	assert_true(text_universe_line(&u, "ask app>3"));
	assert_true(text_universe_line(&u, "ask base<200,!=199,!=150"));
	assert_int_equal(text_universe_resolve(&u, &out), CENV_OK);
	assert_string_equal(out.buf, "base 198\napp 70\n");
	cenv_buf_reset(&out);
	assert_true(text_universe_line(&u, "ask base<100 at r.txt:9"));
	assert_int_equal(text_universe_resolve(&u, &out), CENV_E_UNSAT);
	assert_non_null(strstr(out.buf, "base<100 (r.txt:9)"));
	cenv_buf_release(&out);
	text_universe_release(&u);
}

static void the_answer_tells_who_asked_for_what(void **state)
{
	static const char *const lines[] = {"pkg app 1 : lib>=1", "pkg lib 1", "ask app", "ask lib"};
	struct text_universe u;
	struct cenv_resolution *res = NULL;
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	load_text(&u, lines, 4);
	u.request.roots = u.roots.v;
	u.request.nroots = u.roots.n;
	assert_int_equal(cenv_resolve(&res, &u.request, &u.provider, &err), 0);
	assert_int_equal(res->n, 2);
	assert_string_equal(res->packages[0].key, "lib");
	assert_true(res->packages[0].is_root);
	assert_int_equal(res->packages[0].naskers, 2);
	assert_null(res->packages[0].askers[0].key);
	assert_string_equal(res->packages[0].askers[1].key, "app");
	assert_string_equal(res->packages[0].askers[1].req->text, "lib>=1");
	assert_int_equal(res->packages[1].ndeps, 1);
	assert_int_equal(res->packages[1].deps[0], 0);
	cenv_resolution_free(res);
	text_universe_release(&u);
}

static int interrupted(void *payload, struct cenv_err *err)
{
	(void)payload;
	return cenv_err_set(err, CENV_E_INTERRUPT, "interrupted");
}

static void a_search_can_be_interrupted(void **state)
{
	static const char *const lines[] = {"pkg lib 1", "ask lib"};
	struct cenv_resolution *res = NULL;
	struct cenv_err err = CENV_ERR_INIT;
	struct text_universe u;

	(void)state;
	load_text(&u, lines, 2);
	u.request.roots = u.roots.v;
	u.request.nroots = u.roots.n;
	u.provider.check = interrupted;
	assert_int_equal(cenv_resolve(&res, &u.request, &u.provider, &err), -1);
	assert_int_equal(err.code, CENV_E_INTERRUPT);
	assert_null(res);
	cenv_err_release(&err);
	text_universe_release(&u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_cases_give_the_expected_answer),
		cmocka_unit_test(an_error_of_the_index_is_passed_on),
		cmocka_unit_test(many_facts_are_summed_up),
		cmocka_unit_test(a_long_proof_is_summed_up),
		cmocka_unit_test(packages_are_asked_for_in_batches),
		cmocka_unit_test(a_package_may_have_many_versions),
		cmocka_unit_test(the_answer_tells_who_asked_for_what),
		cmocka_unit_test(a_search_can_be_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

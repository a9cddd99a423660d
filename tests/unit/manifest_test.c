/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/object/manifest.h"

#define H "cenv-manifest 1\n"
#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define F "f\t644\t1000\t" SHA "\t"

static void refuses_what_is_damaged_or_unsafe(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"", "line 1 "},
		{"cenv-manifest 2\n", "format 1"},
		{"cenv-manifest 1", "format 1"},
		{H "d\t755\tlib", "end is missing"},
		{H "\n", "type"},
		{H "p\t644\tfifo\n", "type"},
		{H "d\t4755\tlib\n", "mode"},
		{H "d\t855\tlib\n", "mode"},
		{H "d\n", "mode"},
		{H "d\t755\t\n", "path"},
		{H "d\t755\t/etc\n", "path"},
		{H "d\t755\t..\n", "path"},
		{H "d\t755\t.\n", "path"},
		{H "d\t755\tlib/\n", "path"},
		{H "d\t755\tlib\nd\t755\tlib//x\n", "line 3 is damaged: unsafe path"},
		{H F "lib/../../x\n", "path"},
		{H F "a\033[2J\n", "path"},
		{H "d\t755\tlib\textra\n", "too many"},
		{H F "lib/libz.so\n", "folder is not listed"},
		{H F "a\n" F "a\n", "not sorted"},
		{H F "b\n" F "a\n", "not sorted"},
		{H F "a\n" F "a/b\n", "folder is not listed"},
		{H "f\t644\t-1\t" SHA "\ta\n", "size"},
		{H "f\t644\t99999999999999999999\t" SHA "\ta\n", "size"},
		{H "f\t644\t1x\t" SHA "\ta\n", "size"},
		{H "f\t644\t1\tabcd\ta\n", "sha256"},
		{H "l\t777\ta\n", "target"},
		{H "l\t777\ta\t\n", "target"},
		{H "l\t777\ta\t/etc/passwd\n", "target"},
		{H "l\t777\ta\t../x\n", "target"},
		{H "d\t755\tlib\nl\t777\tlib/a\tx/../../../y\n", "target"},
		{H F "a\tx1\n", "relocations"},
		{H F "a\tt\n", "relocations"},
		{H F "a\tt1,\n", "relocations"},
		{H F "a\tt5,5\n", "relocations"},
		{H F "a\tb1000+1\n", "relocations"},
		{H F "a\tb1\n", "relocations"},
		{H F "a\tb1+0\n", "relocations"},
		{H F "a\tb900+101\n", "relocations"},
		{H F "a\tb1+4294967296\n", "relocations"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cenv_err err = CENV_ERR_INIT;
		struct cenv_manifest m;

		if (cenv_manifest_parse(&m, rows[i].text, strlen(rows[i].text), "x.files", &err) == 0)
			fail_msg("accepted: %s", rows[i].text);
		assert_int_equal(err.code, CENV_E_INTEGRITY);
		if (!strstr(err.msg, rows[i].why) || !strstr(err.msg, "'x.files'"))
			fail_msg("row %zu: %s", i, err.msg);
		assert_null(m.entries);
		cenv_err_release(&err);
	}
}

static void a_nul_byte_does_not_hide_the_rest(void **state)
{
	static const char text[] = H F "a\0b\n";
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_manifest m;

	(void)state;
	assert_int_equal(cenv_manifest_parse(&m, text, sizeof(text) - 1, "x", &err), -1);
	cenv_err_release(&err);
}

static const char whole[] = H "d\t755\tbin\n"
			      F "bin/with space\n"
			      "d\t755\tlib\n"
			      "d\t755\tlib-x\n"
			      F "lib-x/y\n"
			      F "lib/a \xc3\xa9\tt0,300,999\n"
			      F "lib/b\tb8+400,500+500\n"
			      "l\t777\tlib/c\t../bin/with space\n"
			      "d\t755\tlib/pkgconfig\n"
			      F "lib/pkgconfig/z.pc\n"
			      F "lib/z\n";

static void what_is_read_is_written_again(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_buf out = CENV_BUF_INIT;
	const struct cenv_manifest_entry *e;
	struct cenv_manifest m;

	(void)state;
	if (cenv_manifest_parse(&m, whole, strlen(whole), "x", &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(m.n, 11);
	e = cenv_manifest_find(&m, "lib/b");
	assert_non_null(e);
	assert_int_equal(e->type, 'f');
	assert_int_equal(e->mode, 0644);
	assert_int_equal(e->size, 1000);
	assert_string_equal(e->sha256, SHA);
	assert_int_equal(e->reloc_kind, CENV_RELOC_BINARY);
	assert_int_equal(e->nrelocs, 2);
	assert_int_equal(e->relocs[1].offset, 500);
	assert_int_equal(e->relocs[1].length, 500);
	assert_string_equal(cenv_manifest_find(&m, "lib/c")->target, "../bin/with space");
	assert_null(cenv_manifest_find(&m, "lib/bb"));
	cenv_manifest_format(&m, &out);
	assert_string_equal(out.buf, whole);
	cenv_buf_release(&out);
	cenv_manifest_release(&m);
}

static void sorting_puts_folders_before_their_contents(void **state)
{
	static const char *const paths[] = {"lib/z", "lib", "lib-x/y", "lib-x", "bin"};
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_buf out = CENV_BUF_INIT;
	struct cenv_manifest m = {0}, again;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct cenv_manifest_entry *e = cenv_manifest_add(&m);

		e->type = 'd';
		e->mode = 0755;
		e->path = strdup(paths[i]);
	}
	cenv_manifest_sort(&m);
	cenv_manifest_format(&m, &out);
	if (cenv_manifest_parse(&again, out.buf, out.len, "x", &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(again.n, m.n);
	cenv_buf_release(&out);
	cenv_manifest_release(&m);
	cenv_manifest_release(&again);
}

/* Every prefix of a good manifest, and every byte of it changed, is either refused or harmless. */
static void no_truncation_or_changed_byte_crashes(void **state)
{
	char text[sizeof(whole)];

	(void)state;
	for (size_t i = 0; i < sizeof(whole) - 1; i++) {
		static const char changes[] = {'\0', '\n', '\t', '/', '9', '+'};
		struct cenv_err err = CENV_ERR_INIT;
		struct cenv_manifest m;

		cenv_manifest_parse(&m, whole, i, "x", &err);
		cenv_err_release(&err);
		cenv_manifest_release(&m);
		for (size_t j = 0; j < sizeof(changes); j++) {
			memcpy(text, whole, sizeof(whole));
			text[i] = changes[j];
			cenv_manifest_parse(&m, text, sizeof(whole) - 1, "x", &err);
			cenv_err_release(&err);
			cenv_manifest_release(&m);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_what_is_damaged_or_unsafe),
		cmocka_unit_test(a_nul_byte_does_not_hide_the_rest),
		cmocka_unit_test(what_is_read_is_written_again),
		cmocka_unit_test(sorting_puts_folders_before_their_contents),
		cmocka_unit_test(no_truncation_or_changed_byte_crashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

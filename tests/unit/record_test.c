/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "store/env/record.h"
#include "store/fs/fs.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void refuses_damaged_records(void **state)
{
	static const struct {
		const char *json, *why;
	} rows[] = {
		{"", "not JSON"},
		{"{", "not JSON"},
		{"[]", "not JSON"},
		{"null", "not JSON"},
		{"{}", "format version 1"},
		{"{\"version\": 2}", "format version 1"},
		{"{\"version\": \"1\"}", "format version 1"},
		{"{\"version\": 1}", "'package.name'"},
		{"{\"version\": 1, \"package\": \"zlib\"}", "'package.name'"},
		{"{\"version\": 1, \"package\": {\"name\": 7}}", "'package.name'"},
		{"{\"version\": 1, \"package\": {\"name\": \"zlib\"}}", "'package.version'"},
		{"{\"version\": 1, \"package\": {\"name\": \"../x\", \"version\": \"1\"}}",
		 "'package.name'"},
		{"{\"version\": 1, \"package\": {\"name\": \"z\", \"version\": \"1\\n2\"}}",
		 "'package.version'"},
		{"{\"version\": 1, \"package\": {\"name\": \"z\", \"version\": \"1 2\"}}",
		 "'package.version'"},
		{"{\"version\": 1, \"package\": {\"name\": \"z\", \"version\": \"1\"}, "
		 "\"source\": {\"sha256\": \"abc\"}}",
		 "'source.sha256'"},
		{"{\"version\": 1, \"package\": {\"name\": \"z\", \"version\": \"1\"}, "
		 "\"build\": {\"object\": \"../../x\"}}",
		 "'build.object'"},
		{"{\"version\": 1, \"package\": {\"name\": \"z\", \"version\": \"1\"}, "
		 "\"build\": {\"features\": \"x\"}}",
		 "'build.features'"},
		{"{\"version\": 1, \"package\": {\"name\": \"z\", \"version\": \"1\"}, "
		 "\"install\": {\"deps\": [1]}}",
		 "'install.deps'"},
		{"{\"version\": 1, \"package\": {\"name\": \"z\", \"version\": \"1\"}, "
		 "\"install\": {\"direct\": \"yes\"}}",
		 "'install.direct'"},
		{"{\"version\": 1, \"package\": {\"name\": \"z\", \"version\": \"1\"}, "
		 "\"install\": {\"prefix\": \"env\"}}",
		 "'install.prefix'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cenv_err err = CENV_ERR_INIT;
		struct cenv_record r;

		if (cenv_record_parse(&r, rows[i].json, strlen(rows[i].json), "/e/z.json", &err) == 0)
			fail_msg("accepted: %s", rows[i].json);
		assert_int_equal(err.code, CENV_E_INTEGRITY);
		if (!strstr(err.msg, rows[i].why) || !strstr(err.msg, "'/e/z.json'"))
			fail_msg("row %zu: %s", i, err.msg);
		assert_non_null(err.hint);
		cenv_err_release(&err);
	}
}

static void fill(struct cenv_record *r, const char *name)
{
	*r = (struct cenv_record){
		.name = cenv_xstrdup(name),
		.key = cenv_xstrdup(name),
		.version = cenv_xstrdup("1.3.1"),
		.summary = cenv_xstrdup("a \"quoted\" caf\xc3\xa9"),
		.url = cenv_xstrdup("https://example.org/z.tar.gz"),
		.sha256 = cenv_xstrdup(SHA),
		.object = cenv_xstrdup(SHA),
		.direct = true,
	};
	cenv_strv_add(&r->features, "http2");
	cenv_strv_add(&r->features_off, "ldap");
	cenv_strv_add(&r->options, "--disable-nls");
	cenv_strv_add(&r->requires, "libfoo>=1,<2 ; compiler == \"gcc\"");
	cenv_strv_add(&r->deps, "libfoo");
}

static void what_is_written_reads_back_the_same(void **state)
{
	struct cenv_buf first = CENV_BUF_INIT, second = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_record r, copy, again;

	(void)state;
	fill(&r, "zlib");
	cenv_record_copy(&copy, &r);
	cenv_record_format(&copy, &first);
	if (cenv_record_parse(&again, first.buf, first.len, "x", &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(again.key, "zlib");
	assert_string_equal(again.summary, r.summary);
	assert_null(again.license);
	assert_null(again.prefix);
	assert_true(again.direct);
	assert_false(again.editable);
	assert_string_equal(again.requires.v[0], r.requires.v[0]);
	cenv_record_format(&again, &second);
	assert_string_equal(first.buf, second.buf);
	cenv_buf_release(&first);
	cenv_buf_release(&second);
	cenv_record_release(&r);
	cenv_record_release(&copy);
	cenv_record_release(&again);
}

static void truncated_records_are_refused(void **state)
{
	struct cenv_buf json = CENV_BUF_INIT;
	struct cenv_record r;

	(void)state;
	fill(&r, "zlib");
	cenv_record_format(&r, &json);
	cenv_record_release(&r);
	for (size_t len = 0; len + 2 < json.len; len++) {
		struct cenv_err err = CENV_ERR_INIT;

		assert_int_equal(cenv_record_parse(&r, json.buf, len, "x", &err), -1);
		assert_int_equal(err.code, CENV_E_INTEGRITY);
		cenv_err_release(&err);
	}
	cenv_buf_release(&json);
}

/* ---- an environment's records ---- */

static char dir[] = "/tmp/cenv-record-XXXXXX";
static struct cenv_env env;

static int make_env(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	env.path = dir;
	env.fd = cenv_fs_open_dir(AT_FDCWD, dir, &err);
	return env.fd < 0 ? -1 : 0;
}

static int drop_env(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	close(env.fd);
	return cenv_fs_remove_tree(AT_FDCWD, dir, &err);
}

static void put(const char *file, const char *name)
{
	struct cenv_buf json = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_record r;

	fill(&r, name);
	cenv_record_format(&r, &json);
	assert_int_equal(cenv_fs_mkdirs(env.fd, "lib/cenv", 0755, &err), 0);
	assert_int_equal(cenv_fs_write(env.fd, file, json.buf, json.len, 0644, 0, &err), 0);
	cenv_record_release(&r);
	cenv_buf_release(&json);
}

static void no_folder_means_no_packages(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_records records;

	(void)state;
	assert_int_equal(cenv_records_read(&records, &env, &err), 0);
	assert_int_equal(records.n, 0);
	assert_null(cenv_records_find(&records, "zlib"));
	assert_null(err.msg);
}

static void records_are_sorted_by_key_and_found(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_records records;

	(void)state;
	put("lib/cenv/a.json", "a");
	put("lib/cenv/a-b.json", "a-b");
	put("lib/cenv/.backup.json", "a");
	if (cenv_records_read(&records, &env, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(records.n, 2);
	assert_string_equal(records.v[0].key, "a");
	assert_string_equal(cenv_records_find(&records, "a-b")->name, "a-b");
	assert_null(cenv_records_find(&records, "b"));
	cenv_records_release(&records);
}

static void a_record_under_another_name_is_refused(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_records records;

	(void)state;
	put("lib/cenv/other.json", "zlib");
	assert_int_equal(cenv_records_read(&records, &env, &err), -1);
	assert_int_equal(err.code, CENV_E_INTEGRITY);
	assert_non_null(strstr(err.msg, "lib/cenv/other.json"));
	assert_int_equal(records.n, 0);
	cenv_err_release(&err);
	unlinkat(env.fd, "lib/cenv/other.json", 0);
}

static void a_missing_list_of_files_is_named(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_manifest files;

	(void)state;
	assert_int_equal(cenv_record_files(&files, &env, "a", &err), -1);
	assert_int_equal(err.code, CENV_E_INTEGRITY);
	assert_non_null(strstr(err.msg, "lib/cenv/a.files"));
	assert_non_null(err.hint);
	cenv_err_release(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_damaged_records),
		cmocka_unit_test(what_is_written_reads_back_the_same),
		cmocka_unit_test(truncated_records_are_refused),
		cmocka_unit_test(no_folder_means_no_packages),
		cmocka_unit_test(records_are_sorted_by_key_and_found),
		cmocka_unit_test(a_record_under_another_name_is_refused),
		cmocka_unit_test(a_missing_list_of_files_is_named),
	};

	return cmocka_run_group_tests(tests, make_env, drop_env);
}

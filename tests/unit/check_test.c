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
#include "store/env/check.h"
#include "store/env/transaction.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"
#include "tests/lib/fake_object.h"

static char top[] = "/tmp/cenv-check-XXXXXX";
static struct cenv_env env;

static int make_env(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	char *lib;

	(void)state;
	snprintf(top, sizeof(top), "/tmp/cenv-check-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	env.path = cenv_path_join(top, "env");
	lib = cenv_path_join(env.path, "lib/cenv");
	assert_int_equal(cenv_fs_mkdirs(AT_FDCWD, lib, 0755, &err), 0);
	env.fd = cenv_fs_open_dir(AT_FDCWD, env.path, &err);
	free(lib);
	return 0;
}

static int drop_env(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	close(env.fd);
	free(env.path);
	return cenv_fs_remove_tree(AT_FDCWD, top, &err);
}

static void install(const char *name, const char *version, const char *need, const char *feature,
		    const struct fake_file *files)
{
	struct cenv_object *o = fake_object(top, name, version, files);
	struct cenv_record record = {.name = o->name, .key = o->name, .version = o->version};
	struct cenv_addition add = {&record, o};
	struct cenv_change change = {.add = &add, .nadd = 1, .command = "test"};
	struct cenv_err err = CENV_ERR_INIT;

	if (need)
		cenv_strv_add(&record.requires, need);
	if (feature)
		cenv_strv_add(&record.features, feature);
	if (cenv_transaction_apply(&env, &change, &err) < 0)
		fail_msg("%s", err.msg);
	cenv_strv_release(&record.requires);
	cenv_strv_release(&record.features);
	cenv_object_free(o);
}

/* All problems, one a line, are exactly these. */
static void assert_problems(const char *want)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_check_result result;
	struct cenv_records records;
	char *have;

	assert_int_equal(cenv_records_read(&records, &env, &err), 0);
	if (cenv_env_check(&result, &env, &records, &err) < 0)
		fail_msg("%s", err.msg);
	have = cenv_strv_join(&result.problems, "\n");
	assert_string_equal(have, want);
	assert_int_equal(result.packages, records.n);
	free(have);
	cenv_check_result_release(&result);
	cenv_records_release(&records);
}

static void write_text(const char *path, const char *text)
{
	struct cenv_err err = CENV_ERR_INIT;

	assert_int_equal(cenv_fs_write(env.fd, path, text, strlen(text), 0644, 0, &err), 0);
}

static const struct fake_file foo[] = {
	{"include/foo.h", "foo", NULL},  {"lib/libfoo.so", NULL, "libfoo.so.1"},
	{"lib/libfoo.so.1", "x", NULL}, {"share/foo/path", "at @P@", NULL},
	{NULL, NULL, NULL},
};

static void what_was_installed_is_whole(void **state)
{
	(void)state;
	install("foo", "1", NULL, NULL, foo);
	write_text("include/mine.h", "mine");
	assert_problems("");
}

static void every_damage_is_told(void **state)
{
	(void)state;
	install("foo", "1", NULL, NULL, foo);
	write_text("include/foo.h", "fox"); /* of the same size */
	unlinkat(env.fd, "lib/libfoo.so", 0);
	assert_int_equal(symlinkat("other", env.fd, "lib/libfoo.so"), 0);
	unlinkat(env.fd, "lib/libfoo.so.1", 0);
	unlinkat(env.fd, "share/foo/path", 0);
	mkdirat(env.fd, "share/foo/path", 0755);
	assert_problems("foo 1: include/foo.h: was changed since it was installed\n"
			"foo 1: lib/libfoo.so: was changed since it was installed\n"
			"foo 1: lib/libfoo.so.1: missing\n"
			"foo 1: share/foo/path: is not the file that was installed");
}

static void a_changed_mode_is_told(void **state)
{
	(void)state;
	install("foo", "1", NULL, NULL, foo);
	assert_int_equal(fchmodat(env.fd, "share/foo/path", 0600, 0), 0);
	assert_problems("foo 1: share/foo/path: has mode 600 instead of 644");
}

static void a_damaged_list_of_files_is_told(void **state)
{
	(void)state;
	install("foo", "1", NULL, NULL, foo);
	write_text("lib/cenv/foo.files", "nonsense");
	{
		char *want = cenv_strf("foo 1: '%s/lib/cenv/foo.files' line 1 is damaged: "
				       "not a manifest of format 1", env.path);

		assert_problems(want);
		free(want);
	}
}

static void requirements_are_compared_with_what_is_installed(void **state)
{
	static const struct fake_file none[] = {{NULL, NULL, NULL}};

	(void)state;
	install("foo", "1", NULL, "ssl", foo);
	install("good", "1", "foo[ssl]>=1,<2", NULL, none);
	install("bad-feature", "1", "foo[http2]", NULL, none);
	install("bad-version", "1", "foo>=2", NULL, none);
	install("lonely", "1", "nobody", NULL, none);
	assert_problems("bad-feature 1: needs 'foo[http2]', but foo 1 was built without 'http2'\n"
			"bad-version 1: needs 'foo>=2', but foo 1 is installed\n"
			"lonely 1: needs 'nobody', which is not installed");
}

/* ---- libraries ---- */

static void compile(const char *dir, const char *const *argv)
{
	struct cenv_proc proc = {.argv = argv, .cwd = dir, .stdin_fd = -1, .out_fd = -1};
	struct cenv_proc_status status;
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_proc_run(&proc, &status, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(status.exited, 0);
}

/* liba, and libb that needs it through the given run path, copied into the environment */
static void install_libraries(const char *runpath)
{
	static const struct fake_file none[] = {{NULL, NULL, NULL}};
	char *link = cenv_strf("-Wl,--enable-new-dtags,-rpath,%s", runpath);
	const char *a[] = {"cc", "-shared", "-fPIC", "-Wl,-soname,liba.so.1", "-o", "liba.so.1", "a.c",
			   NULL};
	const char *b[] = {"cc", "-shared", "-fPIC", "-o", "libb.so", "b.c", "-L.", "-l:liba.so.1",
			   link, NULL};
	struct cenv_object *o = fake_object(top, "libs", "1", none);
	struct cenv_record record = {.name = o->name, .key = o->name, .version = o->version};
	struct cenv_addition add = {&record, o};
	struct cenv_change change = {.add = &add, .nadd = 1, .command = "test"};
	static const char *const files[] = {"lib", "lib/liba.so.1", "lib/libb.so"};
	char *lib = cenv_strf("%s/libs-1/tree/lib", top);
	struct cenv_err err = CENV_ERR_INIT;

	assert_int_equal(mkdir(lib, 0755), 0);
	assert_int_equal(cenv_fs_write(o->treefd, "lib/a.c", "int a(void){return 1;}\n", 23, 0644, 0,
				       &err), 0);
	assert_int_equal(cenv_fs_write(o->treefd, "lib/b.c",
				       "int a(void); int b(void){return a();}\n", 38, 0644, 0, &err), 0);
	compile(lib, a);
	compile(lib, b);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct cenv_manifest_entry *e = cenv_manifest_add(&o->manifest);
		struct stat st;

		assert_int_equal(fstatat(o->treefd, files[i], &st, 0), 0);
		*e = (struct cenv_manifest_entry){.type = i ? 'f' : 'd', .mode = st.st_mode & 0777,
						  .size = (uint64_t)st.st_size,
						  .path = cenv_xstrdup(files[i])};
		if (i && cenv_sha256_file(o->treefd, files[i], e->sha256, &err) < 0)
			fail_msg("%s", err.msg);
	}
	change.link_mode = CENV_LINK_COPY; /* writes the list anew */
	if (cenv_transaction_apply(&env, &change, &err) < 0)
		fail_msg("%s", err.msg);
	cenv_object_free(o);
	free(lib);
	free(link);
}

static void libraries_are_found_through_origin(void **state)
{
	(void)state;
	install_libraries("$ORIGIN/../lib");
	assert_problems("");
}

static void libraries_outside_of_the_run_path_are_told(void **state)
{
	(void)state;
	install_libraries("$ORIGIN/../../lib:/usr/lib");
	assert_problems("libs 1: lib/libb.so: needs 'liba.so.1', which the environment does not have "
			"where the file looks for it");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_env, drop_env)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_installed_is_whole),
		TEST(every_damage_is_told),
		TEST(a_changed_mode_is_told),
		TEST(a_damaged_list_of_files_is_told),
		TEST(requirements_are_compared_with_what_is_installed),
		TEST(libraries_are_found_through_origin),
		TEST(libraries_outside_of_the_run_path_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

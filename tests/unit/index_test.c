/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/str.h"
#include "core/recipe_lint.h"
#include "store/fs/fs.h"
#include "store/index/index.h"

#define HEX "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* A folder for one test, with recipes put into it. */
static char dir[64];

static int make_dir(void **state)
{
	static const char template[] = "/tmp/cenv-index-XXXXXX";

	(void)state;
	memcpy(dir, template, sizeof(template));
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	return cenv_fs_remove_tree(AT_FDCWD, dir, &err);
}

static void put(const char *file, const char *text)
{
	char *path = cenv_path_join(dir, file);
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_fs_mkdirs_for(AT_FDCWD, path, &err) < 0 ||
	    cenv_fs_write(AT_FDCWD, path, text, strlen(text), 0644, 0, &err) < 0)
		fail_msg("%s", err.msg);
	free(path);
}

static void put_recipe(const char *file, const char *name, const char *version)
{
	char *text = cenv_strf("[package]\nname = %s\n[version %s]\nurl = u\nsha256 = " HEX "\n",
			       name, version);

	put(file, text);
	free(text);
}

/* Folders are named relative to dir; NULL ends them. */
static struct cenv_index *open_folders(const char *const *folders)
{
	struct cenv_strv locations = {0};
	struct cenv_index_options options = {.locations = &locations, .no_default = true};
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_index *index;

	for (; *folders; folders++)
		cenv_strv_addf(&locations, "%s/%s", dir, *folders);
	if (cenv_index_open(&index, &options, NULL, &err) < 0)
		fail_msg("%s", err.msg);
	cenv_strv_release(&locations);
	return index;
}

static const struct cenv_recipe *get(struct cenv_index *index, const char *key)
{
	struct cenv_err err = CENV_ERR_INIT;
	const struct cenv_recipe *recipe;

	if (cenv_index_recipe(index, key, &recipe, &err) < 0)
		fail_msg("%s\n%s", err.msg, err.detail);
	return recipe;
}

static void the_first_index_that_has_a_name_wins(void **state)
{
	static const char *const folders[] = {"one", "two", NULL};
	struct cenv_index *index;

	(void)state;
	put_recipe("one/foo.ini", "foo", "1");
	put_recipe("two/foo.ini", "foo", "2");
	put_recipe("two/bar.ini", "bar", "3");
	index = open_folders(folders);
	assert_string_equal(get(index, "foo")->versions[0].version, "1");
	assert_string_equal(get(index, "bar")->versions[0].version, "3");
	assert_true(cenv_str_ends(cenv_index_origin(index, "foo"), "/one"));
	assert_true(cenv_str_ends(cenv_index_origin(index, "bar"), "/two"));
	assert_null(get(index, "baz"));
	assert_null(cenv_index_origin(index, "baz"));
	assert_ptr_equal(get(index, "foo"), get(index, "foo")); /* parsed once */
	cenv_index_free(index);
}

static void another_spelling_in_an_earlier_folder_wins_too(void **state)
{
	static const char *const folders[] = {"one", "two", NULL};
	struct cenv_index *index;

	(void)state;
	put_recipe("one/Foo_Bar.ini", "Foo_Bar", "1");
	put_recipe("two/foo-bar.ini", "foo-bar", "2");
	index = open_folders(folders);
	assert_string_equal(get(index, "foo-bar")->versions[0].version, "1");
	cenv_index_free(index);
}

static void only_what_is_asked_for_is_read(void **state)
{
	static const char *const folders[] = {"one", NULL};
	struct cenv_err err = CENV_ERR_INIT;
	const struct cenv_recipe *recipe;
	struct cenv_index *index;

	(void)state;
	put_recipe("one/foo.ini", "foo", "1");
	put("one/broken.ini", "[package\n");
	index = open_folders(folders);
	assert_non_null(get(index, "foo"));
	assert_int_equal(cenv_index_recipe(index, "broken", &recipe, &err), -1);
	assert_int_equal(err.code, CENV_E_SYNTAX);
	assert_non_null(strstr(err.detail, "/one/broken.ini:1: "));
	cenv_err_release(&err);
	cenv_index_free(index);
}

static void a_file_and_the_name_in_it_must_agree(void **state)
{
	static const char *const folders[] = {"one", NULL};
	struct cenv_err err = CENV_ERR_INIT;
	const struct cenv_recipe *recipe;
	struct cenv_index *index;

	(void)state;
	put_recipe("one/foo.ini", "openssl", "1");
	index = open_folders(folders);
	assert_int_equal(cenv_index_recipe(index, "foo", &recipe, &err), -1);
	assert_int_equal(err.code, CENV_E_SYNTAX);
	assert_non_null(strstr(err.detail, "it is named 'openssl', and its file 'foo'"));
	assert_null(recipe);
	cenv_err_release(&err);
	cenv_index_free(index);
}

static void names_are_sorted_and_unique_over_all_folders(void **state)
{
	static const char *const folders[] = {"one", "two", NULL};
	static const char *const want[] = {"a-b", "bar", "foo"};
	struct cenv_err err = CENV_ERR_INIT;
	const struct cenv_strv *names;
	struct cenv_index *index;

	(void)state;
	put_recipe("one/foo.ini", "foo", "1");
	put_recipe("two/foo.ini", "foo", "1");
	put_recipe("two/A_B.ini", "A_B", "1");
	put("two/bar.ini", "never read");
	put("two/README", "");
	put("two/.hidden.ini", "");
	put("two/bar.ini~", "");
	index = open_folders(folders);
	assert_int_equal(cenv_index_names(index, &names, &err), 0);
	assert_int_equal(names->n, 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(names->v[i], want[i]);
	cenv_index_free(index);
}

static void a_folder_that_is_not_there_is_a_mistake_of_the_command_line(void **state)
{
	struct cenv_strv locations = {0};
	struct cenv_index_options options = {.locations = &locations, .no_default = true};
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_index *index;

	(void)state;
	cenv_strv_addf(&locations, "%s/none", dir);
	assert_int_equal(cenv_index_open(&index, &options, NULL, &err), -1);
	assert_null(index);
	assert_int_equal(err.code, CENV_E_USAGE);
	assert_non_null(strstr(err.msg, "/none'"));
	cenv_err_release(&err);
	cenv_strv_release(&locations);
}

static void a_name_cannot_lead_out_of_the_folder(void **state)
{
	static const char *const folders[] = {"one", NULL};
	struct cenv_index *index;

	(void)state;
	put_recipe("foo.ini", "foo", "1");
	put_recipe("one/bar.ini", "bar", "1");
	index = open_folders(folders);
	assert_null(get(index, "../foo"));
	assert_null(get(index, ""));
	assert_null(get(index, "one/bar"));
	cenv_index_free(index);
}

/* ---- the recipes shipped ---- */

static struct cenv_index *open_default(void)
{
	struct cenv_index_options options = {0};
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_index *index;

	if (cenv_index_open(&index, &options, NULL, &err) < 0)
		fail_msg("%s", err.msg);
	return index;
}

static void lint_all(struct cenv_index *index, bool complete)
{
	struct cenv_err err = CENV_ERR_INIT;
	const struct cenv_recipe **recipes;
	const struct cenv_strv *names;
	struct cenv_lint lint = {0};
	struct cenv_buf text = CENV_BUF_INIT;

	assert_int_equal(cenv_index_names(index, &names, &err), 0);
	assert_true(names->n > 0);
	recipes = calloc(names->n, sizeof(*recipes));
	for (size_t i = 0; i < names->n; i++)
		recipes[i] = get(index, names->v[i]);
	cenv_recipe_lint(&lint, recipes, names->n, complete);
	for (size_t i = 0; i < lint.n; i++)
		cenv_buf_addf(&text, "%s:%u: %s\n", lint.v[i].path, lint.v[i].line, lint.v[i].text);
	if (lint.n)
		fail_msg("%s", text.buf);
	cenv_buf_release(&text);
	cenv_lint_release(&lint);
	free(recipes);
}

static void the_shipped_recipes_are_found_and_clean(void **state)
{
	struct cenv_index *index = open_default();

	(void)state;
	assert_non_null(get(index, "zlib"));
	lint_all(index, true);
	cenv_index_free(index);
}

static void the_recipes_for_tests_on_debian_tarballs_are_clean(void **state)
{
	struct cenv_strv locations = {0};
	struct cenv_index_options options = {.locations = &locations, .no_default = true};
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_index *index;

	(void)state;
	cenv_strv_add(&locations, TEST_DATA_DIR "/real/index");
	assert_int_equal(cenv_index_open(&index, &options, NULL, &err), 0);
	lint_all(index, false);
	cenv_index_free(index);
	cenv_strv_release(&locations);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)
		TEST(the_first_index_that_has_a_name_wins),
		TEST(another_spelling_in_an_earlier_folder_wins_too),
		TEST(only_what_is_asked_for_is_read),
		TEST(a_file_and_the_name_in_it_must_agree),
		TEST(names_are_sorted_and_unique_over_all_folders),
		TEST(a_folder_that_is_not_there_is_a_mistake_of_the_command_line),
		TEST(a_name_cannot_lead_out_of_the_folder),
		cmocka_unit_test(the_shipped_recipes_are_found_and_clean),
		cmocka_unit_test(the_recipes_for_tests_on_debian_tarballs_are_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

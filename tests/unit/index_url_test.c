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

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/recipe.h"
#include "store/digest/digest.h"
#include "store/fs/fs.h"
#include "store/index/index.h"
#include "tests/lib/server.h"

#define HEX "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* A server for all tests; each test has a folder on it and a store of its own. */
static char dir[] = "/tmp/cenv-index-XXXXXX";
static struct test_server server;
static unsigned test_number;
static struct cenv_store store;

static int start(void **state)
{
	(void)state;
	return mkdtemp(dir) ? test_server_start(&server, dir, NULL) : -1;
}

static int stop(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	test_server_stop(&server);
	return cenv_fs_remove_tree(AT_FDCWD, dir, &err);
}

static int setup(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	char *path = cenv_strf("%s/store%u", dir, ++test_number);
	int ret = cenv_store_open(&store, path, &err);

	(void)state;
	free(path);
	return ret;
}

static int teardown(void **state)
{
	(void)state;
	cenv_store_release(&store);
	return 0;
}

static void put(const char *file, const char *text)
{
	char *path = cenv_strf("%s/index%u/%s", dir, test_number, file);
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_fs_mkdirs_for(AT_FDCWD, path, &err) < 0 ||
	    cenv_fs_write(AT_FDCWD, path, text, strlen(text), 0644, 0, &err) < 0)
		fail_msg("%s", err.msg);
	free(path);
}

static char *recipe_text(const char *name, const char *version)
{
	return cenv_strf("[package]\nname = %s\n[version %s]\nurl = u\nsha256 = " HEX "\n", name,
			 version);
}

static void put_recipe(const char *name, const char *version)
{
	char *text = recipe_text(name, version);
	char *file = cenv_strf("%s.ini", name);

	put(file, text);
	free(file);
	free(text);
}

/* index.json for one recipe, with the hash of that version of it */
static void put_list(const char *name, const char *version)
{
	struct cenv_err err = CENV_ERR_INIT;
	char hex[CENV_SHA256_HEX];
	char *text = recipe_text(name, version), *json;

	assert_int_equal(cenv_sha256_data(text, strlen(text), hex, &err), 0);
	json = cenv_strf("{\"version\": 1, \"serial\": 7, \"packages\": {\"%s\": "
			 "{\"summary\": \"s\", \"versions\": [\"%s\"], \"sha256\": \"%s\"}}}",
			 name, version, hex);
	put("index.json", json);
	free(json);
	free(text);
}

static struct cenv_index *open_as(const char *way, bool offline)
{
	struct cenv_strv locations = {0};
	struct cenv_index_options options = {
		.locations = &locations, .no_default = true, .offline = offline};
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_index *index;

	cenv_strv_addf(&locations, "http://%s127.0.0.1:%u/%s/index%u/",
		       strcmp(way, "auth") == 0 ? "me:secret@" : "", server.port, way, test_number);
	if (cenv_index_open(&index, &options, &store, &err) < 0)
		fail_msg("%s", err.msg);
	cenv_strv_release(&locations);
	return index;
}

/* The newest version, "none", or "failed" with err set. Owned by the caller. */
static char *ask(struct cenv_index *index, const char *key, struct cenv_err *err)
{
	const struct cenv_recipe *recipe;

	if (cenv_index_recipe(index, key, &recipe, err) < 0)
		return cenv_xstrdup("failed");
	return cenv_xstrdup(recipe ? recipe->versions[0].version : "none");
}

#define assert_asks(index, key, want)                                                              \
	do {                                                                                       \
		struct cenv_err asked_err = CENV_ERR_INIT;                                         \
		char *asked = ask(index, key, &asked_err);                                         \
		if (strcmp(asked, want) != 0)                                                      \
			fail_msg("%s: %s, not %s: %s", key, asked, want, asked_err.msg);           \
		free(asked);                                                                       \
	} while (0)

/* Lines of a log of the server with that text in them. */
static unsigned lines_with(const char *log_name, const char *text)
{
	char *path = cenv_strf("%s/%s", dir, log_name);
	struct cenv_buf log = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;
	unsigned n = 0;

	assert_int_equal(cenv_fs_read(AT_FDCWD, path, SIZE_MAX, &log, &err), 0);
	for (const char *at = log.buf; (at = strstr(at, text)); at++)
		n++;
	cenv_buf_release(&log);
	free(path);
	return n;
}

static unsigned requests_for(const char *file)
{
	char *line = cenv_strf("/index%u/%s ", test_number, file);
	unsigned n = lines_with("requests.log", line);

	free(line);
	return n;
}

static void a_server_with_a_list_is_asked_only_for_what_it_lists(void **state)
{
	struct cenv_index *index = open_as("ok", false);
	struct cenv_err err = CENV_ERR_INIT;
	const struct cenv_strv *names;

	(void)state;
	put_recipe("foo", "1");
	put_list("foo", "1");
	assert_asks(index, "foo", "1");
	assert_asks(index, "bar", "none");
	assert_int_equal(requests_for("bar.ini"), 0);
	assert_int_equal(requests_for("index.json"), 1);
	assert_int_equal(cenv_index_names(index, &names, &err), 0);
	assert_int_equal(names->n, 1);
	assert_string_equal(names->v[0], "foo");
	cenv_index_free(index);
}

static void a_copy_is_used_until_the_list_gives_another_hash(void **state)
{
	struct cenv_index *index = open_as("ok", false);

	(void)state;
	put_recipe("foo", "1");
	put_list("foo", "1");
	assert_asks(index, "foo", "1");
	cenv_index_free(index);
	index = open_as("ok", false);
	assert_asks(index, "foo", "1");
	assert_int_equal(requests_for("foo.ini"), 1);
	cenv_index_free(index);
	put_recipe("foo", "2");
	put_list("foo", "2");
	index = open_as("ok", false);
	assert_asks(index, "foo", "2");
	assert_int_equal(requests_for("foo.ini"), 2);
	cenv_index_free(index);
}

static void a_recipe_with_another_hash_than_listed_is_refused(void **state)
{
	struct cenv_index *index = open_as("ok", false);
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	put_recipe("foo", "2");
	put_list("foo", "1");
	free(ask(index, "foo", &err));
	assert_int_equal(err.code, CENV_E_INTEGRITY);
	assert_non_null(strstr(err.msg, "/foo.ini' is not the one its index names"));
	assert_non_null(strstr(err.detail, "expected sha256 "));
	cenv_err_release(&err);
	cenv_index_free(index);
}

static void a_listed_recipe_must_be_there(void **state)
{
	struct cenv_index *index = open_as("ok", false);
	struct cenv_err err = CENV_ERR_INIT;
	char *got;

	(void)state;
	put_list("foo", "1");
	got = ask(index, "foo", &err);
	assert_string_equal(got, "failed");
	free(got);
	cenv_err_release(&err);
	cenv_index_free(index);
}

static void a_server_without_a_list_is_asked_for_each_name_once(void **state)
{
	struct cenv_index *index = open_as("ok", false);

	(void)state;
	put_recipe("foo", "1");
	assert_asks(index, "foo", "1");
	assert_asks(index, "bar", "none");
	assert_asks(index, "foo", "1");
	assert_asks(index, "bar", "none");
	assert_int_equal(requests_for("index.json"), 1);
	assert_int_equal(requests_for("foo.ini"), 1);
	assert_int_equal(requests_for("bar.ini"), 1);
	cenv_index_free(index);
}

static void offline_what_was_fetched_is_used_and_the_rest_is_an_error(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_index *index;
	char *got;

	(void)state;
	put_recipe("foo", "1");
	index = open_as("ok", false);
	assert_asks(index, "foo", "1");
	cenv_index_free(index);
	index = open_as("ok", true);
	assert_asks(index, "foo", "1");
	got = ask(index, "bar", &err);
	assert_string_equal(got, "failed"); /* the server may have it, so no other index may win */
	assert_int_equal(err.code, CENV_E_NETWORK);
	assert_int_equal(requests_for("foo.ini"), 1);
	free(got);
	cenv_err_release(&err);
	cenv_index_free(index);
}

static void a_server_that_fails_is_not_a_name_that_is_missing(void **state)
{
	struct cenv_strv locations = {0};
	struct cenv_index_options options = {.locations = &locations, .no_default = true};
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_index *index;
	char *got;

	(void)state;
	cenv_strv_addf(&locations, "http://127.0.0.1:%u/status/403/x", server.port);
	assert_int_equal(cenv_index_open(&index, &options, NULL, &err), 0);
	for (int i = 0; i < 2; i++) {
		got = ask(index, i ? "bar" : "foo", &err);
		assert_string_equal(got, "failed");
		assert_int_equal(err.code, CENV_E_NETWORK);
		free(got);
		cenv_err_release(&err);
	}
	/* it may take long each time, and will not be better for the next name */
	assert_int_equal(lines_with("requests.log", "/status/403/x/index.json"), 1);
	cenv_index_free(index);
	cenv_strv_release(&locations);
}

/* The server answers the first question alone, then three only when all of them wait. */
static void several_names_are_fetched_in_one_round(void **state)
{
	static const char *const names[] = {"foo", "bar", "foo", "none"};
	static const char *const more[] = {"baz", "foo"};
	struct cenv_index *index = open_as("gather/1-3-1", false);
	struct cenv_err err = CENV_ERR_INIT;
	unsigned before;

	(void)state;
	put_recipe("foo", "1");
	put_recipe("bar", "2");
	put_recipe("baz", "3");
	before = lines_with("connections.log", "\n");
	assert_int_equal(cenv_index_prefetch(index, names, 4, &err), 0);
	assert_int_equal(cenv_index_prefetch(index, more, 2, &err), 0);
	assert_asks(index, "foo", "1");
	assert_asks(index, "bar", "2");
	assert_asks(index, "none", "none");
	assert_asks(index, "baz", "3");
	assert_int_equal(requests_for("foo.ini"), 1);
	assert_int_equal(requests_for("none.ini"), 1);
	/* three at once, and those again for the last */
	assert_int_equal(lines_with("connections.log", "\n") - before, 3);
	cenv_index_free(index);
}

static void one_name_that_fails_leaves_the_others(void **state)
{
	static const char *const names[] = {"foo", "bar", "huge"};
	struct cenv_index *index = open_as("ok", false);
	struct cenv_err err = CENV_ERR_INIT;
	char *huge = cenv_xcalloc(1, CENV_RECIPE_MAX + 2);

	(void)state;
	put_recipe("foo", "1");
	put_recipe("bar", "2");
	memset(huge, '#', CENV_RECIPE_MAX + 1);
	put("huge.ini", huge);
	assert_int_equal(cenv_index_prefetch(index, names, 3, &err), 0);
	assert_asks(index, "foo", "1");
	assert_asks(index, "bar", "2");
	for (int i = 0; i < 2; i++) { /* it is as wrong the second time, and is not fetched again */
		free(ask(index, "huge", &err));
		assert_int_equal(err.code, CENV_E_NETWORK);
		assert_non_null(strstr(err.msg, "larger than"));
		cenv_err_release(&err);
	}
	assert_int_equal(requests_for("huge.ini"), 1);
	free(huge);
	cenv_index_free(index);
}

static void what_is_fetched_ahead_must_have_its_hash(void **state)
{
	static const char *const names[] = {"foo"};
	struct cenv_index *index = open_as("ok", false);
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	put_recipe("foo", "2");
	put_list("foo", "1");
	assert_int_equal(cenv_index_prefetch(index, names, 1, &err), 0);
	free(ask(index, "foo", &err));
	assert_int_equal(err.code, CENV_E_INTEGRITY);
	cenv_err_release(&err);
	cenv_index_free(index);
}

static void a_good_copy_is_not_fetched_ahead(void **state)
{
	static const char *const names[] = {"foo", "bar"};
	struct cenv_index *index = open_as("ok", false);
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	put_recipe("foo", "1");
	put_list("foo", "1");
	assert_int_equal(cenv_index_prefetch(index, names, 2, &err), 0);
	assert_asks(index, "foo", "1");
	cenv_index_free(index);
	index = open_as("ok", false);
	assert_int_equal(cenv_index_prefetch(index, names, 2, &err), 0);
	assert_asks(index, "foo", "1");
	assert_int_equal(requests_for("foo.ini"), 1);
	assert_int_equal(requests_for("bar.ini"), 0); /* the list does not have it */
	cenv_index_free(index);
}

static void a_malformed_list_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"<html>",
		"[]",
		"{\"version\": 1}",
		"{\"version\": 2, \"packages\": {}}",
		"{\"version\": 1, \"packages\": []}",
		"{\"version\": 1, \"packages\": {\"foo\": {}}}",
		"{\"version\": 1, \"packages\": {\"foo\": {\"sha256\": \"12\"}}}",
		"{\"version\": 1, \"packages\": {\"foo\": {\"sha256\": 12}}}",
		"{\"version\": 1, \"packages\": {\"foo\": null}}",
		"{\"version\": 1, \"packages\": {\"../foo\": {\"sha256\": \"" HEX "\"}}}",
		"{\"version\": 1, \"packages\": {\"\": {\"sha256\": \"" HEX "\"}}}",
		"{\"version\": 1, \"packages\": {\"a_b\": {\"sha256\": \"" HEX "\"},"
		" \"A-B\": {\"sha256\": \"" HEX "\"}}}",
		"{\"version\": 1, \"packages\": {}, \"serial\": \"7\"}",
		"{\"version\": 1, \"packages\": {}, \"serial\": -1}",
		"{\"version\": 1, \"packages\": {}, \"serial\": 1.5}",
		"{\"version\": 1, \"packages\": {}, \"serial\": 1e300}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct cenv_err err = CENV_ERR_INIT;
		struct cenv_index *index;

		put("index.json", texts[i]);
		index = open_as("ok", false);
		free(ask(index, "foo", &err));
		assert_int_equal(err.code, CENV_E_SYNTAX);
		assert_non_null(strstr(err.msg, "/index.json': "));
		cenv_err_release(&err);
		cenv_index_free(index);
	}
}

static void credentials_are_used_and_never_shown(void **state)
{
	struct cenv_index *index = open_as("auth", false);
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	put_recipe("foo", "1");
	put("broken.ini", "[package]\n");
	assert_asks(index, "foo", "1");
	assert_null(strstr(cenv_index_origin(index, "foo"), "secret"));
	free(ask(index, "broken", &err));
	assert_int_equal(err.code, CENV_E_SYNTAX);
	assert_null(strstr(err.msg, "secret"));
	assert_null(strstr(err.detail, "secret"));
	assert_non_null(strstr(err.detail, "/broken.ini:1: 'name' is missing"));
	cenv_err_release(&err);
	cenv_index_free(index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(a_server_with_a_list_is_asked_only_for_what_it_lists),
		TEST(a_copy_is_used_until_the_list_gives_another_hash),
		TEST(a_recipe_with_another_hash_than_listed_is_refused),
		TEST(a_listed_recipe_must_be_there),
		TEST(a_server_without_a_list_is_asked_for_each_name_once),
		TEST(offline_what_was_fetched_is_used_and_the_rest_is_an_error),
		TEST(a_server_that_fails_is_not_a_name_that_is_missing),
		TEST(several_names_are_fetched_in_one_round),
		TEST(one_name_that_fails_leaves_the_others),
		TEST(what_is_fetched_ahead_must_have_its_hash),
		TEST(a_good_copy_is_not_fetched_ahead),
		TEST(a_malformed_list_is_refused),
		TEST(credentials_are_used_and_never_shown),
	};

	return cmocka_run_group_tests(tests, start, stop);
}

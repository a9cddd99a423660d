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
#include "core/location.h"
#include "core/requirement.h"
#include "core/secret.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEX2 "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

static struct cenv_requirement parse(const char *text, const char *base)
{
	struct cenv_requirement req;
	struct cenv_err err = CENV_ERR_INIT;
	size_t pos = 0;

	if (cenv_requirement_parse(&req, text, base, &pos, &err) < 0)
		fail_msg("'%s': at %zu: %s", text, pos, err.msg);
	return req;
}

static void malformed_requirements_say_what_and_where(void **state)
{
	static const struct {
		const char *text;
		size_t pos;
		const char *msg;
	} rows[] = {
		{"", 0, "expected the name of a library, a URL or a path"},
		{"  ", 2, "expected the name of a library, a URL or a path"},
		{"$x", 0, "expected the name of a library, a URL or a path"},
		{"-zlib", 0, "'-zlib' is no name: it starts and ends with a letter or digit"},
		{"zlib-", 0, "'zlib-' is no name: it starts and ends with a letter or digit"},
		{"zlib 1.3", 5, "unexpected text after the name: a version is written ==1.2, an "
				"option starts with --"},
		{"zlib=1.3", 4, "'=' is no operator: write '=='"},
		{"zlib>=1 <2", 8, "a comma is missing between two specifiers"},
		{"zlib>=", 6, "a version is missing after '>='"},
		{"zlib (>=1", 5, "this '(' is never closed"},
		{"zlib[", 4, "this '[' is never closed"},
		{"zlib[a", 4, "this '[' is never closed"},
		{"zlib[a,]", 7, "expected the name of a feature"},
		{"zlib[,a]", 5, "expected the name of a feature"},
		{"zlib[a b]", 7, "expected ',' or ']' between features"},
		{"zlib[a,-A]", 7, "feature 'A' is both on and off"},
		{"zlib[--a]", 5, "expected the name of a feature"},
		{"zlib@1.3", 5, "expected a URL or a path after '@'; a version is written zlib==1.3"},
		{"zlib @ ", 7, "expected a URL or a path after '@'"},
		{"zlib @ ; compiler == 'gcc'", 7, "expected a URL or a path after '@'"},
		{"ftp://h/x-1.tar.gz", 0, "cannot fetch 'ftp' URLs: https, http and file are known"},
		{"a @ git+https://h/x", 4, "cannot fetch 'git+https' URLs: https, http and file are known"},
		{"https:///x.tar.gz", 0, "this URL names no host"},
		{"https:x.tar.gz", 0, "this URL names no host"},
		{"https://", 0, "this URL names no host"},
		{"https://h/a b.tar.gz", 11, "a URL has no blanks: write %20, and a blank before ';'"},
		{"https://h/a.tar.gz#x=1", 19, "a URL's fragment can be #sha256=HEX or #egg=NAME only"},
		{"https://h/a.tar.gz#sha256=12", 26, "a sha256 has 64 hex digits"},
		{"file:", 0, "expected the path of an archive or a folder"},
		{"file:%00x", 0, "expected the path of an archive or a folder"},
		{"file:x%0ay", 0, "expected the path of an archive or a folder"},
		{"zlib --hash", 5, "option '--hash' needs a value"},
		{"zlib --hash=", 5, "option '--hash' needs a value"},
		{"zlib --hash=md5:12", 12, "expected 'sha256:' and 64 hex digits"},
		{"zlib --hash=sha256:12", 19, "a sha256 has 64 hex digits"},
		{"zlib --hash sha256:12", 19, "a sha256 has 64 hex digits"},
		{"zlib --tree-hash=" HEX, 17, "expected 'sha256:' and 64 hex digits"},
		{"zlib --config-settings=--x", 23,
		 "expected options=VALUE: 'options' is the only setting"},
		{"zlib --config-settings=options=", 31, "expected a build option after 'options='"},
		{"zlib --pre", 5, "option '--pre' means nothing behind a requirement: it has a line "
				  "of its own"},
		{"zlib --frob", 5, "unknown option '--frob': a requirement takes --hash, --tree-hash "
				   "and --config-settings"},
		{"zlib --hash=sha256:" HEX " x", 84, "unexpected 'x' behind the options"},
		{"zlib --config-settings='options=a", 23, "this single quote is never closed"},
		{"zlib ;", 6, "expected a marker variable or a quoted text"},
		{"zlib ; os == 'x'", 7,
		 "unknown marker variable 'os': target_system, target_machine, target_libc, "
		 "compiler, platform_system and platform_machine are known"},
		{"zlib ; compiler == 'gcc' zlib", 25, "expected 'and' or 'or'"},
		{"zlib\x1b[31m", 4, "control character \\x1b"},
		{"zlib\n", 4, "control character \\x0a"},
		{"-e zlib", 3, "-e takes a folder with the library's sources"},
		{"-e ./x-1.tar.gz", 3, "-e takes a folder with the library's sources"},
		{"-e https://h/x", 3, "-e takes a folder with the library's sources"},
		{"-e ./x --hash=sha256:" HEX, 3,
		 "a hash means nothing for an editable folder, which may change"},
		{"-e", 2, "expected the name of a library, a URL or a path"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct cenv_requirement req;
		struct cenv_err err = CENV_ERR_INIT;
		size_t pos = 999;

		if (cenv_requirement_parse(&req, rows[i].text, NULL, &pos, &err) == 0)
			fail_msg("'%s' was accepted", rows[i].text);
		if (strcmp(err.msg, rows[i].msg) || pos != rows[i].pos)
			fail_msg("'%s': at %zu: %s", rows[i].text, pos, err.msg);
		assert_int_equal(err.code, CENV_E_SYNTAX);
		assert_null(req.name);
		cenv_err_release(&err);
	}
}

static void names_with_specifiers_and_features(void **state)
{
	struct cenv_requirement req = parse(" curl [http2 , -ldap,HTTP2] >=8 , <9 ", NULL);

	(void)state;
	assert_int_equal(req.kind, CENV_REQ_NAME);
	assert_string_equal(req.name, "curl");
	assert_int_equal(req.features_on.n, 1);
	assert_string_equal(req.features_on.v[0], "http2");
	assert_int_equal(req.features_off.n, 1);
	assert_string_equal(req.features_off.v[0], "ldap");
	assert_int_equal(req.spec.n, 2);
	assert_string_equal(req.text, "curl [http2 , -ldap,HTTP2] >=8 , <9");
	assert_null(req.location);
	cenv_requirement_release(&req);

	req = parse("LibSigC++_2.0", NULL);
	assert_string_equal(req.name, "LibSigC++_2.0");
	assert_string_equal(req.key, "libsigc++-2-0");
	cenv_requirement_release(&req);
}

static void locations_are_told_from_names(void **state)
{
	static const struct {
		const char *text, *base;
		enum cenv_req_kind kind;
		const char *name, *location;
	} rows[] = {
		{"libfoo @ https://h/libfoo-1.0.tar.gz", "d", CENV_REQ_URL, "libfoo",
		 "https://h/libfoo-1.0.tar.gz"},
		{"libfoo@https://h/x", "d", CENV_REQ_URL, "libfoo", "https://h/x"},
		{"https://h/libfoo-1.0.tar.gz", "d", CENV_REQ_URL, NULL, "https://h/libfoo-1.0.tar.gz"},
		{"HTTP://h:80/x?a=b;c", "d", CENV_REQ_URL, NULL, "HTTP://h:80/x?a=b;c"},
		{"file:///a/b.tar.gz", "d", CENV_REQ_URL, NULL, "file:///a/b.tar.gz"},
		{"file:b.tar.gz", "d", CENV_REQ_PATH, NULL, "d/b.tar.gz"},
		{"file:/a/b%20c.tar.gz", "d", CENV_REQ_PATH, NULL, "/a/b c.tar.gz"},
		{"./libfoo-1.0.tar.gz", NULL, CENV_REQ_PATH, NULL, "./libfoo-1.0.tar.gz"},
		{"./libfoo-1.0.tar.gz", "d/e", CENV_REQ_PATH, NULL, "d/e/libfoo-1.0.tar.gz"},
		{".", "d", CENV_REQ_PATH, NULL, "d/."},
		{"../libfoo", "d/", CENV_REQ_PATH, NULL, "d/../libfoo"},
		{"/abs/libfoo", "d", CENV_REQ_PATH, NULL, "/abs/libfoo"},
		{"libfoo-1.0.tar.gz", "d", CENV_REQ_PATH, NULL, "d/libfoo-1.0.tar.gz"},
		{"sub/libfoo", "d", CENV_REQ_PATH, NULL, "d/sub/libfoo"},
		{"libfoo @ sub/libfoo", "d", CENV_REQ_PATH, "libfoo", "d/sub/libfoo"},
		{"libfoo @ libfoo.zip", "", CENV_REQ_PATH, "libfoo", "libfoo.zip"},
		{"./a dir/x-1.zip ; compiler == 'gcc'", "d", CENV_REQ_PATH, NULL, "d/a dir/x-1.zip"},
		{"./x[a]", "https://h/p", CENV_REQ_URL, NULL, "https://h/p/x[a]"},
		{"libfoo", "d", CENV_REQ_NAME, "libfoo", NULL},
		{"libfoo;compiler=='a/b'", "d", CENV_REQ_NAME, "libfoo", NULL},
		{"https://h/x-1.zip#egg=foo&sha256=" HEX, "d", CENV_REQ_URL, "foo", "https://h/x-1.zip"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct cenv_requirement req = parse(rows[i].text, rows[i].base);

		if (req.kind != rows[i].kind ||
		    (req.name ? !rows[i].name || strcmp(req.name, rows[i].name) : rows[i].name != NULL) ||
		    (req.location ? !rows[i].location || strcmp(req.location, rows[i].location)
				  : rows[i].location != NULL))
			fail_msg("'%s': kind %d, name %s, location %s", rows[i].text, req.kind,
				 req.name, req.location);
		cenv_requirement_release(&req);
	}
}

static void paths_can_have_features(void **state)
{
	struct cenv_requirement req = parse("-e ./libfoo[ssl,-ldap]", "d");

	(void)state;
	assert_true(req.editable);
	assert_string_equal(req.location, "d/libfoo");
	assert_string_equal(req.features_on.v[0], "ssl");
	assert_string_equal(req.features_off.v[0], "ldap");
	cenv_requirement_release(&req);
	req = parse("-e./libfoo", "");
	assert_true(req.editable);
	assert_string_equal(req.location, "./libfoo");
	cenv_requirement_release(&req);
}

static void options_are_quoted_as_in_a_shell(void **state)
{
	struct cenv_requirement req =
		parse("libbar==2.0 ; target_libc != ' --x' --hash=sha256:" HEX
		      " --hash sha256:FEDCBA9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
		      " --hash=sha256:" HEX " --tree-hash=sha256:" HEX2
		      " --config-settings=options=--disable-nls"
		      " --config-settings 'options=CFLAGS=-O2 -g'"
		      " --config-settings=\"options=a\\\"b\"'c'\\ d", NULL);

	(void)state;
	assert_string_equal(req.marker_text, "target_libc != ' --x'");
	assert_int_equal(req.hashes.n, 2);
	assert_string_equal(req.hashes.v[0], HEX);
	assert_string_equal(req.hashes.v[1], HEX2);
	assert_int_equal(req.tree_hashes.n, 1);
	assert_int_equal(req.options.n, 3);
	assert_string_equal(req.options.v[0], "--disable-nls");
	assert_string_equal(req.options.v[1], "CFLAGS=-O2 -g");
	assert_string_equal(req.options.v[2], "a\"bc d");
	cenv_requirement_release(&req);
}

static void the_normal_form_parses_back(void **state)
{
	static const char *const rows[][2] = {
		{"zlib", "zlib"},
		{"Zlib ( >= 1 , < 2 )", "Zlib>=1,<2"},
		{"curl[-ldap,http2,brotli]==8.*;compiler=='gcc'",
		 "curl[brotli,http2,-ldap]==8.* ; compiler=='gcc'"},
		{"a[]", "a"},
		{"a --config-settings 'options=x y'", "a --config-settings=options='x y'"},
		{"a --config-settings 'options=x #y'", "a --config-settings=options='x ''#y'"},
		{"a --config-settings 'options=${''X}'", "a --config-settings=options='$''{X}'"},
		{"a[b] @ https://h/x.zip --hash=sha256:" HEX, "a[b] @ https://h/x.zip --hash=sha256:" HEX},
		{"-e ./sub[x]", "-e ./sub[x]"},
		{"sub/x", "./sub/x"},
		{"./a dir/x-1.zip", "file:./a%20dir/x-1.zip"},
		{"file:/a/b%3bc", "file:/a/b%3Bc"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct cenv_requirement req = parse(rows[i][0], NULL), copy;
		struct cenv_buf once = CENV_BUF_INIT, twice = CENV_BUF_INIT;

		cenv_requirement_copy(&copy, &req);
		cenv_requirement_release(&req);
		cenv_requirement_format(&copy, &once);
		assert_string_equal(once.buf, rows[i][1]);
		req = parse(once.buf, NULL);
		cenv_requirement_format(&req, &twice);
		assert_string_equal(twice.buf, once.buf);
		cenv_requirement_release(&req);
		cenv_requirement_release(&copy);
		cenv_buf_release(&once);
		cenv_buf_release(&twice);
	}
}

static void a_long_requirement_is_refused(void **state)
{
	size_t len = CENV_REQUIREMENT_MAX + 1;
	char *text = malloc(len + 1);
	struct cenv_requirement req;
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	assert_non_null(text);
	memset(text, 'a', len);
	text[len] = '\0';
	assert_int_equal(cenv_requirement_parse(&req, text, NULL, NULL, &err), -1);
	assert_string_equal(err.msg, "a requirement is longer than 65536 bytes");
	text[1000] = '\0';
	assert_int_equal(cenv_requirement_parse(&req, text, NULL, NULL, &err), -1);
	assert_string_equal(err.msg, "a name is longer than 128 bytes");
	cenv_err_release(&err);
	free(text);
}

static void origins_name_file_and_line(void **state)
{
	struct cenv_origin file = {.file = (char *)"requirements.txt", .line = 4}, none = {0};
	char *a = cenv_origin_text(&file), *b = cenv_origin_text(&none);

	(void)state;
	assert_string_equal(a, "requirements.txt:4");
	assert_string_equal(b, "the command line");
	free(a);
	free(b);
}

static void archive_names_split_at_the_version(void **state)
{
	static const struct {
		const char *file, *name, *version;
	} rows[] = {
		{"libfoo-1.2.tar.gz", "libfoo", "1.2"},
		{"libjpeg-turbo-3.1.3.tar.gz", "libjpeg-turbo", "3.1.3"},
		{"json-c-0.16-20220414.tar.gz", "json-c", "0.16-20220414"},
		{"foo-1.2-rc1.tar.bz2", "foo", "1.2-rc1"},
		{"tiff-4.2.0.tar.gz", "tiff", "4.2.0"},
		{"foo-1.2.zip", "foo", "1.2"},
		{"foo_1.2.orig.tar.xz", "foo", "1.2"},
		{"libxml2_2.12.7+dfsg+really2.9.14.orig.tar.xz", "libxml2", "2.12.7+dfsg+really2.9.14"},
		{"libuv1_1.50.0.orig.tar.gz", "libuv1", "1.50.0"},
		{"libevent-2.1.13-stable.tar.gz", "libevent", "2.1.13-stable"},
		{"libuv-v1.44.2.tar.gz", "libuv", "1.44.2"},
		{"jpeg-9e.tar.gz", "jpeg", "9e"},
		{"lib-3d-1.0.tar.gz", "lib-3d", "1.0"},
		{"gtk+-3.24.1.tar.xz", "gtk+", "3.24.1"},
		{"boost_1_82_0.tar.gz", "boost", "1_82_0"},
		{"icu4c-72_1-src.tgz", "icu4c", "72_1"},
		{"sqlite-autoconf-3400100.TAR.GZ", "sqlite-autoconf", "3400100"},
		{"x-1.tar.zst", "x", "1"}, {"x-1.tar.lz4", "x", "1"}, {"x-1.tbz2", "x", "1"},
		{"x-1.txz", "x", "1"}, {"x-1.tar", "x", "1"},
		{"/a/b-2/libfoo-1.2.tar.gz", "libfoo", "1.2"},
		{"./libfoo-1.2.tar.gz", "libfoo", "1.2"},
		{"https://h/p-9/libfoo-1.2.tar.gz?download=1#x/y-3.zip", "libfoo", "1.2"},
		{"https://h/libfoo-1.2%2Bb.tar.gz", "libfoo", "1.2+b"},
		{"file:///t/libfoo-1.2.tar.gz", "libfoo", "1.2"},
	};
	static const char *const none[] = {
		"v1.6.58.tar.gz", "3.1.3.tar.gz", "r61.tar.gz", "libfoo.tar.gz", "libfoo-1.2", "", "/",
		"libfoo-1.2.rpm", "libfoo-master.zip", ".tar.gz", "-1.0.tar.gz", "libfoo-.tar.gz",
		"https://h/", "https://h/libfoo-1.2.tar.gz/", "lib foo-1.2.zip", "libfoo-1.2$.zip",
		"https://h/x%00-1.zip", "--1.zip",
	};
	char *name, *version;

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		if (!cenv_archive_name_split(rows[i].file, &name, &version))
			fail_msg("'%s' has a name and a version", rows[i].file);
		assert_string_equal(name, rows[i].name);
		assert_string_equal(version, rows[i].version);
		free(name);
		free(version);
	}
	for (size_t i = 0; i < LENGTH(none); i++)
		if (cenv_archive_name_split(none[i], &name, &version))
			fail_msg("'%s' was split into '%s' and '%s'", none[i], name, version);
}

static void locations_join_and_normalise(void **state)
{
	static const struct {
		const char *base, *ref, *joined, *normal, *dir;
	} rows[] = {
		{"", "a.txt", "a.txt", "a.txt", ""},
		{NULL, "./a.txt", "./a.txt", "a.txt", "."},
		{"d", ".//./a.txt", "d/a.txt", "d/a.txt", "d"},
		{"d", "../a.txt", "d/../a.txt", "a.txt", "d/.."},
		{"..", "../a.txt", "../../a.txt", "../../a.txt", "../.."},
		{"/", "a.txt", "/a.txt", "/a.txt", "/"},
		{"d", "/x//y/./z", "/x//y/./z", "/x/y/z", "/x//y/."},
		{"d", "///x y", "/x y", "/x y", "/"},
		{"https://h/d", "a.txt", "https://h/d/a.txt", "https://h/d/a.txt", "https://h/d"},
		{"https://h/d", "/a.txt", "https://h/a.txt", "https://h/a.txt", "https://h"},
		{"https://h", "../a.txt", "https://h/../a.txt", "https://h/../a.txt", "https://h/.."},
		{"d", "https://u@h/x?y=/z", "https://u@h/x?y=/z", "https://u@h/x?y=/z", "https://u@h"},
		{"d/e", "./", "d/e", "d/e", "d"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char *joined = cenv_location_join(rows[i].base, rows[i].ref);
		char *normal = cenv_location_normal(joined), *dir = cenv_location_dir(joined);

		assert_string_equal(joined, rows[i].joined);
		assert_string_equal(normal, rows[i].normal);
		assert_string_equal(dir, rows[i].dir);
		free(joined);
		free(normal);
		free(dir);
	}
}

static void credentials_are_taken_off(void **state)
{
	/* as given, without, and masked */
	static const char *const rows[][3] = {
		{"https://user:pw@h/x", "https://h/x", "https://***@h/x"},
		{"https://t@h", "https://h", "https://***@h"},
		{"https://token@h:81/x?y#z", "https://h:81/x?y#z", "https://***@h:81/x?y#z"},
		{"https://a@b:c@h:1/x@y", "https://h:1/x@y", "https://***@h:1/x@y"},
		{"https://h/x@y?z@w", "https://h/x@y?z@w", "https://h/x@y?z@w"},
		{"http://u:p@[::1]:8/x", "http://[::1]:8/x", "http://***@[::1]:8/x"},
		{"file:///a@b", "file:///a@b", "file:///a@b"},
		{"/a@b", "/a@b", "/a@b"},
		{"https://h/x?a=1&private_token=abc&b=2#key=z",
		 "https://h/x?a=1&private_token=***&b=2#key=z",
		 "https://h/x?a=1&private_token=***&b=2#key=z"},
		{"https://u:p@h/x?X-Amz-Signature=abcd;X-Amz-Credential=de",
		 "https://h/x?X-Amz-Signature=***;X-Amz-Credential=***",
		 "https://***@h/x?X-Amz-Signature=***;X-Amz-Credential=***"},
		{"https://h/x?token&y", "https://h/x?token&y", "https://h/x?token&y"},
		{"https://h/x?token=&y", "https://h/x?token=&y", "https://h/x?token=&y"},
		{"https://h?key=k", "https://h?key=***", "https://h?key=***"},
		{"https://", "https://", "https://"},
		/* what may stand in a password, and what may not */
		{"https://u:a'b\"c<d>e@h/x?key=k'l", "https://h/x?key=***", "https://***@h/x?key=***"},
		{"https://u:a/b@h/x", "https://h/x", "https://***@h/x"},
		{"https://u:/b@h/x", "https://h/x", "https://***@h/x"},
		{"https://u:/b@c@h/x", "https://h/x", "https://***@h/x"},
		{"https://u:a?b#c\\d@h/x?y", "https://h/x?y", "https://***@h/x?y"},
		{"https://u:a://b@h/x", "https://h/x", "https://***@h/x"},
		{"https://h:80/x@y", "https://h:80/x@y", "https://h:80/x@y"},
		{"https://[::1]/x@y", "https://[::1]/x@y", "https://[::1]/x@y"},
		{"https://h/x?pass=a&pwd=b", "https://h/x?pass=***&pwd=***",
		 "https://h/x?pass=***&pwd=***"},
		/* a URL in a URL */
		{"https://p/https://t@h/x?key=k", "https://p/https://***@h/x?key=***",
		 "https://p/https://***@h/x?key=***"},
		{"https://a@p/?u=https://t:u@h/x&key=b://c&sig=d",
		 "https://p/?u=https://***@h/x&key=***&sig=***",
		 "https://***@p/?u=https://***@h/x&key=***&sig=***"},
		{"https://h/?key=https://t@i/&x", "https://h/?key=***&x", "https://h/?key=***&x"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct cenv_buf text = CENV_BUF_INIT;
		char *s = cenv_url_redact(rows[i][0]);

		assert_string_equal(s, rows[i][1]);
		cenv_secrets_mask(&text, rows[i][0], strlen(rows[i][0]), 0);
		assert_string_equal(text.buf, rows[i][2]);
		free(s);
		cenv_buf_release(&text);
	}
}

static void credentials_are_masked_wherever_a_url_stands(void **state)
{
	static const char text[] = "see 'http://u:pw@h/x?token=t' and (https://me@h) or x@y://z a@b";
	/* bytes of the text, and where they are then */
	static const size_t places[][2] = {{0, 0},   {11, 11}, {12, 12}, {14, 12}, {16, 15}, {17, 16},
					   {29, 30}, {39, 40}, {44, 44}, {45, 47}, {62, 64}};

	(void)state;
	for (size_t i = 0; i < LENGTH(places); i++) {
		struct cenv_buf out = CENV_BUF_INIT;

		assert_int_equal(cenv_secrets_mask(&out, text, strlen(text), places[i][0]),
				 places[i][1]);
		assert_string_equal(out.buf, "see 'http://***@h/x?token=***' and (https://***@h) or "
					     "x@y://z a@b");
		cenv_buf_release(&out);
	}
}

static void a_quote_ends_a_url_where_it_ends_a_word(void **state)
{
	static const char *const rows[][2] = {
		{"'https://h': x@y", "'https://h': x@y"},
		{"\"https://h/?key=a\", \"x@y\"", "\"https://h/?key=***\", \"x@y\""},
		{"{\"u\":\"https://u:a'b@h\"}", "{\"u\":\"https://***@h\"}"},
		{"<https://u:p@h>, 'https://u:'p@h'", "<https://***@h>, 'https://***@h'"},
		{"'https://h/?key=k'", "'https://h/?key=***'"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct cenv_buf out = CENV_BUF_INIT;

		cenv_secrets_mask(&out, rows[i][0], strlen(rows[i][0]), 0);
		assert_string_equal(out.buf, rows[i][1]);
		cenv_buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_requirements_say_what_and_where),
		cmocka_unit_test(names_with_specifiers_and_features),
		cmocka_unit_test(locations_are_told_from_names),
		cmocka_unit_test(paths_can_have_features),
		cmocka_unit_test(options_are_quoted_as_in_a_shell),
		cmocka_unit_test(the_normal_form_parses_back),
		cmocka_unit_test(a_long_requirement_is_refused),
		cmocka_unit_test(origins_name_file_and_line),
		cmocka_unit_test(archive_names_split_at_the_version),
		cmocka_unit_test(locations_join_and_normalise),
		cmocka_unit_test(credentials_are_taken_off),
		cmocka_unit_test(credentials_are_masked_wherever_a_url_stands),
		cmocka_unit_test(a_quote_ends_a_url_where_it_ends_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

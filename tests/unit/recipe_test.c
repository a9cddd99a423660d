/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/str.h"
#include "core/recipe.h"
#include "core/recipe_lint.h"

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define PACKAGE "[package]\nname = foo\n"
#define VERSION "[version 1.0]\nurl = https://example.org/foo-1.0.tar.gz\nsha256 = " HEX_A "\n"
#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static struct cenv_recipe *parse(const char *text, bool in_archive)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_recipe *recipe;

	if (cenv_recipe_parse(&recipe, text, strlen(text), "foo.ini", in_archive, &err) < 0)
		fail_msg("%s\n%s", err.msg, err.detail);
	return recipe;
}

static void a_recipe_is_read_whatever_the_order_of_its_sections(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf[version 1.5]\r\n"
		"url = https://example.org/foo-1.5.tar.gz\r\n"
		"url = https://mirror.example.org/foo-1.5.tar.gz\r\n"
		"sha256 = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n"
		"date = 2024-02-29\r\n"
		"\n"
		"[feature tools]\nsummary = programs\ndefault = no\nenable = -DT=ON\n"
		"disable = -DT=OFF\n"
		"[build]\nsystem = cmake\nsubdir = src/lib\nrequires =\n\tzlib>=1.2.11\n"
		"    # a comment between items\n\n    libpng ; target_system == \"Linux\"\n"
		"requires[tools] = popt\ncflags = -O2  -g\n"
		"[feature Api]\nsummary = the API\ndefault = yes\nenable = -DA=ON\n"
		"[version 1.10]\nurl = https://example.org/foo-1.10.tar.gz\nsha256 = " HEX_B "\n"
		"[package]\nname = Foo_Lib\nsummary = A library; with # signs\n"
		"homepage = https://example.org/#foo\nlicense = MIT\npkgconfig = foo foo-extra\n";
	struct cenv_recipe *r = parse(text, false);
	const struct cenv_recipe_version *v;

	(void)state;
	assert_string_equal(r->name, "Foo_Lib");
	assert_string_equal(r->key, "foo-lib");
	assert_string_equal(r->summary, "A library; with # signs");
	assert_string_equal(r->homepage, "https://example.org/#foo");
	assert_int_equal(r->pkgconfig.n, 2);
	assert_string_equal(r->pkgconfig.v[1], "foo-extra");
	assert_int_equal(r->nversions, 2);
	assert_string_equal(r->versions[0].version, "1.10"); /* newest first */
	v = cenv_recipe_version(r, "1.5.0");
	assert_ptr_equal(v, &r->versions[1]);
	assert_int_equal(v->urls.n, 2);
	assert_string_equal(v->sha256, HEX_A);
	assert_string_equal(v->date, "2024-02-29");
	assert_int_equal(v->build->system, CENV_BUILD_CMAKE);
	assert_string_equal(v->build->subdir, "src/lib");
	assert_int_equal(v->build->cflags.n, 2);
	assert_int_equal(v->nrequires, 2);
	assert_string_equal(v->requires[1].key, "libpng");
	assert_non_null(v->requires[1].marker);
	assert_string_equal(v->requires[1].origin.file, "foo.ini");
	assert_int_equal(v->requires[1].origin.line, 19);
	assert_int_equal(r->nfeatures, 2);
	assert_string_equal(r->features[0].name, "Api"); /* sorted */
	assert_true(r->features[0].is_default);
	assert_int_equal(cenv_recipe_feature(r, "TOOLS"), 1);
	assert_int_equal(cenv_recipe_feature(r, "none"), -1);
	assert_string_equal(v->features[1].requires[0].key, "popt");
	assert_string_equal(v->features[1].disable.v[0], "-DT=OFF");
	cenv_recipe_free(r);
}

static void a_version_replaces_what_build_says(void **state)
{
	struct cenv_recipe *r = parse(
		PACKAGE "[build]\nsystem = cmake\noptions =\n  -DA=1\n  -DB=2\nrequires = zlib\n"
			"requires[x] = popt\n[feature x]\nenable = -DX=1\n" VERSION
			"[version 2]\nurl = u\nsha256 = " HEX_B "\nsystem = meson\noptions = -Dc=3\n"
			"requires =\nrequires[x] =\n  xz\n  zstd\n",
		false);
	const struct cenv_recipe_version *two = cenv_recipe_version(r, "2");
	const struct cenv_recipe_version *one = cenv_recipe_version(r, "1.0");

	(void)state;
	assert_int_equal(two->build->system, CENV_BUILD_MESON);
	assert_int_equal(two->build->options.n, 1);
	assert_string_equal(two->build->options.v[0], "-Dc=3");
	assert_int_equal(two->nrequires, 0);
	assert_int_equal(two->features[0].nrequires, 2);
	assert_int_equal(one->build->system, CENV_BUILD_CMAKE);
	assert_int_equal(one->build->options.n, 2);
	assert_int_equal(one->nrequires, 1);
	assert_int_equal(one->features[0].nrequires, 1);
	cenv_recipe_free(r);
}

static void values_keep_semicolons_hashes_and_blanks(void **state)
{
	struct cenv_recipe *r = parse(
		PACKAGE "[build]\nsystem = commands\nenv =\n  FLAGS=-DA -DB ; #x\n"
			"build =\n  for i in 1 2; do echo $i # note\n  done ; true\n"
			"install = cp a=b \"$DESTDIR\"; sync #1\n" VERSION,
		false);
	const struct cenv_build_section *b = r->versions[0].build;

	(void)state;
	assert_string_equal(b->env.v[0], "FLAGS=-DA -DB ; #x");
	assert_string_equal(b->build.v[0], "for i in 1 2; do echo $i # note");
	assert_string_equal(b->build.v[1], "done ; true");
	assert_string_equal(b->install.v[0], "cp a=b \"$DESTDIR\"; sync #1");
	cenv_recipe_free(r);
}

static void a_line_may_have_199_bytes_and_no_more(void **state)
{
	static const char longest[] = HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN "45678";
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_recipe *r;
	char *text;

	(void)state;
	/* 4 bytes of indentation and 195 of text */
	text = cenv_strf(PACKAGE "[build]\noptions =\n    %s\n    --next\n" VERSION, longest);
	r = parse(text, false);
	assert_int_equal(strlen(longest), 195);
	assert_string_equal(r->versions[0].build->options.v[0], longest);
	assert_string_equal(r->versions[0].build->options.v[1], "--next");
	cenv_recipe_free(r);
	free(text);
	text = cenv_strf(PACKAGE "[build]\noptions =\n    %sx\n    --next\n" VERSION, longest);
	assert_int_equal(cenv_recipe_parse(&r, text, strlen(text), "foo.ini", false, &err), -1);
	assert_null(r);
	assert_string_equal(err.detail,
			    "foo.ini:5: line of 200 bytes, at most 199 are possible\n");
	free(text);
	cenv_err_release(&err);
}

static void a_cenv_ini_has_its_version_in_package(void **state)
{
	struct cenv_recipe *r = parse(
		PACKAGE "version = 1.2\n[build]\nsystem = make\nrequires = zlib\n", true);

	(void)state;
	assert_int_equal(r->nversions, 1);
	assert_string_equal(r->versions[0].version, "1.2");
	assert_null(r->versions[0].sha256);
	assert_int_equal(r->versions[0].build->system, CENV_BUILD_MAKE);
	assert_int_equal(r->versions[0].nrequires, 1);
	cenv_recipe_free(r);
}

struct bad_row {
	const char *text;
	const char *detail; /* all of it */
	bool in_archive;
};

static const struct bad_row bad_rows[] = {
	{"", "foo.ini: there is no [package] section\nfoo.ini: there is no [version ...] section\n"},
	{"[package]\n" VERSION, "foo.ini:1: 'name' is missing\n"},
	{"[package]\nname =\n" VERSION, "foo.ini:2: 'name' has no value\n"},
	{"[package]\nname = ../x\n" VERSION, "foo.ini:2: '../x' is no package name\n"},
	{PACKAGE, "foo.ini: there is no [version ...] section\n"},
	{PACKAGE "[version 1]\n",
	 "foo.ini:3: version 1: 'url' is missing\nfoo.ini:3: version 1: 'sha256' is missing\n"},
	{PACKAGE "[version 1]\nurl = u\nsha256 = 123\n",
	 "foo.ini:5: 'sha256' is 64 hex digits, not '123'\n"},
	{PACKAGE "[version a b]\nurl = u\nsha256 = " HEX_A "\n", "foo.ini:3: 'a b' is no version\n"},
	{PACKAGE "[version]\nurl = u\nsha256 = " HEX_A "\n", "foo.ini:3: '' is no version\n"},
	{PACKAGE VERSION "[version 1.0.0]\nurl = u\nsha256 = " HEX_B "\n",
	 "foo.ini:6: version 1.0.0 is the same as version 1.0 in line 3\n"},
	{PACKAGE VERSION "[build]\nsystem = cmaek\n",
	 "foo.ini:7: unknown build system 'cmaek'; did you mean 'cmake'?\n"},
	{PACKAGE VERSION "[build]\nsystem = bazel\n", "foo.ini:7: unknown build system 'bazel'\n"},
	{PACKAGE VERSION "[build]\noption = -x\n",
	 "foo.ini:7: unknown key 'option'; did you mean 'options'?\n"},
	{PACKAGE "sumary = x\n" VERSION "sha265 = 1\n",
	 "foo.ini:3: unknown key 'sumary'; did you mean 'summary'?\n"
	 "foo.ini:7: unknown key 'sha265'; did you mean 'sha256'?\n"},
	{PACKAGE "version = 1\n" VERSION, "foo.ini:3: unknown key 'version'\n"},
	{PACKAGE VERSION "[feture x]\n",
	 "foo.ini:6: unknown section 'feture x'; did you mean 'feature'?\n"},
	{PACKAGE VERSION "[package]\nname = foo\n", "foo.ini:6: [package] stands in line 1 already\n"},
	{PACKAGE "name = bar\n" VERSION, "foo.ini:3: 'name' stands in line 2 already\n"},
	{PACKAGE VERSION "[feature x]\nenable = a\n[feature X]\nenable = b\n",
	 "foo.ini:8: [feature X] stands in line 6 already\n"},
	{PACKAGE VERSION "[feature -x]\n", "foo.ini:6: '-x' is no feature name\n"},
	{PACKAGE VERSION "[feature x]\ndefault = maybe\nenabled = 1\n",
	 "foo.ini:7: 'default' is yes or no, not 'maybe'\n"
	 "foo.ini:8: unknown key 'enabled'; did you mean 'enable'?\n"},
	{PACKAGE VERSION "[build]\nrequires[x] = zlib\n", "foo.ini:7: there is no [feature x]\n"},
	{PACKAGE VERSION "[build]\nrequires[x = zlib\n",
	 "foo.ini:7: expected 'requires[FEATURE]', not 'requires[x'\n"},
	{PACKAGE VERSION "[build]\nrequires = https://example.org/a-1.tar.gz\n",
	 "foo.ini:7: 'https://example.org/a-1.tar.gz': a recipe requires libraries by name\n"},
	{PACKAGE VERSION "[build]\nrequires = FOO>=1\n", "foo.ini:7: 'foo' requires itself\n"},
	{PACKAGE VERSION "[build]\noptions = --a --b\n",
	 "foo.ini:7: 'options' is one argument a line: '--a --b' holds a blank\n"},
	{PACKAGE VERSION "[build]\nenv = 1X=2\n",
	 "foo.ini:7: 'env' is one NAME=value a line, not '1X=2'\n"},
	{PACKAGE VERSION "[build]\nsubdir = a/../../b\n",
	 "foo.ini:7: subdir 'a/../../b' leaves the sources\n"},
	{PACKAGE VERSION "[build]\nsubdir = /etc\n", "foo.ini:7: subdir '/etc' leaves the sources\n"},
	{PACKAGE VERSION "[build]\nsystem = commands\n",
	 "foo.ini:3: 'system = commands' needs 'install' lines\n"},
	{PACKAGE VERSION "[build]\nsystem = make\ninstall = x\n",
	 "foo.ini:8: 'install' lines are only for 'system = commands'\n"},
	{PACKAGE VERSION "date = 2024-1-1\n", "foo.ini:6: 'date' is YYYY-MM-DD, not '2024-1-1'\n"},
	{PACKAGE "summary =\n  a\n  b\n" VERSION, "foo.ini:5: 'summary' takes one value\n"},
	{PACKAGE "pkgconfig = ../foo\n" VERSION, "foo.ini:3: '../foo' is no pkg-config module\n"},
	/* the form */
	{"name = foo\n" PACKAGE VERSION, "foo.ini:1: a key before the first [section]\n"},
	{"  x\n" PACKAGE VERSION, "foo.ini:1: an indented line needs a key above it\n"},
	{PACKAGE VERSION "nonsense\n", "foo.ini:6: expected 'key = value'\n"},
	{PACKAGE VERSION "[build\n", "foo.ini:6: a section line ends with its ']'\n"},
	{PACKAGE VERSION "[build] x\n", "foo.ini:6: a section line ends with its ']'\n"},
	{PACKAGE "[]\n" VERSION, "foo.ini:3: a section without a name\nfoo.ini:3: unknown section ''\n"},
	{PACKAGE "summary = \x1b[31m\n" VERSION, "foo.ini:3: control character in the line\n"},
	/* every fault is shown, in line order */
	{"[package]\nnmae = foo\n[build]\nsystem = x\n[version 1]\nurl = a b\nsha256 = z\n",
	 "foo.ini:1: 'name' is missing\n"
	 "foo.ini:2: unknown key 'nmae'; did you mean 'name'?\n"
	 "foo.ini:4: unknown build system 'x'\n"
	 "foo.ini:6: blank in URL 'a b'\n"
	 "foo.ini:7: 'sha256' is 64 hex digits, not 'z'\n"},
	/* cenv.ini */
	{PACKAGE, "foo.ini:1: 'version' is missing\n", true},
	{PACKAGE "version = 1\n" VERSION, "foo.ini:4: a cenv.ini has its version in [package]\n", true},
};

static void a_malformed_recipe_is_refused_with_all_its_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_rows) / sizeof(*bad_rows); i++) {
		const struct bad_row *row = &bad_rows[i];
		struct cenv_err err = CENV_ERR_INIT;
		struct cenv_recipe *recipe;

		assert_int_equal(cenv_recipe_parse(&recipe, row->text, strlen(row->text), "foo.ini",
						   row->in_archive, &err),
				 -1);
		assert_null(recipe);
		assert_int_equal(err.code, CENV_E_SYNTAX);
		assert_string_equal(err.msg, row->in_archive ? "malformed cenv.ini 'foo.ini'"
							     : "malformed recipe 'foo.ini'");
		assert_string_equal(err.detail, row->detail);
		cenv_err_release(&err);
	}
}

static void an_invalid_requirement_names_its_line(void **state)
{
	static const char text[] =
		PACKAGE VERSION "[build]\nrequires =\n  zlib\n  xz>=\n  a b\n";
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_recipe *recipe;

	(void)state;
	assert_int_equal(cenv_recipe_parse(&recipe, text, strlen(text), "foo.ini", false, &err), -1);
	assert_non_null(strstr(err.detail, "foo.ini:9: "));
	assert_non_null(strstr(err.detail, "foo.ini:10: "));
	assert_null(strstr(err.detail, "foo.ini:8: "));
	cenv_err_release(&err);
}

static void a_nul_byte_is_a_control_character(void **state)
{
	static const char text[] = PACKAGE "summary = a\0b\n" VERSION;
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_recipe *recipe;

	(void)state;
	assert_int_equal(cenv_recipe_parse(&recipe, text, sizeof(text) - 1, "foo.ini", false, &err),
			 -1);
	assert_string_equal(err.detail, "foo.ini:3: control character in the line\n");
	cenv_err_release(&err);
}

static int parse_repeated(const char *line, size_t times, struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_recipe *recipe;
	int ret;

	cenv_buf_adds(&text, PACKAGE VERSION);
	for (size_t i = 0; i < times; i++)
		cenv_buf_addf(&text, "%s%zu]\n", line, i);
	ret = cenv_recipe_parse(&recipe, text.buf, text.len, "foo.ini", false, err);
	cenv_recipe_free(recipe);
	cenv_buf_release(&text);
	return ret;
}

static void what_a_recipe_may_hold_is_bounded(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	assert_int_equal(parse_repeated("[feature f", 64, &err), 0);
	assert_int_equal(parse_repeated("[feature f", 65, &err), -1);
	assert_string_equal(err.detail, "foo.ini:70: more than 64 features\n");
	assert_int_equal(parse_repeated("[version 2.", 9000, &err), -1);
	assert_non_null(strstr(err.detail, "foo.ini: and 9411 more faults\n"));
	assert_int_equal(parse_repeated("[version 2.", 90000, &err), -1);
	assert_string_equal(err.detail, "foo.ini: larger than 262144 bytes\n");
	cenv_err_release(&err);
}

static void long_lists_and_many_versions_do_not_multiply(void **state)
{
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_recipe *recipe;

	(void)state;
	cenv_buf_adds(&text, PACKAGE "[build]\noptions =\n");
	for (size_t i = 0; i < 40000; i++)
		cenv_buf_adds(&text, " x\n");
	for (size_t i = 0; i < 3; i++)
		cenv_buf_addf(&text, "[version %zu]\nurl = u\nsha256 = " HEX_A "\n", i);
	assert_int_equal(cenv_recipe_parse(&recipe, text.buf, text.len, "foo.ini", false, &err),
			 -1);
	assert_string_equal(err.detail, "foo.ini:40011: too many versions for lists this long\n");
	cenv_err_release(&err);
	cenv_buf_release(&text);
}

/* ---- lint ---- */

static void licenses_are_spdx_expressions(void **state)
{
	static const struct {
		const char *text;
		bool valid;
		const char *unknown;
	} rows[] = {
		{"MIT", true, NULL},
		{"GPL-2.0-or-later WITH Autoconf-exception-3.0", true, NULL},
		{"(MIT OR Zlib) AND (BSD-2-Clause AND (ISC))", true, NULL},
		{"LicenseRef-Public-Domain", true, NULL},
		{"FTL OR GPL-2.0-or-later", true, NULL},
		{"GPLv2", false, "GPLv2"},
		{"MIT AND mit", false, "mit"},
		{"MIT WITH Zlib", false, "Zlib"},
		{"LicenseRef-", false, "LicenseRef-"},
		{"", false, NULL},
		{"MIT AND", false, NULL},
		{"MIT Zlib", false, NULL},
		{"(MIT", false, NULL},
		{"MIT)", false, NULL},
		{"AND MIT", false, "AND"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *unknown;

		assert_int_equal(cenv_license_valid(rows[i].text, &unknown), rows[i].valid);
		if (rows[i].unknown)
			assert_string_equal(unknown, rows[i].unknown);
		else
			assert_null(unknown);
		free(unknown);
	}
}

#define FULL(name, rest)                                                                           \
	"[package]\nname = " name "\nsummary = S\nhomepage = https://h\nlicense = MIT\n" rest

static void lint_text(const char *const (*files)[2], size_t n, char *out, size_t size)
{
	struct cenv_recipe *recipes[4];
	struct cenv_lint lint = {0};
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_buf text = CENV_BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		if (cenv_recipe_parse(&recipes[i], files[i][1], strlen(files[i][1]), files[i][0],
				      false, &err) < 0)
			fail_msg("%s", err.detail);
	}
	cenv_recipe_lint(&lint, (const struct cenv_recipe *const *)recipes, n, true);
	for (size_t i = 0; i < lint.n; i++)
		cenv_buf_addf(&text, "%s:%u: %s\n", lint.v[i].path, lint.v[i].line, lint.v[i].text);
	assert_true(text.len < size);
	memcpy(out, text.buf, text.len + 1);
	cenv_buf_release(&text);
	cenv_lint_release(&lint);
	for (size_t i = 0; i < n; i++)
		cenv_recipe_free(recipes[i]);
}

static void lint_finds_what_is_missing_or_out_of_order(void **state)
{
	static const char *const files[][2] = {
		{"x/bar.ini",
		 "[package]\nname = foo\nsummary = Ends.\nlicense = GPL\n"
		 "[feature f]\n"
		 "[version 1]\nurl = u\nsha256 = " HEX_A "\n"
		 "[version 2]\nurl = https://h/a\nurl = https://h/a\nsha256 = " HEX_A "\n"},
	};
	char text[4096];

	(void)state;
	lint_text(files, 1, text, sizeof(text));
	assert_string_equal(text,
			    "x/bar.ini:0: the file of 'foo' is called 'foo.ini'\n"
			    "x/bar.ini:0: the summary ends with a full stop\n"
			    "x/bar.ini:0: 'homepage' is missing\n"
			    "x/bar.ini:0: 'GPL' is not in SPDX's list; 'LicenseRef-...' is for others\n"
			    "x/bar.ini:5: feature 'f': 'summary' is missing\n"
			    "x/bar.ini:5: feature 'f' changes nothing\n"
			    "x/bar.ini:9: 'https://h/a' stands there twice\n"
			    "x/bar.ini:6: 'u' is no URL\n"
			    "x/bar.ini:6: version 1 has the sha256 of 2\n"
			    "x/bar.ini:6: version 1 stands above the newer version 2\n");
}

#define ONE "[version 1.0]\nurl = https://h/f\nsha256 = " HEX_A "\n"

static void lint_finds_dependencies_that_do_not_fit(void **state)
{
	static const char *const files[][2] = {
		{"a.ini", FULL("a", ONE "[version 0.9]\nurl = https://h/e\nsha256 = " HEX_B "\n"
				    "[build]\nrequires =\n  b[x]>=2\n  c\n  b[y,-z]\n")},
		{"b.ini", FULL("b", ONE "[feature y]\nsummary = s\nenable = -y\n")},
	};
	char text[4096];

	(void)state;
	lint_text(files, 2, text, sizeof(text));
	assert_string_equal(text, "a.ini:14: no version of 'b' satisfies 'b[x]>=2'\n"
				  "a.ini:14: 'b' has no feature 'x'\n"
				  "a.ini:15: no recipe provides 'c'\n"
				  "a.ini:16: 'b' has no feature 'z'\n");
}

static void lint_finds_cycles_that_nobody_can_avoid(void **state)
{
	static const char *const files[][2] = {
		{"a.ini", FULL("a", ONE "[build]\nrequires = b\n")},
		{"b.ini", FULL("b", ONE "[feature on]\nsummary = s\ndefault = yes\n"
				    "[feature off]\nsummary = s\n"
				    "[build]\nrequires[on] = c\nrequires[off] = a\n")},
		{"c.ini", FULL("c", ONE "[build]\nrequires = b\n")},
	};
	char text[4096];

	(void)state;
	lint_text(files, 3, text, sizeof(text));
	assert_string_equal(text, "b.ini:0: needs itself: b -> c -> b\n");
}

/* ---- outlines ---- */

static void an_outline_reads_plain_versions_when_asked(void **state)
{
	static const char text[] =
		PACKAGE "[build]\nsystem = make\nrequires = zlib\n"
			"[version 2]\nurl = https://a/b;x#y\nsha256 = " HEX_A "\ndate = 2024-05-06\n"
			"requires =\n  # why\n  libpng>=1.6,<2\n\n[feature f]\ndefault = yes\n"
			"[version 1]\nurl = https://a/b\nsha256 = " HEX_A "\n"
			"[version 0.9]\nurl = https://a/b\nsha256 = " HEX_A "\n"
			"requires = xz ; compiler == \"gcc\"\n";
	struct cenv_buf copy = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_recipe *r;

	(void)state;
	cenv_buf_adds(&copy, text);
	assert_int_equal(cenv_recipe_outline(&r, &copy, "foo.ini", "foo", &err), 0);
	assert_int_equal(r->nversions, 3);
	assert_non_null(r->versions[0].unread);
	assert_string_equal(r->versions[0].date, "2024-05-06");
	assert_non_null(r->versions[1].unread);
	assert_null(r->versions[2].unread); /* a marker is not plain */
	cenv_recipe_read_all(r);
	assert_null(r->versions[0].unread);
	assert_string_equal(r->versions[0].urls.v[0], "https://a/b;x#y");
	assert_int_equal(r->versions[0].nrequires, 1); /* in the place of zlib */
	assert_string_equal(r->versions[0].requires[0].text, "libpng>=1.6,<2");
	assert_int_equal(r->versions[0].requires[0].origin.line, 12);
	assert_string_equal(r->versions[1].requires[0].key, "zlib");
	assert_int_equal(r->versions[1].build->system, CENV_BUILD_MAKE);
	cenv_recipe_free(r);
}

static void an_outline_finds_faults_of_versions_nobody_asks_for(void **state)
{
	static const char *const bodies[] = {
		"",
		"url = https://a/b\n",
		"url = https://a/b\nsha256 = 123\n",
		"url = https://a/b\nsha256 = " HEX_A "\nsha256 = " HEX_A "\n",
		"url = https://a/b\nsha256 = " HEX_A "\nbogus = 1\n",
		"url = https://a/b\nsha256 = " HEX_A "\ngarbage\n",
		"url = https://a/b\nsha256 = " HEX_A "\ndate = 2024-1-1\n",
		"url = https://a/b\nsha256 = " HEX_A "\nrequires = zlib>\n",
		"url = https://a/b\nsha256 = " HEX_A "\nrequires = foo\n",
		"  zlib\nurl = https://a/b\nsha256 = " HEX_A "\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		struct cenv_err err = CENV_ERR_INIT, whole = CENV_ERR_INIT;
		struct cenv_buf text = CENV_BUF_INIT;
		struct cenv_recipe *r;

		cenv_buf_addf(&text, PACKAGE VERSION "[version 0.1]\n%s", bodies[i]);
		assert_int_equal(cenv_recipe_parse(&r, text.buf, text.len, "foo.ini", false, &whole),
				 -1);
		assert_int_equal(cenv_recipe_outline(&r, &text, "foo.ini", "foo", &err), -1);
		assert_string_equal(err.detail, whole.detail);
		cenv_err_release(&err);
		cenv_err_release(&whole);
		cenv_buf_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recipe_is_read_whatever_the_order_of_its_sections),
		cmocka_unit_test(a_version_replaces_what_build_says),
		cmocka_unit_test(values_keep_semicolons_hashes_and_blanks),
		cmocka_unit_test(a_line_may_have_199_bytes_and_no_more),
		cmocka_unit_test(a_cenv_ini_has_its_version_in_package),
		cmocka_unit_test(an_outline_reads_plain_versions_when_asked),
		cmocka_unit_test(an_outline_finds_faults_of_versions_nobody_asks_for),
		cmocka_unit_test(a_malformed_recipe_is_refused_with_all_its_faults),
		cmocka_unit_test(an_invalid_requirement_names_its_line),
		cmocka_unit_test(a_nul_byte_is_a_control_character),
		cmocka_unit_test(what_a_recipe_may_hold_is_bounded),
		cmocka_unit_test(long_lists_and_many_versions_do_not_multiply),
		cmocka_unit_test(licenses_are_spdx_expressions),
		cmocka_unit_test(lint_finds_what_is_missing_or_out_of_order),
		cmocka_unit_test(lint_finds_dependencies_that_do_not_fit),
		cmocka_unit_test(lint_finds_cycles_that_nobody_can_avoid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

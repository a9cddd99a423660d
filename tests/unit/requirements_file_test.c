/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/requirements_file.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

/* A world of a few files. */
struct file {
	const char *path, *text;
	size_t len; /* 0: text is a string */
};

struct world {
	const struct file *files;
	size_t n;
	size_t nreads;
};

static int read_world(void *payload, const char *path, struct cenv_buf *out, struct cenv_err *err)
{
	struct world *w = payload;

	w->nreads++;
	for (size_t i = 0; i < w->n; i++) {
		if (!strcmp(w->files[i].path, path)) {
			cenv_buf_add(out, w->files[i].text,
				     w->files[i].len ? w->files[i].len : strlen(w->files[i].text));
			return 0;
		}
	}
	return cenv_err_set(err, CENV_E_IO, "cannot read '%s': No such file or directory", path);
}

static const char *get_variable(void *payload, const char *name)
{
	(void)payload;
	if (!strcmp(name, "VERSION"))
		return "1.3.1";
	if (!strcmp(name, "OPTION"))
		return "--hash=sha256:" HEX;
	if (!strcmp(name, "HASH_SIGN"))
		return "x #y";
	return !strcmp(name, "EMPTY") ? "" : NULL;
}

static int read_files(struct cenv_requirements *out, const struct file *files, size_t n,
		      struct cenv_err *err)
{
	struct world w = {.files = files, .n = n};
	struct cenv_reqfile_io io = {read_world, get_variable, &w};

	*out = (struct cenv_requirements){0};
	return cenv_requirements_read(out, files[0].path, false, &io, err);
}

static int read_text(struct cenv_requirements *out, const char *text, size_t len,
		     struct cenv_err *err)
{
	const struct file file = {"r.txt", text, len};

	return read_files(out, &file, 1, err);
}

static struct cenv_requirements must_read(const struct file *files, size_t n)
{
	struct cenv_requirements out;
	struct cenv_err err = CENV_ERR_INIT;

	if (read_files(&out, files, n, &err) < 0)
		fail_msg("%s\n%s", err.msg, err.detail);
	return out;
}

static char *format_all(const struct cenv_requirement *reqs, size_t n)
{
	struct cenv_buf out = CENV_BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		cenv_requirement_format(&reqs[i], &out);
		cenv_buf_addf(&out, " (%s:%u:%u)\n", reqs[i].origin.file, reqs[i].origin.line,
			      reqs[i].origin.column);
	}
	return cenv_buf_detach(&out);
}

static void assert_reads_as(const char *text, size_t len, const char *expected)
{
	const struct file file = {"r.txt", text, len};
	struct cenv_requirements out = must_read(&file, 1);
	char *got = format_all(out.reqs, out.n);

	assert_string_equal(got, expected);
	free(got);
	cenv_requirements_release(&out);
}

static void assert_fails(const char *text, size_t len, const char *msg, const char *detail)
{
	struct cenv_requirements out;
	struct cenv_err err = CENV_ERR_INIT;

	assert_int_equal(read_text(&out, text, len, &err), -1);
	assert_int_equal(err.code, CENV_E_SYNTAX);
	assert_string_equal(err.msg, msg);
	if (detail)
		assert_string_equal(err.detail, detail);
	cenv_err_release(&err);
	cenv_requirements_release(&out);
}

static void every_fault_is_shown_with_its_line_and_a_caret(void **state)
{
	(void)state;
	assert_fails("zlib\nlibpng=1.6\n  curl[ssl>=8  # comment\n--frob\n", 0,
		     "'r.txt' has 3 errors",
		     "r.txt:2:7: '=' is no operator: write '=='\n"
		     "    libpng=1.6\n"
		     "          ^\n"
		     "r.txt:3:11: expected ',' or ']' between features\n"
		     "      curl[ssl>=8  # comment\n"
		     "              ^\n"
		     "r.txt:4:1: unknown option '--frob'\n"
		     "    --frob\n"
		     "    ^\n");
}

static void faults_are_found_through_continuations_and_variables(void **state)
{
	(void)state;
	assert_fails("zlib==${VERSION} \\\n  --hash=sha256:" HEX " \\\n  --hash=sha256:12\n", 0,
		     "'r.txt' has 1 error",
		     "r.txt:3:17: a sha256 has 64 hex digits\n"
		     "      --hash=sha256:12\n"
		     "                    ^\n");
	assert_fails("zlib ${VERSION}x\n", 0, "'r.txt' has 1 error",
		     "r.txt:1:6: unexpected text after the name: a version is written ==1.2, an "
		     "option starts with --\n"
		     "    zlib ${VERSION}x\n"
		     "         ^\n");
	assert_fails("zlib==${VERSION}$\n", 0, "'r.txt' has 1 error",
		     "r.txt:1:17: unexpected text after the version\n"
		     "    zlib==${VERSION}$\n"
		     "                    ^\n");
	assert_fails("zlib==\\\r\n\\\r\n", 0, "'r.txt' has 1 error",
		     "r.txt:1:7: a version is missing after '=='\n"
		     "    zlib==\\\n"
		     "          ^\n");
}

static void excerpts_are_safe_and_short(void **state)
{
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_requirements out;
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	assert_fails("zlib \x1b[31mred\n", 0, "'r.txt' has 1 error",
		     "r.txt:1:6: a control character\n"
		     "    zlib \\x1b[31mred\n"
		     "         ^\n");
	assert_fails("\tz\xc3\xa4\xff\t=1\n", 0, "'r.txt' has 1 error",
		     "r.txt:1:3: unexpected text after the name: a version is written ==1.2, an "
		     "option starts with --\n"
		     "     z\xc3\xa4\\xff =1\n"
		     "      ^\n");
	for (int i = 0; i < 200; i++)
		cenv_buf_adds(&text, "\xc3\xa4");
	cenv_buf_adds(&text, "/x --pre ");
	for (int i = 0; i < 200; i++)
		cenv_buf_adds(&text, "\xc3\xa4");
	assert_int_equal(read_text(&out, text.buf, text.len, &err), -1);
	assert_string_equal(
		err.detail,
		"r.txt:1:204: option '--pre' means nothing behind a requirement: it has a line of its own\n"
		"    ...\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4/x --pre \xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4...\n"
		"                                       ^\n");
	cenv_err_release(&err);
	cenv_requirements_release(&out);
	cenv_buf_release(&text);
}

static void only_the_first_faults_are_shown(void **state)
{
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_requirements out;
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	for (int i = 0; i < 1003; i++)
		cenv_buf_adds(&text, "=\n");
	assert_int_equal(read_text(&out, text.buf, text.len, &err), -1);
	assert_string_equal(err.msg, "'r.txt' has 1003 errors");
	assert_non_null(strstr(err.detail, "r.txt:1000:"));
	assert_null(strstr(err.detail, "r.txt:1001:"));
	assert_true(cenv_str_ends(err.detail, "    =\n    ^\nand 3 more errors\n"));
	cenv_requirements_release(&out);
	for (int i = 0; i < 1000000; i++)
		cenv_buf_adds(&text, "=\n");
	assert_int_equal(read_text(&out, text.buf, text.len, &err), -1);
	assert_string_equal(err.msg, "'r.txt' has at least 10000 errors");
	cenv_err_release(&err);
	cenv_requirements_release(&out);
	cenv_buf_release(&text);
}

static void nul_bytes_and_junk_are_faults(void **state)
{
	static char junk[100000];
	struct cenv_requirements out;
	struct cenv_err err = CENV_ERR_INIT;
	uint32_t seed = 7;

	(void)state;
	assert_fails("zlib\0x\ncurl\n", 12, "'r.txt' has 1 error",
		     "r.txt:1:5: a NUL byte: this is no text\n"
		     "    zlib\\x00x\n"
		     "        ^\n");
	/* in a comment as well; one is enough to see that the rest is no text either */
	assert_fails("# z\0\n=\n", 7, "'r.txt' has 1 error",
		     "r.txt:1:4: a NUL byte: this is no text\n"
		     "    # z\\x00\n"
		     "       ^\n");
	assert_fails("=\nz\0l\0i\0\n\0", 10, "'r.txt' has 2 errors",
		     "r.txt:1:1: expected the name of a library, a URL or a path\n"
		     "    =\n"
		     "    ^\n"
		     "r.txt:2:2: a NUL byte: this is no text\n"
		     "    z\\x00l\\x00i\\x00\n"
		     "     ^\n");
	assert_fails("\xff\xfez\0l\0", 6, "'r.txt' is UTF-16: save it as UTF-8", NULL);
	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = (char)((seed = seed * 1664525 + 1013904223) >> 24);
	assert_int_equal(read_text(&out, junk, sizeof(junk), &err), -1);
	assert_int_equal(err.code, CENV_E_SYNTAX);
	assert_true(strlen(err.detail) < 20000);
	cenv_err_release(&err);
	cenv_requirements_release(&out);
}

static void sizes_are_bounded(void **state)
{
	size_t len = 20 << 20;
	char *text = malloc(len);
	struct cenv_requirements out;
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	assert_non_null(text);
	memset(text, 'a', len);
	assert_fails(text, len, "'r.txt' is larger than 16 MiB", NULL);
	assert_int_equal(read_text(&out, text, 10 << 20, &err), -1);
	assert_string_equal(err.msg, "'r.txt' has 1 error");
	assert_non_null(strstr(err.detail, "r.txt:1:1: a line is longer than 65536 bytes\n"));
	assert_true(strlen(err.detail) < 300);
	cenv_requirements_release(&out);
	for (size_t i = 0; i < len; i++)
		text[i] = i % 2 ? '\n' : '\\';
	assert_int_equal(read_text(&out, text, 10 << 20, &err), 0);
	assert_int_equal(out.n, 0);
	cenv_requirements_release(&out);
	for (size_t i = 0; i < len; i++)
		text[i] = i % 2 ? '\n' : 'a';
	assert_int_equal(read_text(&out, text, 10 << 20, &err), -1);
	assert_int_equal(out.n, 200000);
	assert_non_null(strstr(err.detail, "r.txt:200001:1: more than 200000 requirements\n"));
	cenv_requirements_release(&out);
	cenv_err_release(&err);
	free(text);
}

static int read_too_much(void *payload, const char *path, struct cenv_buf *out, struct cenv_err *err)
{
	(void)payload;
	(void)out;
	return cenv_err_sys(err, EFBIG, "cannot read '%s'", path);
}

static void a_file_that_the_reader_finds_too_large_is_malformed(void **state)
{
	struct cenv_reqfile_io io = {.read = read_too_much};
	struct cenv_requirements out = {0};
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	assert_int_equal(cenv_requirements_read(&out, "r.txt", false, &io, &err), -1);
	assert_int_equal(err.code, CENV_E_SYNTAX);
	assert_string_equal(err.msg, "'r.txt' is larger than 16 MiB");
	cenv_err_release(&err);
	cenv_requirements_release(&out);
}

static void lines_join_and_comments_go(void **state)
{
	(void)state;
	assert_reads_as("\xef\xbb\xbf# first\r\n"
			"zlib==1 # why\r\n"
			"  curl[ssl] \\\r\n"
			"  >= 8, \\\r\n"
			"  < 9\r\n"
			"\r\n"
			"\t \n"
			"a#b/c\n"
			"xz\\\n"
			"# ends it\n"
			"lz4 \\\n"
			"# so does this \\\n"
			"zstd\r"
			"expat # a \\\n"
			"swallowed\n"
			"brotli \\",
			0,
			"zlib==1 (r.txt:2:1)\n"
			"curl[ssl]>=8,<9 (r.txt:3:3)\n"
			"file:./a%23b/c (r.txt:8:1)\n"
			"xz (r.txt:9:1)\n"
			"lz4 (r.txt:11:1)\n"
			"zstd (r.txt:13:1)\n"
			"expat (r.txt:14:1)\n"
			"brotli (r.txt:16:1)\n");
}

static void only_upper_case_variables_that_are_set_expand(void **state)
{
	(void)state;
	assert_reads_as("zlib==${VERSION}\n"
			"zlib ${OPTION}\n"
			"./${UNSET}/${EMPTY}/${version}/$VERSION/${VERSION\n"
			"./${HASH_SIGN}\n"
			"a --config-settings=options='$''{VERSION}'\n",
			0,
			"zlib==1.3.1 (r.txt:1:1)\n"
			"zlib --hash=sha256:" HEX " (r.txt:2:1)\n"
			"file:./%24%7BUNSET%7D/%24%7BEMPTY%7D/%24%7Bversion%7D/%24VERSION/%24%7BVERSION "
			"(r.txt:3:1)\n"
			"file:./x%20%23y (r.txt:4:1)\n"
			"a --config-settings=options='$''{VERSION}' (r.txt:5:1)\n");
}

static void options_of_a_file_are_read(void **state)
{
	static const struct file files[] = {
		{"d/r.txt",
		 "--index recipes --index=https://i/x\n"
		 "-i a\n--index-url b\n--extra-index-url c\n-i a\n"
		 "-f links -f/abs\n--find-links 'with blank'\n"
		 "--mirror m\n--pre --require-hashes\n--no-index\n"
		 "-r more.txt\n-c sub/c.txt\n--requirement=more.txt -e ./src\n", 0},
		{"d/more.txt", "zlib\n./x-1.zip\n", 0},
		{"d/sub/c.txt", "zlib<2\nfoo @ ./y-1.zip\n-r ../more2.txt\n", 0},
		{"d/sub/../more2.txt", "expat\n", 0},
	};
	struct cenv_requirements out;
	struct cenv_err err = CENV_ERR_INIT;
	char *joined, *reqs, *constraints;

	(void)state;
	assert_int_equal(read_files(&out, files, LENGTH(files), &err), -1);
	assert_non_null(strstr(err.detail, "d/r.txt:13:24: option '-e' comes first on a line of its own"));
	cenv_err_release(&err);
	joined = cenv_strv_join(&out.indexes, " ");
	assert_string_equal(joined, "d/recipes https://i/x d/a d/b d/c");
	free(joined);
	joined = cenv_strv_join(&out.find_links, "|");
	assert_string_equal(joined, "d/links|/abs|d/with blank");
	free(joined);
	assert_string_equal(out.mirrors.v[0], "d/m");
	assert_true(out.pre && out.require_hashes && out.no_default_index);
	reqs = format_all(out.reqs, out.n);
	assert_string_equal(reqs, "zlib (d/more.txt:1:1)\n./d/x-1.zip (d/more.txt:2:1)\n");
	constraints = format_all(out.constraints, out.nconstraints);
	assert_string_equal(constraints, "zlib<2 (d/sub/c.txt:1:1)\n"
					 "foo @ ./d/sub/y-1.zip (d/sub/c.txt:2:1)\n"
					 "expat (d/sub/../more2.txt:1:1)\n");
	free(reqs);
	free(constraints);
	cenv_requirements_release(&out);
}

static void options_out_of_place_are_faults(void **state)
{
	static const char *const rows[][2] = {
		{"--hash=sha256:" HEX, "1:1: option '--hash' means nothing here: it stands behind a "
				       "requirement\n"},
		{"--pre --config-settings=options=x",
		 "1:7: option '--config-settings' means nothing here: it stands behind a requirement\n"},
		{"--pre=1", "1:7: option '--pre' takes no value\n"},
		{"--pre zlib", "1:7: unexpected 'zlib' behind an option\n"},
		{"-r", "1:1: option '-r' needs a value\n"},
		{"--index=", "1:1: option '--index' needs a value\n"},
		{"-x", "1:1: unknown option '-x'\n"},
		{"-", "1:1: unknown option '-'\n"},
		{"--index ftp://h/x", "1:9: cannot fetch 'ftp' URLs: https, http and file are known\n"},
		{"-r 'a", "1:4: this single quote is never closed\n"},
		{"-f a\\", NULL}, /* a continuation at the end */
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct cenv_requirements out;
		struct cenv_err err = CENV_ERR_INIT;
		int ret = read_text(&out, rows[i][0], 0, &err);

		assert_int_equal(ret, rows[i][1] ? -1 : 0);
		if (ret < 0 && (!cenv_str_starts(err.detail, "r.txt:") ||
				!cenv_str_starts(err.detail + 6, rows[i][1])))
			fail_msg("'%s': %s", rows[i][0], err.detail);
		cenv_err_release(&err);
		cenv_requirements_release(&out);
	}
}

static void a_file_that_includes_itself_is_an_error(void **state)
{
	static const struct file files[] = {
		{"r.txt", "-r dev/a.txt\n", 0},
		{"dev/a.txt", "zlib\n  -r ../r.txt\n", 0},
	};
	static const struct file self = {"r.txt", "-c ./x/../r.txt\n", 0};
	struct cenv_requirements out;
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	assert_int_equal(read_files(&out, files, 2, &err), -1);
	assert_int_equal(err.code, CENV_E_SYNTAX);
	assert_string_equal(err.msg, "'r.txt' and what it includes have 1 error");
	assert_string_equal(err.detail,
			    "dev/a.txt:2:6: 'dev/../r.txt' includes itself: dev/../r.txt <- dev/a.txt "
			    "<- r.txt\n"
			    "      -r ../r.txt\n"
			    "         ^\n");
	cenv_requirements_release(&out);
	assert_int_equal(read_files(&out, &self, 1, &err), -1);
	assert_int_equal(err.code, CENV_E_SYNTAX);
	cenv_requirements_release(&out);
	cenv_err_release(&err);
}

/* Files "0", "1", ... that each include the next twice, by two spellings. */
static int read_chain(void *payload, const char *path, struct cenv_buf *out, struct cenv_err *err)
{
	unsigned long n = strtoul(strrchr(path, '/') ? strrchr(path, '/') + 1 : path, NULL, 10);

	(void)err;
	++*(size_t *)payload;
	cenv_buf_addf(out, "-r %lu\n-r %lu\n-r x/../%lu\nzlib\n", n + 1, n + 1, n + 1);
	return 0;
}

static void a_million_levels_end_at_the_limit(void **state)
{
	size_t nreads = 0;
	struct cenv_reqfile_io io = {.read = read_chain, .payload = &nreads};
	struct cenv_requirements out = {0};
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	assert_int_equal(cenv_requirements_read(&out, "0", false, &io, &err), -1);
	assert_int_equal(err.code, CENV_E_SYNTAX);
	assert_non_null(strstr(err.detail, "files include each other deeper than 64"));
	assert_true(nreads <= 4097);
	cenv_err_release(&err);
	cenv_requirements_release(&out);
}

static void a_missing_file_keeps_its_code(void **state)
{
	static const struct file files[] = {{"r.txt", "zlib\n-r gone.txt\n-r gone2.txt\n", 0}};
	static const struct file both[] = {{"r.txt", "-r gone.txt\n=\n", 0}};
	struct world none = {0};
	struct cenv_reqfile_io io = {read_world, NULL, &none};
	struct cenv_requirements out = {0};
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	assert_int_equal(cenv_requirements_read(&out, "r.txt", false, &io, &err), -1);
	assert_int_equal(err.code, CENV_E_IO);
	assert_string_equal(err.msg, "cannot read 'r.txt': No such file or directory");
	assert_int_equal(read_files(&out, files, 1, &err), -1);
	assert_int_equal(err.code, CENV_E_IO);
	assert_string_equal(err.msg, "'r.txt' has 2 errors");
	assert_non_null(strstr(err.detail, "r.txt:2:4: cannot read 'gone.txt': No such file"));
	assert_non_null(strstr(err.detail, "r.txt:3:4: cannot read 'gone2.txt': No such file"));
	cenv_requirements_release(&out);
	assert_int_equal(read_files(&out, both, 1, &err), -1);
	assert_int_equal(err.code, CENV_E_SYNTAX);
	cenv_requirements_release(&out);
	cenv_err_release(&err);
}

static void constraints_have_names(void **state)
{
	static const struct file files[] = {
		{"r.txt", "-c c.txt\n", 0},
		{"c.txt", "zlib<2\n  ./x-1.zip\n-e ./y\n", 0},
	};
	struct cenv_requirements out;
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	assert_int_equal(read_files(&out, files, 2, &err), -1);
	assert_string_equal(err.detail,
			    "c.txt:2:3: a constraint needs a name: write 'NAME @ LOCATION'\n"
			    "      ./x-1.zip\n"
			    "      ^\n"
			    "c.txt:3:1: a constraint cannot be editable\n"
			    "    -e ./y\n"
			    "    ^\n");
	assert_int_equal(out.n, 0);
	assert_int_equal(out.nconstraints, 1);
	cenv_err_release(&err);
	cenv_requirements_release(&out);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Twice the lines must not take much more than twice the time. */
static void reading_time_grows_with_the_length_only(void **state)
{
	double took[2];

	(void)state;
	for (int round = 0; round < 2; round++) {
		struct cenv_buf text = CENV_BUF_INIT;
		struct cenv_requirements out;
		struct cenv_err err = CENV_ERR_INIT;
		double start;

		for (int i = 0; i < 25000 << (2 * round); i++)
			cenv_buf_addf(&text, "lib%d[a,-b]>=1.%d,<2 --hash=sha256:" HEX "\n", i, i % 9);
		start = seconds();
		assert_int_equal(read_text(&out, text.buf, text.len, &err), 0);
		took[round] = seconds() - start;
		assert_int_equal(out.n, 25000 << (2 * round));
		cenv_requirements_release(&out);
		cenv_buf_release(&text);
	}
	print_message("25,000 lines %.3f s, 100,000 lines %.3f s\n", took[0], took[1]);
	assert_true(took[1] < took[0] * 10 + 0.1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_is_shown_with_its_line_and_a_caret),
		cmocka_unit_test(faults_are_found_through_continuations_and_variables),
		cmocka_unit_test(excerpts_are_safe_and_short),
		cmocka_unit_test(only_the_first_faults_are_shown),
		cmocka_unit_test(nul_bytes_and_junk_are_faults),
		cmocka_unit_test(sizes_are_bounded),
		cmocka_unit_test(a_file_that_the_reader_finds_too_large_is_malformed),
		cmocka_unit_test(lines_join_and_comments_go),
		cmocka_unit_test(only_upper_case_variables_that_are_set_expand),
		cmocka_unit_test(options_of_a_file_are_read),
		cmocka_unit_test(options_out_of_place_are_faults),
		cmocka_unit_test(a_file_that_includes_itself_is_an_error),
		cmocka_unit_test(a_million_levels_end_at_the_limit),
		cmocka_unit_test(a_missing_file_keeps_its_code),
		cmocka_unit_test(constraints_have_names),
		cmocka_unit_test(reading_time_grows_with_the_length_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

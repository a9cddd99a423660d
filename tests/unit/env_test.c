/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/strv.h"
#include "store/env/cfg.h"
#include "store/env/constants.h"
#include "store/env/env.h"
#include "store/env/lock.h"
#include "store/fs/fs.h"
#include "store/store.h"

/* Each test runs in a fresh folder, as the working directory, with a store of its own. */
struct scratch {
	char *dir;
	struct cenv_store store;
	struct cenv_err err;
};

static int setup(void **state)
{
	struct scratch *s = cenv_xcalloc(1, sizeof(*s));
	char dir[] = "/tmp/cenv-env-test-XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	s->dir = cenv_xstrdup(dir);
	unsetenv("CENV");
	*state = s;
	return cenv_store_open(&s->store, "store", &s->err);
}

static int teardown(void **state)
{
	struct scratch *s = *state;

	cenv_err_release(&s->err);
	cenv_store_release(&s->store);
	if (chdir("/") < 0 || cenv_fs_remove_tree(AT_FDCWD, s->dir, &s->err) < 0)
		return -1;
	free(s->dir);
	free(s);
	return 0;
}

static void put(const char *path, const char *text)
{
	struct cenv_err err = CENV_ERR_INIT;

	assert_int_equal(cenv_fs_mkdirs_for(AT_FDCWD, path, &err), 0);
	assert_int_equal(cenv_fs_write(AT_FDCWD, path, text, strlen(text), 0644, 0, &err), 0);
}

static char *slurp(const char *path)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_buf text = CENV_BUF_INIT;

	assert_int_equal(cenv_fs_read(AT_FDCWD, path, 1 << 20, &text, &err), 0);
	return cenv_buf_detach(&text);
}

static void assert_file(const char *path, const char *expected)
{
	char *text = slurp(path);

	assert_string_equal(text, expected);
	free(text);
}

/** Everything below the working directory but the store: "name\n" each, sorted. Caller frees. */
static char *listing(const char *dir)
{
	struct cenv_buf out = CENV_BUF_INIT;
	struct cenv_strv names = {0};
	struct cenv_err err = CENV_ERR_INIT;

	assert_int_equal(cenv_fs_list(AT_FDCWD, dir, &names, &err), 0);
	for (size_t i = 0; i < names.n; i++) {
		char *path = cenv_path_join(dir, names.v[i]), *below;
		struct stat st;

		assert_int_equal(lstat(path, &st), 0);
		if (strcmp(path, "./store")) {
			cenv_buf_addf(&out, "%s %lo\n", path, (unsigned long)st.st_mode);
			if (S_ISDIR(st.st_mode)) {
				below = listing(path);
				cenv_buf_adds(&out, below);
				free(below);
			}
		}
		free(path);
	}
	cenv_strv_release(&names);
	return cenv_buf_detach(&out);
}

static int create(struct scratch *s, const struct cenv_create_options *options)
{
	cenv_err_release(&s->err);
	return cenv_env_create(options, &s->store, &s->err);
}

static void assert_created(struct scratch *s, const struct cenv_create_options *options)
{
	if (create(s, options) < 0)
		fail_msg("%s", s->err.msg);
}

/** It fails with this code and words, and the folder is as before. */
static void assert_refused(struct scratch *s, const struct cenv_create_options *options,
			   enum cenv_code code, const char *words)
{
	char *before = listing("."), *after;

	assert_int_equal(create(s, options), -1);
	assert_int_equal(s->err.code, code);
	if (!strstr(s->err.msg, words))
		fail_msg("'%s' is not in: %s", words, s->err.msg);
	after = listing(".");
	assert_string_equal(before, after);
	free(before);
	free(after);
}

/* ---- cenv.cfg ---- */

static void cfg_reads_what_it_wrote(void **state)
{
	struct cenv_cfg cfg = {.version = (char *)"0.1.0", .prompt = (char *)"a = b # c", .system_libs = true,
			       .target = (char *)"x86_64-linux-gnu", .compiler = (char *)"/opt/my gcc/gcc",
			       .created_by = (char *)"cenv 0.1.0"}, back;
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	cenv_cfg_format(&cfg, &text);
	assert_string_equal(text.buf, "version = 0.1.0\nprompt = a = b # c\nsystem-libs = true\n"
				      "target = x86_64-linux-gnu\ncompiler = /opt/my gcc/gcc\n"
				      "created-by = cenv 0.1.0\n");
	assert_int_equal(cenv_cfg_parse(&back, text.buf, text.len, "cenv.cfg", &err), 0);
	assert_string_equal(back.version, cfg.version);
	assert_string_equal(back.prompt, cfg.prompt);
	assert_true(back.system_libs);
	assert_string_equal(back.target, cfg.target);
	assert_string_equal(back.compiler, cfg.compiler);
	assert_string_equal(back.created_by, cfg.created_by);
	cenv_cfg_release(&back);
	cenv_buf_release(&text);
}

static void cfg_takes_blanks_comments_crlf_and_unknown_keys(void **state)
{
	static const char text[] = "# made by hand\r\n\r\n  version=1\r\ntarget =t\r\nlater = x\r\n"
				   "prompt =\r\nsystem-libs = false";
	struct cenv_cfg cfg;
	struct cenv_err err = CENV_ERR_INIT;

	(void)state;
	assert_int_equal(cenv_cfg_parse(&cfg, text, strlen(text), "cenv.cfg", &err), 0);
	assert_string_equal(cfg.version, "1");
	assert_string_equal(cfg.target, "t");
	assert_null(cfg.prompt);
	assert_string_equal(cfg.compiler, "cc");
	assert_false(cfg.system_libs);
	cenv_cfg_release(&cfg);
}

static void cfg_refuses_malformed_lines_naming_them(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *message;
	} cases[] = {
#define CASE(text, message) {text, sizeof(text) - 1, message}
		CASE("", "e/cenv.cfg: no line 'version = ...'"),
		CASE("version = 1\n", "e/cenv.cfg: no line 'target = ...'"),
		CASE("version = 1\njunk\ntarget = t\n", "e/cenv.cfg:2: "),
		CASE("= 1\n", "e/cenv.cfg:1: "),
		CASE("version = 1\nversion = 2\ntarget = t\n", "e/cenv.cfg:2: "),
		CASE("version = 1\ntarget = t\nsystem-libs = yes\n", "e/cenv.cfg:3: "),
		CASE("version = 1\ntarget = t\nprompt = a\033[31mb\n", "e/cenv.cfg:3: "),
		CASE("version = 1\ntarget = t\0u\n", "e/cenv.cfg:2: "),
#undef CASE
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct cenv_err err = CENV_ERR_INIT;
		struct cenv_cfg cfg;

		assert_int_equal(cenv_cfg_parse(&cfg, cases[i].text, cases[i].len, "e/cenv.cfg",
						&err), -1);
		assert_int_equal(err.code, CENV_E_SYNTAX);
		if (!cenv_str_starts(err.msg, cases[i].message))
			fail_msg("case %zu: %s", i, err.msg);
		assert_null(cfg.version);
		cenv_err_release(&err);
	}
}

/* ---- create: refusals ---- */

static void create_refuses_a_folder_with_other_files(void **state)
{
	struct scratch *s = *state;

	put("mine/notes.txt", "keep");
	assert_refused(s, &(struct cenv_create_options){.path = "mine"}, CENV_E_FAIL,
		       "not an environment");
	assert_refused(s, &(struct cenv_create_options){.path = "mine", .clear = true}, CENV_E_FAIL,
		       "nothing in it was touched");
	assert_refused(s, &(struct cenv_create_options){.path = "mine", .upgrade = true}, CENV_E_FAIL,
		       "not an environment");
	assert_file("mine/notes.txt", "keep");
}

static void clear_refuses_a_folder_with_only_a_cenv_cfg(void **state)
{
	struct scratch *s = *state;

	put("mine/cenv.cfg", "version = 1\ntarget = t\n");
	put("mine/notes.txt", "keep");
	assert_refused(s, &(struct cenv_create_options){.path = "mine", .clear = true}, CENV_E_FAIL,
		       "not an environment");
	put("mine/lib/cenv/x", "");
	put("mine/cenv.cfg", "not ours\n");
	assert_refused(s, &(struct cenv_create_options){.path = "mine", .clear = true}, CENV_E_FAIL,
		       "not an environment");
}

static void create_refuses_files_and_dangling_links(void **state)
{
	struct scratch *s = *state;

	put("file", "keep");
	assert_int_equal(symlink("nowhere", "link"), 0);
	assert_refused(s, &(struct cenv_create_options){.path = "file"}, CENV_E_FAIL,
		       "not a folder");
	assert_refused(s, &(struct cenv_create_options){.path = "file/env"}, CENV_E_IO,
		       "Not a directory");
	assert_refused(s, &(struct cenv_create_options){.path = "link"}, CENV_E_FAIL,
		       "not a folder");
	assert_file("file", "keep");
}

static void create_refuses_paths_that_cannot_work(void **state)
{
	struct scratch *s = *state;
	char *name = cenv_xcalloc(1, 257);

	assert_refused(s, &(struct cenv_create_options){.path = "a:b"}, CENV_E_FAIL, "colon");
	assert_refused(s, &(struct cenv_create_options){.path = ""}, CENV_E_USAGE, "name");
	assert_refused(s, &(struct cenv_create_options){.path = "new/../env"}, CENV_E_IO, "new/..");
	memset(name, 'n', 255 - strlen(s->dir)); /* with '/' one too many */
	assert_refused(s, &(struct cenv_create_options){.path = name}, CENV_E_FAIL, "255 bytes");
	name[255 - strlen(s->dir) - 1] = '\0';
	assert_created(s, &(struct cenv_create_options){.path = name});
	free(name);
}

static void create_judges_the_path_that_links_lead_to(void **state)
{
	struct scratch *s = *state;

	assert_int_equal(mkdir("co:lon", 0755), 0);
	assert_int_equal(symlink("co:lon", "fine"), 0);
	assert_refused(s, &(struct cenv_create_options){.path = "fine/env"}, CENV_E_FAIL, "colon");
}

static void create_refuses_prompts_that_are_no_line(void **state)
{
	static const char *const prompts[] = {"a\nb", "\033[31m", " a", "a\t"};
	struct scratch *s = *state;

	for (size_t i = 0; i < sizeof(prompts) / sizeof(*prompts); i++)
		assert_refused(s, &(struct cenv_create_options){.path = "e", .prompt = prompts[i]},
			       CENV_E_USAGE, "prompt");
}

static void create_refuses_a_compiler_that_is_none(void **state)
{
	struct scratch *s = *state;

	assert_refused(s, &(struct cenv_create_options){.path = "e", .compiler = "riscv64-none-gcc"},
		       CENV_E_BUILD, "no compiler 'riscv64-none-gcc'");
	assert_string_equal(s->err.hint, "install it with 'apt install gcc-riscv64-none', "
					 "or name another with --compiler");
	assert_refused(s, &(struct cenv_create_options){.path = "e", .compiler = "true"},
		       CENV_E_BUILD, "does not tell its target");
	assert_refused(s, &(struct cenv_create_options){.path = "e", .compiler = "a\nb"},
		       CENV_E_USAGE, "compiler");
}

/** Files cannot be larger than this: writing cenv.cfg fails half way, for root as well. */
static void limit_file_size(rlim_t bytes)
{
	struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void create_leaves_nothing_when_it_fails_half_way(void **state)
{
	struct scratch *s = *state;
	static const char *const paths[] = {"new", "missing/parents/new", "empty"};

	assert_int_equal(mkdir("empty", 0755), 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		limit_file_size(10);
		assert_refused(s, &(struct cenv_create_options){.path = paths[i]}, CENV_E_IO,
			       "File too large");
		limit_file_size(RLIM_INFINITY);
	}
}

static void create_refuses_an_environment_without_clear_or_upgrade(void **state)
{
	struct scratch *s = *state;

	assert_created(s, &(struct cenv_create_options){.path = "e"});
	assert_refused(s, &(struct cenv_create_options){.path = "e"}, CENV_E_FAIL, "already");
	assert_refused(s, &(struct cenv_create_options){.path = "e", .clear = true, .upgrade = true},
		       CENV_E_USAGE, "exclude");
	assert_refused(s, &(struct cenv_create_options){.path = "f", .upgrade = true}, CENV_E_NOENV,
		       "to upgrade");
}

/* ---- create ---- */

static void create_makes_the_layout_and_nothing_else(void **state)
{
	struct scratch *s = *state;
	char *text;

	umask(022);
	assert_created(s, &(struct cenv_create_options){.path = "e"});
	text = listing(".");
	assert_string_equal(text, "./e 40755\n./e/.gitignore 100444\n./e/bin 40755\n"
				  "./e/bin/activate 100444\n./e/bin/activate.csh 100444\n"
				  "./e/bin/activate.fish 100444\n./e/bin/c++ 100555\n"
				  "./e/bin/cc 100555\n./e/cenv.cfg 100644\n./e/include 40755\n"
				  "./e/lib 40755\n./e/lib/cenv 40755\n"
				  "./e/lib/cenv/toolchain.cmake 100444\n./e/share 40755\n");
	free(text);
	assert_file("e/.gitignore", "*\n");
	text = slurp("e/cenv.cfg");
	assert_true(cenv_str_starts(text, "version = " CENV_VERSION "\nsystem-libs = false\ntarget = "));
	assert_non_null(strstr(text, "\ncompiler = cc\ncreated-by = cenv " CENV_VERSION "\n"));
	free(text);
}

static void create_takes_an_empty_folder_and_makes_missing_parents(void **state)
{
	struct scratch *s = *state;

	assert_int_equal(mkdir("empty", 0755), 0);
	assert_created(s, &(struct cenv_create_options){.path = "empty"});
	assert_created(s, &(struct cenv_create_options){.path = "a/b/./c/"});
	assert_true(cenv_fs_exists(AT_FDCWD, "empty/bin/activate"));
	assert_true(cenv_fs_exists(AT_FDCWD, "a/b/c/bin/activate"));
}

static void create_links_its_files_from_the_store(void **state)
{
	struct scratch *s = *state;
	struct stat a, b;

	assert_created(s, &(struct cenv_create_options){.path = "a"});
	assert_created(s, &(struct cenv_create_options){.path = "b"});
	assert_int_equal(stat("a/bin/activate", &a), 0);
	assert_int_equal(stat("b/bin/activate", &b), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_int_equal(a.st_nlink, 3);
}

static void create_writes_its_files_without_a_store(void **state)
{
	struct scratch *s = *state;
	struct cenv_create_options options = {.path = "a"};
	char *text;

	assert_int_equal(cenv_env_create(&options, NULL, &s->err), 0);
	text = slurp("a/bin/activate");
	assert_int_equal(strlen(text), cenv_constants[0].end - cenv_constants[0].start);
	free(text);
}

static void an_edit_of_one_environment_does_not_reach_later_ones(void **state)
{
	struct scratch *s = *state;
	int fd;

	assert_created(s, &(struct cenv_create_options){.path = "a"});
	assert_int_equal(chmod("a/bin/activate", 0644), 0);
	fd = open("a/bin/activate", O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "# mine\n", 7), 7);
	close(fd);
	assert_created(s, &(struct cenv_create_options){.path = "b"});
	for (int i = 0; i < 2; i++) {
		char *text = slurp(i ? "b/bin/activate" : "a/bin/activate");

		assert_int_equal(cenv_str_ends(text, "# mine\n"), i == 0);
		free(text);
	}
}

static void create_records_prompt_compiler_and_system_libs(void **state)
{
	struct scratch *s = *state;
	struct cenv_env env;

	assert_created(s, &(struct cenv_create_options){.path = "e", .prompt = "it's \"me\" $HOME",
							.compiler = "cc", .system_libs = true});
	assert_int_equal(cenv_env_open(&env, "e", &s->err), 0);
	assert_string_equal(env.cfg.prompt, "it's \"me\" $HOME");
	assert_string_equal(env.cfg.compiler, "cc");
	assert_non_null(strstr(env.cfg.target, "linux"));
	assert_true(env.cfg.system_libs);
	cenv_env_release(&env);
}

static void a_compiler_by_relative_path_is_recorded_as_an_absolute_one(void **state)
{
	struct scratch *s = *state;
	struct cenv_env env;
	char *expected;

	put("my cc", "#!/bin/sh\necho m68k-linux-gnu\n");
	assert_int_equal(chmod("my cc", 0755), 0);
	assert_created(s, &(struct cenv_create_options){.path = "e", .compiler = "./my cc"});
	assert_int_equal(cenv_env_open(&env, "e", &s->err), 0);
	expected = cenv_path_join(s->dir, "my cc");
	assert_string_equal(env.cfg.compiler, expected);
	assert_string_equal(env.cfg.target, "m68k-linux-gnu");
	free(expected);
	cenv_env_release(&env);
}

static void clear_empties_an_environment(void **state)
{
	struct scratch *s = *state;

	assert_created(s, &(struct cenv_create_options){.path = "e", .prompt = "old"});
	put("e/lib/libx.so", "x");
	put("e/mine", "x");
	assert_int_equal(chmod("e/lib", 0555), 0);
	assert_created(s, &(struct cenv_create_options){.path = "e", .clear = true});
	assert_false(cenv_fs_exists(AT_FDCWD, "e/lib/libx.so"));
	assert_false(cenv_fs_exists(AT_FDCWD, "e/mine"));
	assert_true(cenv_fs_exists(AT_FDCWD, "e/bin/activate"));
}

static void clear_waits_for_the_turn_and_keeps_the_lock(void **state)
{
	struct scratch *s = *state;
	struct cenv_env env;
	struct stat before, after;
	int lock, status;
	pid_t child;

	assert_created(s, &(struct cenv_create_options){.path = "e"});
	assert_int_equal(cenv_env_open(&env, "e", &s->err), 0);
	cenv_fs_write(env.fd, "lib/cenv/journal", "damaged", 7, 0644, 0, &s->err);
	cenv_fs_write(env.fd, "lib/x", "", 0, 0644, 0, &s->err);
	assert_int_equal(cenv_env_lock_turn(&env, NULL, &lock, &s->err), 0);
	assert_int_equal(fstat(lock, &before), 0);
	child = fork();
	if (child == 0) {
		close(lock);
		_exit(create(s, &(struct cenv_create_options){.path = "e", .clear = true}) < 0);
	}
	usleep(100000);
	assert_int_equal(waitpid(child, &status, WNOHANG), 0);
	assert_int_equal(access("e/lib/x", F_OK), 0);
	close(lock);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(access("e/lib/x", F_OK), -1);
	assert_int_equal(access("e/lib/cenv/journal", F_OK), -1);
	assert_int_equal(stat("e/lib/cenv/lock", &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	cenv_env_release(&env);
}

static void clear_does_not_follow_links_out_of_the_environment(void **state)
{
	struct scratch *s = *state;

	put("outside/keep", "x");
	assert_created(s, &(struct cenv_create_options){.path = "e"});
	assert_int_equal(symlink("../outside", "e/out"), 0);
	assert_created(s, &(struct cenv_create_options){.path = "e", .clear = true});
	assert_file("outside/keep", "x");
}

static void upgrade_renews_own_files_and_keeps_the_rest(void **state)
{
	struct scratch *s = *state;
	struct cenv_env env;
	char *text;

	assert_created(s, &(struct cenv_create_options){.path = "e", .prompt = "p",
							.system_libs = true});
	put("e/cenv.cfg", "version = 0.0.1\nprompt = p\nsystem-libs = true\ntarget = m68k\n"
			  "compiler = tcc\n");
	put("e/bin/activate", "old");
	put("e/lib/libx.so", "x");
	assert_int_equal(unlink("e/bin/cc"), 0);
	assert_created(s, &(struct cenv_create_options){.path = "e", .upgrade = true});
	assert_file("e/lib/libx.so", "x");
	text = slurp("e/bin/activate");
	assert_string_not_equal(text, "old");
	free(text);
	assert_true(cenv_fs_exists(AT_FDCWD, "e/bin/cc"));
	assert_int_equal(cenv_env_open(&env, "e", &s->err), 0);
	assert_string_equal(env.cfg.version, CENV_VERSION);
	assert_string_equal(env.cfg.prompt, "p");
	assert_string_equal(env.cfg.compiler, "tcc");
	assert_string_equal(env.cfg.target, "m68k");
	assert_true(env.cfg.system_libs);
	cenv_env_release(&env);
	text = listing("e");
	assert_null(strstr(text, "tmp"));
	assert_null(strstr(text, "link-"));
	free(text);
}

/* ---- find and open ---- */

static void find_takes_option_then_variable_then_nearest_dot_cenv(void **state)
{
	struct scratch *s = *state;
	char *path, *expected = cenv_path_join(s->dir, ".cenv");

	assert_created(s, &(struct cenv_create_options){.path = ".cenv"});
	put("a/b/c", "");
	assert_int_equal(chdir("a/b"), 0);
	assert_int_equal(cenv_env_find(&path, NULL, &s->err), 0);
	assert_string_equal(path, expected);
	free(path);
	setenv("CENV", "/some/env", 1);
	assert_int_equal(cenv_env_find(&path, NULL, &s->err), 0);
	assert_string_equal(path, "/some/env");
	free(path);
	assert_int_equal(cenv_env_find(&path, "/other", &s->err), 0);
	assert_string_equal(path, "/other");
	free(path);
	setenv("CENV", "", 1);
	assert_int_equal(cenv_env_find(&path, NULL, &s->err), 0);
	assert_string_equal(path, expected);
	free(path);
	free(expected);
}

static void find_says_what_to_type_when_there_is_none(void **state)
{
	struct scratch *s = *state;
	char *path;

	assert_int_equal(cenv_env_find(&path, NULL, &s->err), -1);
	assert_int_equal(s->err.code, CENV_E_NOENV);
	assert_null(path);
	assert_non_null(strstr(s->err.hint, "cenv create"));
	assert_non_null(strstr(s->err.hint, "bin/activate"));
}

static void open_refuses_what_is_no_environment(void **state)
{
	struct scratch *s = *state;
	static const char *const paths[] = {"missing", "file", "folder"};
	struct cenv_env env;

	put("file", "");
	assert_int_equal(mkdir("folder", 0755), 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		cenv_err_release(&s->err);
		assert_int_equal(cenv_env_open(&env, paths[i], &s->err), -1);
		assert_int_equal(s->err.code, CENV_E_NOENV);
		assert_non_null(s->err.hint);
		assert_int_equal(env.fd, -1);
		assert_null(env.path);
	}
	put("folder/cenv.cfg", "junk\n");
	assert_int_equal(cenv_env_open(&env, "folder", &s->err), -1);
	assert_int_equal(s->err.code, CENV_E_SYNTAX);
}

static void open_resolves_links_in_the_path(void **state)
{
	struct scratch *s = *state;
	struct cenv_env env;
	char *expected = cenv_path_join(s->dir, "e");

	assert_created(s, &(struct cenv_create_options){.path = "e"});
	assert_int_equal(symlink("e", "link"), 0);
	assert_int_equal(cenv_env_open(&env, "link", &s->err), 0);
	assert_string_equal(env.path, expected);
	cenv_env_release(&env);
	free(expected);
}

/* ---- variables ---- */

static const char *value_of(const struct cenv_strv *vars, const char *name)
{
	const char *found = NULL;
	size_t len = strlen(name);

	for (size_t i = 0; i < vars->n; i++)
		if (!strncmp(vars->v[i], name, len) && vars->v[i][len] == '=') {
			assert_null(found); /* once only */
			found = vars->v[i] + len + 1;
		}
	return found;
}

static void assert_value(const struct cenv_strv *vars, const char *name, const char *expected)
{
	const char *value = value_of(vars, name);

	if (!expected || !value ? expected != value : strcmp(value, expected) != 0)
		fail_msg("%s is '%s' instead of '%s'", name, value ? value : "(unset)",
			 expected ? expected : "(unset)");
}

static const char *const touched[] = {
	"CENV", "CENV_PROMPT", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "CMAKE_PREFIX_PATH",
	"CMAKE_TOOLCHAIN_FILE", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH",
	"LD_RUN_PATH", "LDFLAGS", "ACLOCAL_PATH", "MANPATH", "LD_LIBRARY_PATH",
};

static void clean_variables(void)
{
	for (size_t i = 0; i < sizeof(touched) / sizeof(*touched); i++)
		unsetenv(touched[i]);
	setenv("PATH", "/usr/bin:/bin", 1);
}

/** Replace our own environment by what cenv_env_variables gives, as a child would have it. */
static void enter(const struct cenv_strv *vars)
{
	clean_variables();
	for (size_t i = 0; i < sizeof(touched) / sizeof(*touched); i++)
		if (value_of(vars, touched[i]))
			setenv(touched[i], value_of(vars, touched[i]), 1);
	setenv("PATH", value_of(vars, "PATH"), 1);
}

static void variables_hide_the_system_and_never_set_ld_library_path(void **state)
{
	struct scratch *s = *state;
	struct cenv_env env = {.path = (char *)"/e", .fd = -1, .cfg = {.prompt = (char *)"p q"}};
	struct cenv_strv vars = {0};

	clean_variables();
	setenv("C_INCLUDE_PATH", "/mine", 1);
	setenv("LIBRARY_PATH", "", 1);
	assert_int_equal(cenv_env_variables(&env, false, &vars, &s->err), 0);
	assert_value(&vars, "CENV", "/e");
	assert_value(&vars, "CENV_PROMPT", "p q");
	assert_value(&vars, "PATH", "/e/bin:/usr/bin:/bin");
	assert_value(&vars, "PKG_CONFIG_LIBDIR", "/e/lib/pkgconfig:/e/share/pkgconfig");
	assert_value(&vars, "PKG_CONFIG_PATH", NULL);
	assert_value(&vars, "CMAKE_PREFIX_PATH", "/e");
	assert_value(&vars, "CMAKE_TOOLCHAIN_FILE", "/e/lib/cenv/toolchain.cmake");
	assert_value(&vars, "C_INCLUDE_PATH", "/e/include:/mine");
	assert_value(&vars, "CPLUS_INCLUDE_PATH", "/e/include");
	assert_value(&vars, "LIBRARY_PATH", "/e/lib");
	assert_value(&vars, "LD_RUN_PATH", "/e/lib");
	assert_value(&vars, "LDFLAGS", "-Wl,-rpath,/e/lib");
	assert_value(&vars, "ACLOCAL_PATH", "/e/share/aclocal");
	assert_value(&vars, "MANPATH", "/e/share/man:");
	assert_value(&vars, "LD_LIBRARY_PATH", NULL);
	cenv_strv_release(&vars);
}

static void variables_of_a_system_libs_environment_show_the_system(void **state)
{
	struct scratch *s = *state;
	struct cenv_env env = {.path = (char *)"/a b", .fd = -1, .cfg = {.system_libs = true}};
	struct cenv_strv vars = {0};

	clean_variables();
	setenv("LDFLAGS", "-g", 1);
	assert_int_equal(cenv_env_variables(&env, true, &vars, &s->err), 0);
	assert_value(&vars, "CENV_PROMPT", "a b");
	assert_value(&vars, "PKG_CONFIG_LIBDIR", NULL);
	assert_value(&vars, "PKG_CONFIG_PATH", "/a b/lib/pkgconfig:/a b/share/pkgconfig");
	assert_value(&vars, "CMAKE_TOOLCHAIN_FILE", NULL);
	assert_value(&vars, "LDFLAGS", "-g"); /* a blank would split it */
	assert_value(&vars, "LD_LIBRARY_PATH", "/a b/lib");
	cenv_strv_release(&vars);
}

static void variables_replace_the_environment_that_is_active(void **state)
{
	struct scratch *s = *state;
	struct cenv_env a = {.path = (char *)"/a", .fd = -1};
	struct cenv_env b = {.path = (char *)"/b", .fd = -1, .cfg = {.system_libs = true}};
	struct cenv_strv first = {0}, second = {0}, direct = {0};

	clean_variables();
	setenv("LDFLAGS", "-g", 1);
	setenv("MANPATH", "/man", 1);
	assert_int_equal(cenv_env_variables(&b, false, &direct, &s->err), 0);
	assert_int_equal(cenv_env_variables(&a, false, &first, &s->err), 0);
	enter(&first);
	assert_int_equal(cenv_env_variables(&b, false, &second, &s->err), 0);
	for (size_t i = 0; i < sizeof(touched) / sizeof(*touched); i++)
		assert_value(&second, touched[i], value_of(&direct, touched[i]));
	assert_value(&second, "PATH", value_of(&direct, "PATH"));
	cenv_strv_release(&second);
	/* the same one again changes nothing */
	assert_int_equal(cenv_env_variables(&a, false, &second, &s->err), 0);
	for (size_t i = 0; i < sizeof(touched) / sizeof(*touched); i++)
		assert_value(&second, touched[i], value_of(&first, touched[i]));
	cenv_strv_release(&first);
	cenv_strv_release(&second);
	cenv_strv_release(&direct);
	clean_variables();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cfg_reads_what_it_wrote),
		cmocka_unit_test(cfg_takes_blanks_comments_crlf_and_unknown_keys),
		cmocka_unit_test(cfg_refuses_malformed_lines_naming_them),
		TEST(create_refuses_a_folder_with_other_files),
		TEST(clear_refuses_a_folder_with_only_a_cenv_cfg),
		TEST(create_refuses_files_and_dangling_links),
		TEST(create_refuses_paths_that_cannot_work),
		TEST(create_judges_the_path_that_links_lead_to),
		TEST(create_refuses_prompts_that_are_no_line),
		TEST(create_refuses_a_compiler_that_is_none),
		TEST(create_leaves_nothing_when_it_fails_half_way),
		TEST(create_refuses_an_environment_without_clear_or_upgrade),
		TEST(create_makes_the_layout_and_nothing_else),
		TEST(create_takes_an_empty_folder_and_makes_missing_parents),
		TEST(create_links_its_files_from_the_store),
		TEST(create_writes_its_files_without_a_store),
		TEST(an_edit_of_one_environment_does_not_reach_later_ones),
		TEST(create_records_prompt_compiler_and_system_libs),
		TEST(a_compiler_by_relative_path_is_recorded_as_an_absolute_one),
		TEST(clear_empties_an_environment),
		TEST(clear_waits_for_the_turn_and_keeps_the_lock),
		TEST(clear_does_not_follow_links_out_of_the_environment),
		TEST(upgrade_renews_own_files_and_keeps_the_rest),
		TEST(find_takes_option_then_variable_then_nearest_dot_cenv),
		TEST(find_says_what_to_type_when_there_is_none),
		TEST(open_refuses_what_is_no_environment),
		TEST(open_resolves_links_in_the_path),
		TEST(variables_hide_the_system_and_never_set_ld_library_path),
		TEST(variables_of_a_system_libs_environment_show_the_system),
		TEST(variables_replace_the_environment_that_is_active),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

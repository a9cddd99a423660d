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

#include "core/base/buf.h"
#include "core/base/str.h"
#include "store/build/script.h"
#include "store/build/wrapper.h"
#include "store/object/object.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"

/* What the scripts do is tried by running them with a shell in a scratch folder. */

static struct cenv_toolchain toolchain = {
	.cc = (char *)"/usr/bin/cc", .cxx = (char *)"/usr/bin/c++", .target = (char *)"x86_64-linux-gnu",
};

struct scratch {
	char root[64];
};

static int setup(void **state)
{
	struct scratch *scratch = calloc(1, sizeof(*scratch));

	strcpy(scratch->root, "/tmp/cenv script 'test-XXXXXX");
	assert_non_null(mkdtemp(scratch->root));
	*state = scratch;
	return 0;
}

static int teardown(void **state)
{
	struct scratch *scratch = *state;
	struct cenv_err err = CENV_ERR_INIT;

	assert_int_equal(cenv_fs_remove_tree(AT_FDCWD, scratch->root, &err), 0);
	free(scratch);
	return 0;
}

static void put(const char *root, const char *name, const char *text)
{
	struct cenv_err err = CENV_ERR_INIT;
	char *path = cenv_path_join(root, name);

	assert_int_equal(cenv_fs_mkdirs_for(AT_FDCWD, path, &err), 0);
	assert_int_equal(cenv_fs_write(AT_FDCWD, path, text, strlen(text), 0755, 0, &err), 0);
	free(path);
}

static struct cenv_script script_for(const struct cenv_build_section *section, const char *root,
				     enum cenv_build_system system)
{
	return (struct cenv_script){
		.section = section, .system = system, .toolchain = &toolchain, .root = root,
		.prefix = "/the/prefix", .jobs = 3, .isolated = true,
	};
}

/* Writes both scripts and runs them. @return the exit status; out gets what it printed. */
static int run_script(const struct cenv_script *script, struct cenv_buf *out)
{
	struct cenv_buf env = CENV_BUF_INIT, steps = CENV_BUF_INIT;
	char *file = cenv_path_join(script->root, "build.sh");
	const char *const argv[] = {"/bin/sh", file, NULL};
	struct cenv_proc proc = {.argv = argv, .stdin_fd = -1, .out_fd = -1, .out = out, .timeout_s = 60};
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_proc_status status;

	cenv_script_env(script, &env);
	cenv_script_steps(script, &steps);
	put(script->root, "env.sh", env.buf);
	put(script->root, "build.sh", steps.buf);
	assert_int_equal(cenv_proc_run(&proc, &status, &err), 0);
	cenv_buf_release(&env);
	cenv_buf_release(&steps);
	free(file);
	return status.exited;
}

static void a_failing_line_stops_the_script(void **state)
{
	struct scratch *scratch = *state;
	struct cenv_build_section section = {0};
	struct cenv_script script = script_for(&section, scratch->root, CENV_BUILD_COMMANDS);
	struct cenv_buf out = CENV_BUF_INIT;

	put(scratch->root, "src/x", "");
	cenv_strv_add(&section.configure, "echo one");
	cenv_strv_add(&section.build, "sh -c 'exit 7'");
	cenv_strv_add(&section.install, "echo three");
	assert_int_equal(run_script(&script, &out), 7);
	assert_non_null(strstr(out.buf, "### cenv: configure | "));
	assert_non_null(strstr(out.buf, "### cenv: build | "));
	assert_null(strstr(out.buf, "### cenv: install | "));
	cenv_buf_release(&out);
	cenv_strv_release(&section.configure);
	cenv_strv_release(&section.build);
	cenv_strv_release(&section.install);
}

static void a_loop_may_span_lines_of_a_recipe(void **state)
{
	struct scratch *scratch = *state;
	struct cenv_build_section section = {0};
	struct cenv_script script = script_for(&section, scratch->root, CENV_BUILD_COMMANDS);
	struct cenv_buf out = CENV_BUF_INIT;

	put(scratch->root, "src/x", "");
	cenv_strv_add(&section.install, "for i in 1 2; do");
	cenv_strv_add(&section.install, "echo \"got $i $PREFIX $JOBS $TARGET\"");
	cenv_strv_add(&section.install, "done");
	assert_int_equal(run_script(&script, &out), 0);
	assert_non_null(strstr(out.buf, "\ngot 2 /the/prefix 3 x86_64-linux-gnu\n"));
	cenv_buf_release(&out);
	cenv_strv_release(&section.install);
}

/* Options reach configure as they were written, whatever a shell would make of them. */
static void words_reach_the_command_unharmed(void **state)
{
	static const char *const words[] = {
		"--with=a b", "--x='quoted'", "--y=$HOME", "--z=`id`", "--n=line\nbreak", "--star=*",
		"--dir=${PREFIX}/etc", "--target=${TARGET}", "--none=${NOPE}", "--semi=a;echo b",
	};
	struct scratch *scratch = *state;
	struct cenv_build_section section = {0};
	struct cenv_script script = script_for(&section, scratch->root, CENV_BUILD_AUTOTOOLS);
	struct cenv_buf out = CENV_BUF_INIT;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		cenv_strv_add(&section.options, words[i]);
	section.subdir = (char *)"sub dir";
	put(scratch->root, "src/sub dir/configure",
	    "#!/bin/sh\nfor a; do printf '<%s>\\n' \"$a\"; done\n"
	    "printf 'all:\\ninstall:\\n\\t@:\\n' > Makefile\n");
	assert_int_equal(run_script(&script, &out), 0);
	assert_non_null(strstr(out.buf, "<--prefix=/the/prefix>\n<--libdir=/the/prefix/lib>\n"
					"<--enable-shared>\n<--enable-static>\n"
					"<--disable-dependency-tracking>\n<--with=a b>\n"
					"<--x='quoted'>\n<--y=$HOME>\n<--z=`id`>\n<--n=line\nbreak>\n"
					"<--star=*>\n<--dir=/the/prefix/etc>\n"
					"<--target=x86_64-linux-gnu>\n<--none=${NOPE}>\n"
					"<--semi=a;echo b>\n"));
	cenv_buf_release(&out);
	cenv_strv_release(&section.options);
}

static void the_environment_is_what_tools_need(void **state)
{
	static const char *const lines[] = {
		"\nexport PKG_CONFIG_LIBDIR=/the/prefix/lib/pkgconfig:/the/prefix/share/pkgconfig\n",
		"\nexport CMAKE_PREFIX_PATH=/the/prefix\n",
		"\nexport LIBRARY_PATH=/the/prefix/lib\n",
		"\nexport C_INCLUDE_PATH=/the/prefix/include\n",
		"\nexport CFLAGS='-O2 -DX=\"a b\"'\n",
		"\nexport LDFLAGS='-Wl,-rpath,/the/prefix/lib -s'\n",
		"\nexport CC=cc\n",
		"\nexport LC_ALL=C.UTF-8\n",
		"\nexport TZ=UTC\n",
		"\nexport FLAVOUR='it'\\''s /the/prefix'\n",
		"\numask 022\n",
	};
	struct scratch *scratch = *state;
	struct cenv_build_section section = {0};
	struct cenv_script script = script_for(&section, scratch->root, CENV_BUILD_CMAKE);
	struct cenv_buf env = CENV_BUF_INIT;

	cenv_strv_add(&section.cflags, "-DX=\"a b\"");
	cenv_strv_add(&section.ldflags, "-s");
	cenv_strv_add(&section.env, "FLAVOUR=it's ${PREFIX}");
	cenv_script_env(&script, &env);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (!strstr(env.buf, lines[i]))
			fail_msg("no line '%s' in:\n%s", lines[i] + 1, env.buf);
	assert_null(strstr(env.buf, "LD_LIBRARY_PATH"));
	cenv_buf_release(&env);
	cenv_strv_release(&section.cflags);
	cenv_strv_release(&section.ldflags);
	cenv_strv_release(&section.env);
}

static void a_recipe_that_chooses_the_library_kind_is_obeyed(void **state)
{
	struct scratch *scratch = *state;
	struct cenv_build_section section = {0};
	struct cenv_script script = script_for(&section, scratch->root, CENV_BUILD_CMAKE);
	struct cenv_buf steps = CENV_BUF_INIT;

	cenv_script_steps(&script, &steps);
	assert_non_null(strstr(steps.buf, "-DBUILD_SHARED_LIBS:BOOL=ON"));
	assert_non_null(strstr(steps.buf, "obj-static"));
	cenv_buf_reset(&steps);
	cenv_strv_add(&section.options, "-DBUILD_SHARED_LIBS=OFF");
	cenv_script_steps(&script, &steps);
	assert_null(strstr(steps.buf, "-DBUILD_SHARED_LIBS:BOOL=ON"));
	assert_null(strstr(steps.buf, "obj-static"));
	cenv_buf_release(&steps);
	cenv_strv_release(&section.options);
}

static void cmake_looks_around_only_in_the_sandbox(void **state)
{
	struct scratch *scratch = *state;
	struct cenv_build_section section = {0};
	struct cenv_script script = script_for(&section, scratch->root, CENV_BUILD_CMAKE);
	struct cenv_buf steps = CENV_BUF_INIT;

	cenv_script_steps(&script, &steps);
	assert_null(strstr(steps.buf, "CMAKE_FIND_USE_CMAKE_SYSTEM_PATH"));
	cenv_buf_reset(&steps);
	script.isolated = false;
	cenv_script_steps(&script, &steps);
	assert_non_null(strstr(steps.buf, "-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH:BOOL=OFF"));
	cenv_buf_release(&steps);
}

static void make_without_destdir_is_installed_into_the_stage(void **state)
{
	struct scratch *scratch = *state;
	struct cenv_build_section section = {0};
	struct cenv_script script = script_for(&section, scratch->root, CENV_BUILD_MAKE);
	struct cenv_buf out = CENV_BUF_INIT;
	char *path;

	put(scratch->root, "src/Makefile",
	    "PREFIX = /usr\nLIBDIR = ../mine\nall:\n\t@echo built for $(PREFIX) with $(LIBDIR)\n"
	    "install:\n\tmkdir -p \"$(PREFIX)/lib\" && echo x > \"$(PREFIX)/lib/file\"\n");
	/* a prefix that nobody can create, as the sandbox's is */
	script.prefix = "/proc/the/prefix";
	assert_int_equal(run_script(&script, &out), 0);
	assert_non_null(strstr(out.buf, "built for /proc/the/prefix with ../mine\n"));
	path = cenv_path_join(scratch->root, "stage/proc/the/prefix/lib/file");
	assert_true(cenv_fs_exists(AT_FDCWD, path));
	free(path);
	cenv_buf_release(&out);
}

static void a_wrapper_is_quiet_in_every_compiler(void **state)
{
	static const struct {
		const char *compiler, *map, *want;
	} rows[] = {
		{"gcc 12.2.0", NULL, "exec /usr/bin/cc " CENV_RELOCATABLE_CFLAGS " \"$@\"\n"},
		{"clang 13.0.1", NULL, "exec /usr/bin/cc " CENV_RELOCATABLE_CFLAGS " \"$@\"\n"},
		{"clang 14.0.6", "/a b",
		 "exec /usr/bin/cc --start-no-unused-arguments " CENV_RELOCATABLE_CFLAGS
		 " '-ffile-prefix-map=/a b=/build' --end-no-unused-arguments \"$@\"\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cenv_buf text = CENV_BUF_INIT;

		cenv_wrapper_text("/usr/bin/cc", rows[i].compiler, rows[i].map, "/build", &text);
		assert_string_equal(text.buf + strlen("#!/bin/sh\n"), rows[i].want);
		cenv_buf_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_failing_line_stops_the_script, setup, teardown),
		cmocka_unit_test_setup_teardown(a_loop_may_span_lines_of_a_recipe, setup, teardown),
		cmocka_unit_test_setup_teardown(words_reach_the_command_unharmed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrapper_is_quiet_in_every_compiler, setup, teardown),
		cmocka_unit_test_setup_teardown(the_environment_is_what_tools_need, setup, teardown),
		cmocka_unit_test_setup_teardown(a_recipe_that_chooses_the_library_kind_is_obeyed,
						setup, teardown),
		cmocka_unit_test_setup_teardown(cmake_looks_around_only_in_the_sandbox, setup,
						teardown),
		cmocka_unit_test_setup_teardown(make_without_destdir_is_installed_into_the_stage,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

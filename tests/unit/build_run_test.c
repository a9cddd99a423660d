/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/build/build.h"
#include "store/build/sandbox.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"
#include "store/unpack/unpack.h"

/* Whole builds of tiny libraries, made by tests/lib/make-source, into a store of their own. */

struct fixture {
	char root[64];
	struct cenv_store store;
	struct cenv_toolchain toolchain;
	struct cenv_buf events;
	struct cenv_events listener;
	struct cenv_strv features;
};

static void listen(void *payload, const struct cenv_event *event)
{
	static const char *const names[] = {
		[CENV_EV_BUILD_WAIT] = "wait", [CENV_EV_BUILD_START] = "start",
		[CENV_EV_BUILD_STEP] = "step", [CENV_EV_BUILD_DONE] = "done",
		[CENV_EV_REUSED] = "reused",   [CENV_EV_NOTE] = "note",
		[CENV_EV_WARNING] = "warning",
	};
	struct cenv_buf *events = payload;

	cenv_buf_addf(events, "%s %s\n", names[event->kind], event->text ? event->text : "");
}

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));
	struct cenv_err err = CENV_ERR_INIT;
	char *path;

	strcpy(fx->root, "/tmp/cenv-run-test-XXXXXX");
	assert_non_null(mkdtemp(fx->root));
	path = cenv_path_join(fx->root, "store");
	assert_int_equal(cenv_store_open(&fx->store, path, &err), 0);
	assert_int_equal(cenv_toolchain_probe(&fx->toolchain, &fx->store, NULL, &err), 0);
	cenv_buf_init(&fx->events);
	fx->listener = (struct cenv_events){.handle = listen, .payload = &fx->events};
	free(path);
	*state = fx;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;
	struct cenv_err err = CENV_ERR_INIT;

	cenv_store_release(&fx->store);
	cenv_toolchain_release(&fx->toolchain);
	cenv_buf_release(&fx->events);
	assert_int_equal(cenv_fs_remove_tree(AT_FDCWD, fx->root, &err), 0);
	free(fx);
	return 0;
}

/* Runs a command line of words; its output without the last newline. */
static char *output_of(const char *const *argv)
{
	struct cenv_buf out = CENV_BUF_INIT;
	struct cenv_proc proc = {.argv = argv, .stdin_fd = -1, .out_fd = -1, .out = &out, .timeout_s = 60};
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_proc_status status;

	assert_int_equal(cenv_proc_run(&proc, &status, &err), 0);
	if (status.exited != 0)
		fail_msg("%s: %s", argv[0], out.buf);
	while (out.len && out.buf[out.len - 1] == '\n')
		cenv_buf_truncate(&out, out.len - 1);
	return cenv_buf_detach(&out);
}

/* Makes a source archive and puts it where verified ones are. @return its sha256 */
static char *source(struct fixture *fx, const char *const *options, const char *system,
		    const char *name)
{
	static char maker[] = TEST_DATA_DIR "/lib/make-source";
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_strv argv = {0};
	char hash[CENV_SHA256_HEX], *archive, *target;

	cenv_strv_add(&argv, maker);
	for (; options && *options; options++)
		cenv_strv_add(&argv, *options);
	cenv_strv_add(&argv, system);
	cenv_strv_add(&argv, name);
	cenv_strv_add(&argv, "1.0");
	cenv_strv_add(&argv, fx->root);
	archive = output_of((const char *const *)argv.v);
	assert_int_equal(cenv_sha256_file(AT_FDCWD, archive, hash, &err), 0);
	target = cenv_strf("%s/store/sources/%s", fx->root, hash);
	assert_int_equal(rename(archive, target), 0);
	cenv_strv_release(&argv);
	free(archive);
	free(target);
	return cenv_xstrdup(hash);
}

static struct cenv_build_request request(struct fixture *fx, const char *name, const char *sha256)
{
	return (struct cenv_build_request){
		.store = &fx->store, .toolchain = &fx->toolchain, .name = name, .version = "1.0",
		.source_sha256 = sha256, .source_label = "the archive", .features = &fx->features,
		.jobs = 2, .timeout_s = 120, .events = &fx->listener,
	};
}

static struct cenv_object *built(const struct cenv_build_request *req)
{
	struct cenv_object *object = NULL;
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_build(req, &object, &err) < 0)
		fail_msg("%s\n%s", err.msg, err.detail ? err.detail : "");
	return object;
}

static bool has_file(const struct cenv_object *object, const char *path)
{
	for (size_t i = 0; i < object->manifest.n; i++)
		if (!strcmp(object->manifest.entries[i].path, path))
			return true;
	return false;
}

/* Places objects into a fresh folder and runs a program of theirs there, with no environment. */
static char *run_placed(struct fixture *fx, const char *folder, struct cenv_object **objects,
			size_t n, const char *program)
{
	char *prefix = cenv_path_join(fx->root, folder), *path = cenv_strf("%s/bin/%s", prefix, program);
	const char *const argv[] = {"env", "-i", path, NULL};
	struct cenv_err err = CENV_ERR_INIT;
	char *out;
	int fd;

	assert_int_equal(cenv_fs_mkdirs(AT_FDCWD, prefix, 0755, &err), 0);
	fd = cenv_fs_open_dir(AT_FDCWD, prefix, &err);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(cenv_object_place_all(objects[i], fd, prefix, CENV_LINK_AUTO, &err), 0);
	close(fd);
	out = output_of(argv);
	free(prefix);
	free(path);
	return out;
}

/* ---- what goes wrong ---- */

static void a_failing_step_is_told_with_its_first_error(void **state)
{
	static const struct {
		const char *system, *step, *msg, *error;
	} rows[] = {
		{"autotools", "configure", "configure exited with 1", "configure: error: bad cannot be configured"},
		{"autotools", "build", "make exited with 2", "error: unknown type name"},
		{"autotools", "install", "make install exited with 2", "error: cannot install"},
		{"cmake", "configure", "cmake exited with 1", "bad cannot be configured"},
		{"meson", "configure", "meson exited with 1", "ERROR: Problem encountered: bad cannot be configured"},
		{"meson", "build", "ninja exited with 1", "error: unknown type name"},
		{"make", "build", "make exited with 2", "error: unknown type name"},
	};
	struct fixture *fx = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *const options[] = {"--fail", rows[i].step, NULL};
		char *sha = source(fx, options, rows[i].system, "bad");
		char *msg = cenv_strf("building 'bad 1.0' failed: %s", rows[i].msg);
		struct cenv_build_request req = request(fx, "bad", sha);
		struct cenv_err err = CENV_ERR_INIT;
		struct cenv_object *object = NULL;

		assert_int_equal(cenv_build(&req, &object, &err), -1);
		assert_null(object);
		assert_int_equal(err.code, CENV_E_BUILD);
		assert_string_equal(err.msg, msg);
		assert_true(cenv_str_starts(err.detail, "first error: "));
		if (!strstr(err.detail, rows[i].error))
			fail_msg("no '%s' in:\n%s", rows[i].error, err.detail);
		assert_non_null(strstr(err.detail, "the whole log: "));
		assert_non_null(strstr(err.detail, "/enter\n"));
		cenv_err_release(&err);
		free(msg);
		free(sha);
	}
}

/* What the message tells to type works: the environment and the folder are the build's. */
static void enter_opens_the_failed_build(void **state)
{
	static const char *const options[] = {"--fail", "build", NULL};
	struct fixture *fx = *state;
	char *sha = source(fx, options, "make", "bad");
	struct cenv_build_request req = request(fx, "bad", sha);

	for (int plain = 0; plain < 2; plain++) {
		struct cenv_err err = CENV_ERR_INIT;
		struct cenv_object *object = NULL;
		char *enter, *out;
		const char *at;

		req.sandbox = plain ? CENV_SANDBOX_OFF : CENV_SANDBOX_AUTO;
		assert_int_equal(cenv_build(&req, &object, &err), -1);
		at = strstr(err.detail, "enter its folder and environment: sh ");
		assert_non_null(at);
		at += strlen("enter its folder and environment: sh ");
		enter = cenv_xstrndup(at, strcspn(at, "\n"));
		out = output_of((const char *const[]){"sh", enter, "sh", "-c",
						      "ls Makefile && echo \"$TZ $LC_ALL\"", NULL});
		assert_string_equal(out, "Makefile\nUTC C.UTF-8");
		free(out);
		free(enter);
		cenv_err_release(&err);
	}
	free(sha);
}

/* Is there a process with this word in its command line? */
static bool somebody_runs(const char *word)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_strv names = {0};
	bool found = false;

	assert_int_equal(cenv_fs_list(AT_FDCWD, "/proc", &names, &err), 0);
	for (size_t i = 0; i < names.n; i++) {
		struct cenv_buf line = CENV_BUF_INIT;
		char *path = cenv_strf("/proc/%s/cmdline", names.v[i]);

		if (names.v[i][0] <= '9' && cenv_fs_read(AT_FDCWD, path, 1 << 16, &line, &err) == 0)
			found |= line.len > strlen(word) + 6 && !strcmp(line.buf, "sleep") &&
				 !strcmp(line.buf + 6, word);
		cenv_buf_release(&line);
		free(path);
	}
	cenv_err_release(&err);
	cenv_strv_release(&names);
	return found;
}

static void a_build_that_runs_wild_is_stopped(void **state)
{
	static const struct {
		const char *line, *msg;
	} rows[] = {
		{"while :; do echo on and on and on and on; done", "wrote more than 65536 bytes into its log"},
		{"sleep 31.4159 & (setsid setsid sleep 31.4159 &); sleep 31.4159", "was still running after 2 seconds"},
	};
	struct fixture *fx = *state;
	char *sha = source(fx, NULL, "make", "wild");

	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++) {
		struct cenv_build_request req = request(fx, "wild", sha);
		struct cenv_err err = CENV_ERR_INIT;
		struct cenv_object *object = NULL;

		req.section.system = CENV_BUILD_COMMANDS;
		cenv_strv_add(&req.section.build, rows[i / 2].line);
		req.sandbox = i % 2 ? CENV_SANDBOX_OFF : CENV_SANDBOX_AUTO;
		req.timeout_s = i / 2 ? 2 : 60;
		req.log_max = 65536;
		assert_int_equal(cenv_build(&req, &object, &err), -1);
		assert_int_equal(err.code, CENV_E_BUILD);
		if (!strstr(err.msg, rows[i / 2].msg))
			fail_msg("%s", err.msg);
		assert_false(somebody_runs("31.4159"));
		cenv_err_release(&err);
		cenv_strv_release(&req.section.build);
	}
	free(sha);
}

static void a_build_that_installs_nothing_fails(void **state)
{
	struct fixture *fx = *state;
	char *sha = source(fx, NULL, "commands", "none");
	struct cenv_build_request req = request(fx, "none", sha);
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_object *object = NULL;

	req.section.system = CENV_BUILD_COMMANDS;
	cenv_strv_add(&req.section.install, "true");
	assert_int_equal(cenv_build(&req, &object, &err), -1);
	assert_string_equal(err.msg, "building 'none 1.0' failed: it installed nothing into its prefix");
	cenv_err_release(&err);
	cenv_strv_release(&req.section.install);
	free(sha);
}

static void a_subdir_cannot_leave_the_sources(void **state)
{
	struct fixture *fx = *state;
	char *sha = source(fx, NULL, "make", "sub");
	struct cenv_build_request req = request(fx, "sub", sha);
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_object *object = NULL;

	req.section.subdir = (char *)"a/../../..";
	assert_int_equal(cenv_build(&req, &object, &err), -1);
	assert_int_equal(err.code, CENV_E_SYNTAX);
	req.section.subdir = (char *)"absent";
	assert_int_equal(cenv_build(&req, &object, &err), -1);
	assert_non_null(strstr(err.msg, "no such subdir"));
	cenv_err_release(&err);
	free(sha);
}

/* ---- what is right ---- */

static void every_system_builds_a_library_that_runs_anywhere(void **state)
{
	static const char *const systems[] = {"autotools", "cmake", "meson", "configure", "make"};
	struct fixture *fx = *state;

	for (size_t i = 0; i < sizeof(systems) / sizeof(*systems); i++) {
		char *name = cenv_strf("x%s", systems[i]), *sha = source(fx, NULL, systems[i], name);
		char *shared = cenv_strf("lib/lib%s.so", name), *fixed = cenv_strf("lib/lib%s.a", name);
		char *program = cenv_strf("%s-info", name), *out;
		char *want = cenv_strf("%s 1.0\n%s/at-%s/share/%s", name, fx->root, name, name);
		char *folder = cenv_strf("at-%s", name);
		struct cenv_build_request req = request(fx, name, sha);
		struct cenv_object *object;

		cenv_buf_reset(&fx->events);
		object = built(&req);
		assert_string_equal(object->system, systems[i]);
		if (!has_file(object, shared) || !has_file(object, fixed))
			fail_msg("%s: not both kinds of library", systems[i]);
		out = run_placed(fx, folder, &object, 1, program);
		assert_string_equal(out, want);
		assert_non_null(strstr(fx->events.buf, "step build\n"));
		assert_non_null(strstr(fx->events.buf, "step install\n"));
		assert_null(strstr(fx->events.buf, "warning"));
		cenv_object_free(object);
		free(out);
		free(want);
		free(folder);
		free(program);
		free(shared);
		free(fixed);
		free(sha);
		free(name);
	}
}

static void a_recipes_commands_build(void **state)
{
	struct fixture *fx = *state;
	char *sha = source(fx, NULL, "commands", "cmds"), *out;
	struct cenv_build_request req = request(fx, "cmds", sha);
	struct cenv_object *object;

	req.section.system = CENV_BUILD_COMMANDS;
	cenv_strv_add(&req.section.build, "make -f build.mk -j$JOBS prefix=$PREFIX");
	cenv_strv_add(&req.section.install, "make -f build.mk install prefix=$PREFIX");
	object = built(&req);
	out = run_placed(fx, "at", &object, 1, "cmds-info");
	assert_true(cenv_str_starts(out, "cmds 1.0\n"));
	cenv_object_free(object);
	cenv_strv_release(&req.section.build);
	cenv_strv_release(&req.section.install);
	free(out);
	free(sha);
}

static void a_makefile_without_destdir_builds(void **state)
{
	static const char *const options[] = {"--no-destdir", NULL};
	struct fixture *fx = *state;
	char *sha = source(fx, options, "make", "nodest");
	struct cenv_build_request req = request(fx, "nodest", sha);

	for (int plain = 0; plain < 2; plain++) {
		struct cenv_object *object;

		req.sandbox = plain ? CENV_SANDBOX_OFF : CENV_SANDBOX_AUTO;
		req.version = plain ? "1.0" : "1.0.0";
		object = built(&req);
		assert_true(has_file(object, "lib/libnodest.a"));
		cenv_object_free(object);
	}
	free(sha);
}

static void dependencies_are_found_and_linked(void **state)
{
	static const char *const needs_base[] = {"--requires", "base", NULL};
	static const char *const systems[] = {"autotools", "cmake", "meson", "make"};
	struct fixture *fx = *state;
	char *base_sha = source(fx, NULL, "autotools", "base");

	for (size_t i = 0; i < 2 * sizeof(systems) / sizeof(*systems); i++) {
		const char *system = systems[i / 2];
		char *name = cenv_strf("user%s", system), *sha = source(fx, needs_base, system, name);
		char *program = cenv_strf("%s-info", name), *folder = cenv_strf("at-%zu", i), *out;
		struct cenv_build_request req = request(fx, "base", base_sha);
		struct cenv_object *objects[2];

		objects[0] = built(&req);
		req = request(fx, name, sha);
		req.deps = (const struct cenv_object *const *)objects;
		req.ndeps = 1;
		req.sandbox = i % 2 ? CENV_SANDBOX_OFF : CENV_SANDBOX_AUTO;
		/* another version, so that the second way is not answered by the first one's object */
		req.version = i % 2 ? "1.0" : "1.0.0";
		objects[1] = built(&req);
		assert_int_equal(objects[1]->leaks.n, 0);
		out = run_placed(fx, folder, objects, 2, program);
		assert_non_null(strstr(out, ", base 1.0\n"));
		cenv_object_free(objects[0]);
		cenv_object_free(objects[1]);
		free(out);
		free(folder);
		free(program);
		free(sha);
		free(name);
	}
	free(base_sha);
}

static void a_second_build_reuses_the_object(void **state)
{
	struct fixture *fx = *state;
	char *sha = source(fx, NULL, "make", "twice");
	struct cenv_build_request req = request(fx, "twice", sha);

	cenv_object_free(built(&req));
	cenv_buf_reset(&fx->events);
	req.sandbox = CENV_SANDBOX_OFF;
	req.jobs = 1;
	cenv_object_free(built(&req));
	assert_string_equal(fx->events.buf, "reused \n");
	assert_int_equal(faccessat(fx->store.fd, "build", F_OK, 0), 0);
	free(sha);
}

/* Two processes want the same object: one builds, the other waits and takes it. */
static void one_process_builds_and_the_other_waits(void **state)
{
	struct fixture *fx = *state;
	char *sha = source(fx, NULL, "make", "both");
	struct cenv_build_request req = request(fx, "both", sha);
	int status;
	pid_t pid;

	req.section.system = CENV_BUILD_COMMANDS;
	cenv_strv_add(&req.section.build, "sleep 2; make -f Makefile PREFIX=$PREFIX");
	cenv_strv_add(&req.section.install, "make install PREFIX=$PREFIX");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct cenv_object *object = NULL;
		struct cenv_err err = CENV_ERR_INIT;

		_exit(cenv_build(&req, &object, &err) == 0 && object ? 0 : 1);
	}
	usleep(700000);
	cenv_object_free(built(&req));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_string_equal(fx->events.buf, "wait \nreused \n");
	cenv_strv_release(&req.section.build);
	cenv_strv_release(&req.section.install);
	free(sha);
}

static void a_killed_builder_is_no_obstacle(void **state)
{
	struct fixture *fx = *state;
	char *sha = source(fx, NULL, "make", "dead");
	struct cenv_build_request req = request(fx, "dead", sha);
	struct cenv_build_request slow = req;
	pid_t pid;

	/* the same key: jobs and time limits are not part of it, a sleeping compiler is not either */
	cenv_strv_add(&slow.section.build, "sleep 60");
	slow.section.system = CENV_BUILD_COMMANDS;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct cenv_object *object = NULL;
		struct cenv_err err = CENV_ERR_INIT;

		_exit(cenv_build(&slow, &object, &err) == 0);
	}
	usleep(700000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	slow.timeout_s = 1;
	{
		struct cenv_object *object = NULL;
		struct cenv_err err = CENV_ERR_INIT;

		/* it gets the lock and builds, which here ends by its limit */
		assert_int_equal(cenv_build(&slow, &object, &err), -1);
		assert_non_null(strstr(err.msg, "after 1 second"));
		cenv_err_release(&err);
	}
	cenv_strv_release(&slow.section.build);
	free(sha);
}

/* ---- isolation ---- */

/* Each line is a wrong thing to do; the build goes on only if it could not be done. */
static void the_sandbox_keeps_a_build_in_its_place(void **state)
{
	static const char *const wrong[] = {
		"if echo '#include <zlib.h>' | $CC -E - ; then exit 1; fi",
		"if echo '#include <curl/curl.h>' | $CC -E - ; then exit 1; fi",
		"if echo '#include <cmocka.h>' | $CC -E -include stddef.h -include stdarg.h "
		"-include stdint.h -include setjmp.h - ; then exit 1; fi",
		"if echo 'int main(void){return 0;}' | $CC -x c - -lz -o /dev/null; then exit 1; fi",
		"if PKG_CONFIG_LIBDIR= pkg-config --exists zlib; then exit 1; fi",
		"if command -v curl-config; then exit 1; fi",
		"for i in /x /usr/x /usr/lib/x /usr/include/x /etc/x $PREFIX/x /.host/x; do",
		"if touch $i; then exit 1; fi; done",
		"for i in /home /root /var /srv /opt /mnt; do if [ -e $i ]; then exit 1; fi; done",
		"test \"$(grep -c : /proc/net/dev)\" = 1",
		"test \"$(pwd)\" = /build/src",
		"test \"$(hostname)\" = cenv",
	};
	static const char *const right[] = {
		"printf '#include <stdio.h>\\n#include <math.h>\\n#include <pthread.h>\\n"
		"int main(int c, char **v){(void)v;return printf(\"%%f\", sin(c)) < 0;}' > t.c",
		"$CC t.c -o t -lm -lpthread -ldl -lrt && ./t",
		"$CC -static t.c -o ts -lm && ./ts",
		"printf '#include <vector>\\nint main(){std::vector<int> v(3);return v.size()!=3;}' > t.cc",
		"$CXX t.cc -o tt && ./tt",
		"perl -MPOSIX -e 'print floor(2.5)' && python3 -c 'import ssl, json, hashlib'",
		"echo hi | gzip | gunzip && date && sort t.c >/dev/null && sed p t.c | awk 1 >/dev/null",
		"mkdir -p $DESTDIR$PREFIX/share && cp t.c $DESTDIR$PREFIX/share/",
	};
	struct fixture *fx = *state;
	char *sha = source(fx, NULL, "make", "caged");
	struct cenv_build_request req = request(fx, "caged", sha);
	const char *why;

	if (!cenv_sandbox_works(&why)) {
		print_message("no sandbox here: %s\n", why);
		skip();
	}
	req.section.system = CENV_BUILD_COMMANDS;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		cenv_strv_add(&req.section.build, wrong[i]);
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++)
		cenv_strv_add(&req.section.install, right[i]);
	cenv_object_free(built(&req));
	cenv_strv_release(&req.section.build);
	cenv_strv_release(&req.section.install);
	free(sha);
}

/* The counter-check: what the sandbox hides is there without it. */
static void the_same_build_sees_the_system_without_a_sandbox(void **state)
{
	struct fixture *fx = *state;
	char *sha = source(fx, NULL, "make", "free");
	struct cenv_build_request req = request(fx, "free", sha);
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_object *object = NULL;

	req.section.system = CENV_BUILD_COMMANDS;
	req.sandbox = CENV_SANDBOX_OFF;
	cenv_strv_add(&req.section.build, "if echo '#include <cmocka.h>' | $CC -E -include stddef.h "
					  "-include stdarg.h -include stdint.h -include setjmp.h - ; "
					  "then exit 9; fi");
	assert_int_equal(cenv_build(&req, &object, &err), -1);
	assert_non_null(strstr(err.msg, "exited with 9"));
	cenv_err_release(&err);
	cenv_strv_release(&req.section.build);
	free(sha);
}

static void a_long_store_path_builds_in_the_sandbox_alone(void **state)
{
	struct fixture *fx = *state;
	char *sha = source(fx, NULL, "make", "deep");
	char *folder = cenv_strf("%s/%0200d/%050d", fx->root, 1, 2), *from, *to;
	struct cenv_build_request req = request(fx, "deep", sha);
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_object *object = NULL;
	struct cenv_store deep;
	const char *why;

	assert_int_equal(cenv_store_open(&deep, folder, &err), 0);
	from = cenv_strf("%s/store/sources/%s", fx->root, sha);
	to = cenv_strf("%s/sources/%s", folder, sha);
	assert_int_equal(rename(from, to), 0);
	req.store = &deep;
	req.sandbox = CENV_SANDBOX_OFF;
	assert_int_equal(cenv_build(&req, &object, &err), -1);
	assert_int_equal(err.code, CENV_E_BUILD);
	assert_non_null(strstr(err.msg, "is too long to build without a sandbox"));
	assert_non_null(err.hint);
	cenv_err_release(&err);
	if (cenv_sandbox_works(&why)) {
		req.sandbox = CENV_SANDBOX_REQUIRE;
		cenv_object_free(built(&req));
	}
	cenv_store_release(&deep);
	free(folder);
	free(from);
	free(to);
	free(sha);
}

static void assert_same_bytes(const struct cenv_object *one, const struct cenv_object *two)
{
	struct cenv_buf first = CENV_BUF_INIT, second = CENV_BUF_INIT;

	cenv_manifest_format(&one->manifest, &first);
	cenv_manifest_format(&two->manifest, &second);
	assert_string_equal(first.buf, second.buf);
	cenv_buf_release(&first);
	cenv_buf_release(&second);
}

/* The keys differ, because a build without may see more; one that does not look is the same. */
static void a_sandbox_changes_no_byte(void **state)
{
	static const char *const needs_base[] = {"--requires", "base", NULL};
	static const char *const systems[] = {"autotools", "cmake", "meson", "make"};
	struct fixture *fx = *state;
	char *base_sha = source(fx, NULL, "autotools", "base");
	const char *why;

	if (!cenv_sandbox_works(&why)) {
		print_message("no sandbox here: %s\n", why);
		skip();
	}
	for (size_t i = 0; i < sizeof(systems) / sizeof(*systems); i++) {
		char *sha = source(fx, needs_base, systems[i], "same");
		struct cenv_object *base[2], *user[2];

		for (int k = 0; k < 2; k++) {
			struct cenv_build_request req = request(fx, "base", base_sha);

			req.isolation = k ? CENV_ISOLATION_NONE : CENV_ISOLATION_SANDBOX;
			base[k] = built(&req);
			req = request(fx, "same", sha);
			req.isolation = k ? CENV_ISOLATION_NONE : CENV_ISOLATION_SANDBOX;
			/* with debugging information, which names folders */
			cenv_strv_add(&req.section.cflags, "-g");
			req.deps = (const struct cenv_object *const *)&base[k];
			req.ndeps = 1;
			user[k] = built(&req);
			cenv_strv_release(&req.section.cflags);
		}
		assert_string_not_equal(user[0]->key, user[1]->key);
		assert_same_bytes(base[0], base[1]);
		assert_same_bytes(user[0], user[1]);
		for (int k = 0; k < 2; k++) {
			cenv_object_free(base[k]);
			cenv_object_free(user[k]);
		}
		free(sha);
	}
	free(base_sha);
}

/* Who asks for no sandbox may have what one made; who requires one gets nothing else. */
static void isolated_objects_serve_all_and_others_do_not(void **state)
{
	struct fixture *fx = *state;
	char *sha = source(fx, NULL, "make", "iso");
	struct cenv_build_request req = request(fx, "iso", sha);
	char plain[CENV_SHA256_HEX], key[CENV_SHA256_HEX];
	struct cenv_err err = CENV_ERR_INIT;
	const char *why;

	if (!cenv_sandbox_works(&why)) {
		print_message("no sandbox here: %s\n", why);
		skip();
	}
	req.sandbox = CENV_SANDBOX_OFF;
	cenv_object_free(built(&req));
	assert_int_equal(cenv_build_decide(&req, plain, &err), 0);
	assert_int_equal(req.isolation, CENV_ISOLATION_NONE);
	for (int i = 0; i < 2; i++) {
		req.isolation = CENV_ISOLATION_UNDECIDED;
		req.sandbox = i ? CENV_SANDBOX_AUTO : CENV_SANDBOX_REQUIRE;
		assert_int_equal(cenv_build_decide(&req, key, &err), 0);
		assert_int_equal(req.isolation, CENV_ISOLATION_SANDBOX);
		assert_string_not_equal(key, plain);
	}
	cenv_object_free(built(&req));
	req.isolation = CENV_ISOLATION_UNDECIDED;
	req.sandbox = CENV_SANDBOX_OFF;
	cenv_buf_reset(&fx->events);
	cenv_object_free(built(&req));
	assert_string_equal(fx->events.buf, "reused \n");
	free(sha);
}

/* gcc -O2 breaks strcpy(PREFIX) for shorter prefixes; a Makefile that sets CFLAGS itself, or
 * calls gcc by its name, gets what prevents that all the same. */
static void flags_that_relocation_needs_reach_every_compiler(void **state)
{
	static const char *const names[] = {"$CC", "cc", "gcc"};
	struct fixture *fx = *state;
	char *sha = source(fx, NULL, "commands", "own");
	const char *why;

	for (int k = cenv_sandbox_works(&why) ? 0 : 1; k < 2; k++) {
		struct cenv_build_request req = request(fx, "own", sha);
		char *folder = cenv_strf("at%d", k);
		struct cenv_object *object;

		req.isolation = k ? CENV_ISOLATION_NONE : CENV_ISOLATION_SANDBOX;
		req.section.system = CENV_BUILD_COMMANDS;
		cenv_strv_add(&req.section.build, "unset CFLAGS; mkdir -p $DESTDIR$PREFIX/bin");
		cenv_strv_add(&req.section.build,
			      "printf '#include <stdio.h>\\n#include <string.h>\\n"
			      "int main(int n, char **v) { char b[999]; strcpy(b, P \"/share/\");"
			      " strcat(b, n ? \"x\" : v[0]); return puts(b) < 0; }' > own.c");
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			cenv_strv_addf(&req.section.build,
				       "%s -O2 \"-DP=\\\"$PREFIX\\\"\" own.c -o $DESTDIR$PREFIX/bin/own%zu",
				       names[i], i);
		object = built(&req);
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			char *program = cenv_strf("own%zu", i), *at = cenv_strf("%s%zu", folder, i);
			char *want = cenv_strf("%s/%s/share/x", fx->root, at);
			char *out = run_placed(fx, at, &object, 1, program);

			assert_string_equal(out, want);
			free(program);
			free(at);
			free(want);
			free(out);
		}
		cenv_object_free(object);
		cenv_strv_release(&req.section.build);
		free(folder);
	}
	free(sha);
}

/* A folder whose files are no longer those that the key was made of is not built. */
static void a_folder_that_changes_meanwhile_is_refused(void **state)
{
	struct fixture *fx = *state;
	char *folder = cenv_path_join(fx->root, "local"), *file = cenv_path_join(folder, "Makefile");
	char hash[CENV_SHA256_HEX];
	struct cenv_build_request req = request(fx, "local", NULL);
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_object *object = NULL;

	assert_int_equal(cenv_fs_mkdirs(AT_FDCWD, folder, 0755, &err), 0);
	assert_int_equal(cenv_fs_write(AT_FDCWD, file, "all:\n", 5, 0644, 0, &err), 0);
	assert_int_equal(cenv_tree_hash_dir(AT_FDCWD, folder, hash, &err), 0);
	assert_int_equal(cenv_fs_write(AT_FDCWD, file, "all: \n", 6, 0644, 0, &err), 0);
	req.source_dir = folder;
	req.source_dir_hash = hash;
	assert_int_equal(cenv_build(&req, &object, &err), -1);
	assert_int_equal(err.code, CENV_E_FAIL);
	assert_non_null(strstr(err.msg, "was changed while it was read"));
	cenv_err_release(&err);
	free(folder);
	free(file);
}

/* The same sources give the same object from two stores, however many jobs. */
static void objects_do_not_depend_on_the_store(void **state)
{
	static const char *const systems[] = {"autotools", "cmake", "meson", "make"};
	struct fixture *fx = *state;
	struct cenv_store other;
	struct cenv_err err = CENV_ERR_INIT;
	char *folder = cenv_path_join(fx->root, "another place");

	assert_int_equal(cenv_store_open(&other, folder, &err), 0);
	for (size_t i = 0; i < sizeof(systems) / sizeof(*systems); i++) {
		char *sha = source(fx, NULL, systems[i], "same");
		char *from = cenv_strf("%s/store/sources/%s", fx->root, sha);
		char *to = cenv_strf("%s/sources/%s", folder, sha);
		struct cenv_build_request req = request(fx, "same", sha);
		struct cenv_object *one = built(&req), *two;

		assert_int_equal(rename(from, to), 0);
		req.store = &other;
		req.jobs = 1;
		two = built(&req);
		assert_string_equal(one->key, two->key);
		assert_same_bytes(one, two);
		cenv_object_free(one);
		cenv_object_free(two);
		free(from);
		free(to);
		free(sha);
	}
	cenv_store_release(&other);
	free(folder);
}

int main(void)
{
#define RUN(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		RUN(a_failing_step_is_told_with_its_first_error),
		RUN(enter_opens_the_failed_build),
		RUN(a_build_that_runs_wild_is_stopped),
		RUN(a_build_that_installs_nothing_fails),
		RUN(a_subdir_cannot_leave_the_sources),
		RUN(every_system_builds_a_library_that_runs_anywhere),
		RUN(a_recipes_commands_build),
		RUN(a_makefile_without_destdir_builds),
		RUN(dependencies_are_found_and_linked),
		RUN(a_second_build_reuses_the_object),
		RUN(one_process_builds_and_the_other_waits),
		RUN(a_killed_builder_is_no_obstacle),
		RUN(the_sandbox_keeps_a_build_in_its_place),
		RUN(the_same_build_sees_the_system_without_a_sandbox),
		RUN(a_long_store_path_builds_in_the_sandbox_alone),
		RUN(objects_do_not_depend_on_the_store),
		RUN(a_sandbox_changes_no_byte),
		RUN(isolated_objects_serve_all_and_others_do_not),
		RUN(flags_that_relocation_needs_reach_every_compiler),
		RUN(a_folder_that_changes_meanwhile_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"

/* Children that are contained leave nobody behind, whatever they do to get away. */

/* sleeps this long: no other process of this machine has these words */
#define NAP "300.2718281"

/* ways to leave the group, the session and the parent */
static const char *const escapes[] = {
	"sleep " NAP " &",
	"setsid sleep " NAP " &",
	"(setsid sh -c 'sleep " NAP " & sleep " NAP "' &)",
	"(trap '' TERM HUP INT; setsid sh -c 'setsid sleep " NAP " & exec sleep " NAP "' & exit) &",
	"(setsid sh -c 'exec setsid sleep " NAP "' >/dev/null 2>&1 </dev/null &)",
};
#define ESCAPES (sizeof(escapes) / sizeof(*escapes))

static size_t sleepers(bool kill_them)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_strv names = {0};
	size_t n = 0;

	assert_int_equal(cenv_fs_list(AT_FDCWD, "/proc", &names, &err), 0);
	for (size_t i = 0; i < names.n; i++) {
		struct cenv_buf line = CENV_BUF_INIT;
		char *path = cenv_strf("/proc/%s/cmdline", names.v[i]);

		if (names.v[i][0] <= '9' && cenv_fs_read(AT_FDCWD, path, 1 << 16, &line, &err) == 0 &&
		    line.len > 6 && !strcmp(line.buf, "sleep") && !strcmp(line.buf + 6, NAP)) {
			n++;
			if (kill_them)
				kill(atoi(names.v[i]), SIGKILL);
		}
		cenv_buf_release(&line);
		free(path);
	}
	cenv_err_release(&err);
	cenv_strv_release(&names);
	return n;
}

static void wait_for_sleepers(size_t n)
{
	for (int i = 0; i < 500 && sleepers(false) < n; i++)
		usleep(20000);
	assert_true(sleepers(false) >= n);
}

static struct cenv_proc shell(const char *const *argv)
{
	return (struct cenv_proc){.argv = argv, .stdin_fd = -1, .out_fd = -1, .contain = true};
}

static bool refuse(void *payload, const char *data, size_t len)
{
	(void)payload;
	(void)data;
	(void)len;
	return false;
}

enum way { ENDS, FAILS, TIMES_OUT, WRITES_TOO_MUCH, WAYS };

static void run_away(const char *escape, enum way way, struct cenv_proc_status *status)
{
	static const char *const ends[] = {
		[ENDS] = "exit 0", [FAILS] = "exit 3", [TIMES_OUT] = "sleep " NAP,
		[WRITES_TOO_MUCH] = "while :; do echo on; done",
	};
	char *line = cenv_strf("%s\nsleep 0.1; %s", escape, ends[way]);
	const char *const argv[] = {"sh", "-c", line, NULL};
	struct cenv_proc proc = shell(argv);
	struct cenv_err err = CENV_ERR_INIT;

	proc.timeout_s = way == TIMES_OUT ? 1 : 60;
	proc.sink = way == WRITES_TOO_MUCH ? refuse : NULL;
	assert_int_equal(cenv_proc_run(&proc, status, &err), 0);
	free(line);
}

static void nothing_outlives_a_contained_child(void **state)
{
	(void)state;
	for (size_t i = 0; i < ESCAPES; i++) {
		for (int way = 0; way < WAYS; way++) {
			struct cenv_proc_status status;

			run_away(escapes[i], (enum way)way, &status);
			if (sleepers(true))
				fail_msg("'%s' got away, way %d", escapes[i], way);
			assert_int_equal(status.timed_out, way == TIMES_OUT);
			assert_int_equal(status.stopped, way == WRITES_TOO_MUCH);
			if (way == ENDS || way == FAILS)
				assert_int_equal(status.exited, way == ENDS ? 0 : 3);
		}
	}
}

/* The counter-check: without, the same escapes succeed, so that the test above can fail. */
static void the_escapes_are_real(void **state)
{
	/* it takes a moment to leave the group, which is ended with the shell */
	char *line = cenv_strf("%s\nsleep 0.1", escapes[1]);
	const char *const argv[] = {"sh", "-c", line, NULL};
	struct cenv_proc proc = shell(argv);
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_proc_status status;

	(void)state;
	proc.contain = false;
	proc.timeout_s = 60;
	for (int i = 0; i < 50 && !sleepers(false); i++)
		assert_int_equal(cenv_proc_run(&proc, &status, &err), 0);
	assert_true(sleepers(true) > 0);
	free(line);
}

static void the_status_is_the_childs_own(void **state)
{
	static const struct {
		const char *line;
		int exited, signal;
	} rows[] = {
		{"exit 0", 0, 0},	{"exit 127", 127, 0},	   {"kill -9 $$", -1, SIGKILL},
		{"kill -TERM $$", -1, SIGTERM}, {"kill -SEGV $$", -1, SIGSEGV}, {"kill -HUP $$", -1, SIGHUP},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *const argv[] = {"sh", "-c", rows[i].line, NULL};
		struct cenv_proc proc = shell(argv);
		struct cenv_err err = CENV_ERR_INIT;
		struct cenv_proc_status status;

		assert_int_equal(cenv_proc_run(&proc, &status, &err), 0);
		assert_int_equal(status.exited, rows[i].exited);
		assert_int_equal(status.signal, rows[i].signal);
	}
}

static void a_program_that_cannot_run_is_an_error(void **state)
{
	static const struct {
		const char *program;
		int sys;
	} rows[] = {{"/etc/passwd/x", ENOENT}, {"no-such-program", ENOENT}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *const argv[] = {rows[i].program, NULL};
		struct cenv_proc proc = shell(argv);
		struct cenv_err err = CENV_ERR_INIT;
		struct cenv_proc_status status;

		assert_int_equal(cenv_proc_run(&proc, &status, &err), -1);
		assert_int_equal(err.sys, rows[i].sys);
		cenv_err_release(&err);
	}
}

static void a_folder_that_is_gone_is_an_error(void **state)
{
	const char *const argv[] = {"sh", "-c", "exit 0", NULL};
	struct cenv_proc proc = shell(argv);
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_proc_status status;

	(void)state;
	proc.cwd = "/nowhere/at/all";
	assert_int_equal(cenv_proc_run(&proc, &status, &err), -1);
	assert_int_equal(err.sys, ENOENT);
	cenv_err_release(&err);
}

/* Not even SIGKILL to us leaves anything, nor a lock that we held while it still runs. */
static void our_own_death_ends_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < ESCAPES; i++) {
		int lock[2];
		char byte;
		pid_t pid;

		assert_int_equal(pipe2(lock, O_CLOEXEC), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			struct cenv_proc_status status;

			run_away(escapes[i], TIMES_OUT, &status);
			_exit(0);
		}
		close(lock[1]);
		wait_for_sleepers(1);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		/* the end of what it held, as a lock would be free */
		assert_int_equal(read(lock[0], &byte, 1), 0);
		close(lock[0]);
		if (sleepers(true))
			fail_msg("'%s' got away", escapes[i]);
	}
}

static void an_interrupt_ends_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < ESCAPES; i++) {
		int status;
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			char *line = cenv_strf("%s\nsleep " NAP, escapes[i]);
			const char *const argv[] = {"sh", "-c", line, NULL};
			struct cenv_proc proc = shell(argv);
			struct cenv_err err = CENV_ERR_INIT;
			struct cenv_proc_status ended;

			cenv_interrupt_catch();
			_exit(cenv_proc_run(&proc, &ended, &err) < 0 &&
			      err.code == CENV_E_INTERRUPT ? 42 : 1);
		}
		wait_for_sleepers(2);
		kill(pid, SIGINT);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 42);
		assert_int_equal(sleepers(true), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_outlives_a_contained_child),
		cmocka_unit_test(the_escapes_are_real),
		cmocka_unit_test(the_status_is_the_childs_own),
		cmocka_unit_test(a_program_that_cannot_run_is_an_error),
		cmocka_unit_test(a_folder_that_is_gone_is_an_error),
		cmocka_unit_test(our_own_death_ends_all),
		cmocka_unit_test(an_interrupt_ends_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

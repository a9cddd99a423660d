/* SPDX-License-Identifier: MIT */
#include "store/proc/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "store/fs/fs.h"
#include "store/proc/keeper.h"

extern char **environ;

/* ---- signals ---- */

static volatile sig_atomic_t caught;

static void note_signal(int sig)
{
	caught = sig;
}

void cenv_interrupt_catch(void)
{
	struct sigaction sa = {.sa_handler = note_signal};
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		struct sigaction old;

		/* nohup and background jobs of a plain sh ignore them on purpose */
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &sa, NULL);
	}
}

int cenv_interrupted(void)
{
	return caught;
}

int cenv_interrupt_check(struct cenv_err *err)
{
	if (!caught)
		return 0;
	if (caught == SIGINT)
		return cenv_err_set(err, CENV_E_INTERRUPT, "interrupted");
	return cenv_err_set(err, CENV_E_INTERRUPT, "interrupted by a signal: %s", strsignal(caught));
}

/* ---- children ---- */

struct child {
	pid_t pid;
	int pidfd;
	int out; /* read end of the capture pipe, or -1 */
	bool refused; /* the sink wants no more */
};

/*
 * What our caller left open is the caller's: with a descriptor of a folder a build would be out of
 * its sandbox.
 */
static void close_inherited(void)
{
	enum { FEW = 1024 };

	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	for (int fd = 3; fd < FEW; fd++) /* before Linux 5.11 */
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* Runs between fork and exec: only async-signal-safe calls. */
static _Noreturn void child_exec(const struct cenv_proc *proc, const char *program, int out_fd,
				 int report_fd, pid_t parent)
{
	static const int defaults[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	int saved;

	setpgid(0, 0);
	for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
		signal(defaults[i], SIG_DFL);
	if (proc->contain)
		cenv_keeper_split(parent, report_fd);
	if (proc->cwd && chdir(proc->cwd) < 0)
		goto fail;
	if (proc->stdin_fd >= 0) {
		if (dup2(proc->stdin_fd, 0) < 0)
			goto fail;
	} else {
		int null = open("/dev/null", O_RDONLY);

		if (null < 0 || dup2(null, 0) < 0)
			goto fail;
		if (null > 2)
			close(null);
	}
	if (dup2(out_fd, 1) < 0 || dup2(out_fd, 2) < 0)
		goto fail;
	close_inherited();
	for (const int *fd = proc->keep_fds; fd && *fd >= 0; fd++)
		fcntl(*fd, F_SETFD, 0);
	execve(program, (char *const *)proc->argv,
	       proc->env ? (char *const *)proc->env : environ);
fail:
	saved = errno;
	if (write(report_fd, &saved, sizeof(saved)) < 0)
		_exit(126);
	_exit(127);
}

/* Wait for exec to have happened: the report pipe closes then. */
static int await_exec(int report_fd)
{
	int code = 0;
	ssize_t n;

	do
		n = read(report_fd, &code, sizeof(code));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(code) ? code : 0;
}

static int child_start(struct child *child, const struct cenv_proc *proc, const char *program,
		       struct cenv_err *err)
{
	int report[2] = {-1, -1}, capture[2] = {-1, -1}, code;
	pid_t parent = getpid();

	if (pipe2(report, O_CLOEXEC) < 0 || (proc->out_fd < 0 && pipe2(capture, O_CLOEXEC) < 0)) {
		cenv_err_sys(err, errno, "cannot create a pipe");
		goto fail;
	}
	child->pid = fork();
	if (child->pid < 0) {
		cenv_err_sys(err, errno, "cannot start '%s'", proc->argv[0]);
		goto fail;
	}
	if (child->pid == 0)
		child_exec(proc, program, proc->out_fd < 0 ? capture[1] : proc->out_fd, report[1],
			   parent);
	setpgid(child->pid, child->pid);
	close(report[1]);
	if (capture[1] >= 0)
		close(capture[1]);
	code = await_exec(report[0]);
	close(report[0]);
	if (code) {
		waitpid(child->pid, NULL, 0);
		if (capture[0] >= 0)
			close(capture[0]);
		return cenv_err_sys(err, code, "cannot run '%s'", proc->argv[0]);
	}
	child->out = capture[0];
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	return 0;
fail:
	for (int i = 0; i < 2; i++) {
		if (report[i] >= 0)
			close(report[i]);
		if (capture[i] >= 0)
			close(capture[i]);
	}
	return -1;
}

static void take_output(struct child *child, const struct cenv_proc *proc)
{
	size_t max = proc->out_max ? proc->out_max : 1 << 20;
	char chunk[16384];
	ssize_t n = read(child->out, chunk, sizeof(chunk));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		close(child->out);
		child->out = -1;
		return;
	}
	if (proc->sink) {
		if (!child->refused)
			child->refused = !proc->sink(proc->sink_payload, chunk, (size_t)n);
		return;
	}
	if (proc->out && proc->out->len < max)
		cenv_buf_add(proc->out, chunk,
			     (size_t)n < max - proc->out->len ? (size_t)n : max - proc->out->len);
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Ends the whole group: politely first, so that make can delete half-written targets. */
static void child_stop(const struct child *child, bool contained)
{
	struct timespec pause = {.tv_nsec = 20000000};

	kill(-child->pid, SIGTERM);
	if (contained)
		return; /* the keeper does the rest, and ends */
	for (int i = 0; i < 25; i++) {
		siginfo_t info = {0};

		if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    info.si_pid)
			break;
		nanosleep(&pause, NULL);
	}
	kill(-child->pid, SIGKILL);
}

static void child_watch(struct child *child, const struct cenv_proc *proc,
			struct cenv_proc_status *status)
{
	long long end = proc->timeout_s ? now_ms() + proc->timeout_s * 1000LL : 0;
	siginfo_t info = {0};

	for (;;) {
		struct pollfd fds[2] = {{.fd = child->out, .events = POLLIN},
					{.fd = child->pidfd, .events = POLLIN}};
		/* without pidfd_open (Linux < 5.3) look ten times a second */
		int wait = child->pidfd < 0 ? 100 : 1000;

		poll(fds, 2, wait);
		if (child->out >= 0 && (fds[0].revents & (POLLIN | POLLHUP | POLLERR)))
			take_output(child, proc);
		if (caught || child->refused || (end && now_ms() > end)) {
			status->stopped = !caught && child->refused;
			status->timed_out = !caught && !child->refused;
			child_stop(child, proc->contain);
			return;
		}
		if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    info.si_pid)
			return;
	}
}

/* What is in the pipe when the child is gone; a grandchild that keeps it open is not waited for. */
static void drain_output(struct child *child, const struct cenv_proc *proc)
{
	if (child->out < 0)
		return;
	fcntl(child->out, F_SETFL, O_NONBLOCK);
	while (child->out >= 0) {
		struct pollfd fd = {.fd = child->out, .events = POLLIN};

		if (poll(&fd, 1, 0) <= 0)
			break;
		take_output(child, proc);
	}
	if (child->out >= 0)
		close(child->out);
}

int cenv_proc_run(const struct cenv_proc *proc, struct cenv_proc_status *status,
		  struct cenv_err *err)
{
	struct child child = {.pidfd = -1, .out = -1};
	char *program = cenv_proc_find(proc->argv[0], getenv("PATH"));
	int wstatus, ret;

	*status = (struct cenv_proc_status){.exited = -1};
	if (cenv_interrupt_check(err) < 0) {
		free(program);
		return -1;
	}
	if (!program)
		return cenv_err_sys(err, ENOENT, "cannot run '%s'", proc->argv[0]);
	ret = child_start(&child, proc, program, err);
	free(program);
	if (ret < 0)
		return -1;
	child_watch(&child, proc, status);
	while (waitpid(child.pid, &wstatus, 0) < 0 && errno == EINTR)
		;
	kill(-child.pid, SIGKILL); /* whatever it left running in its group */
	drain_output(&child, proc);
	if (child.pidfd >= 0)
		close(child.pidfd);
	if (WIFEXITED(wstatus))
		status->exited = WEXITSTATUS(wstatus);
	else
		status->signal = WTERMSIG(wstatus);
	return cenv_interrupt_check(err);
}

char *cenv_proc_describe(const struct cenv_proc_status *status)
{
	if (status->timed_out)
		return cenv_xstrdup("ran longer than its limit");
	if (status->stopped)
		return cenv_xstrdup("was stopped");
	if (status->signal)
		return cenv_strf("was killed by signal %d (%s)", status->signal,
				 strsignal(status->signal));
	return cenv_strf("exited with %d", status->exited);
}

char *cenv_proc_find(const char *name, const char *path)
{
	if (strchr(name, '/'))
		return access(name, X_OK) == 0 ? cenv_xstrdup(name) : NULL;
	if (!path)
		path = "/usr/local/bin:/usr/bin:/bin";
	while (*path) {
		size_t len = strcspn(path, ":");
		char *full = len ? cenv_strf("%.*s/%s", (int)len, path, name) : cenv_strf("./%s", name);

		if (access(full, X_OK) == 0 && !cenv_fs_is_dir(AT_FDCWD, full))
			return full;
		free(full);
		path += len + (path[len] == ':');
	}
	return NULL;
}

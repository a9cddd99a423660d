/* SPDX-License-Identifier: MIT */
#include "store/proc/keeper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POLITE_MS 500 /* to end after SIGTERM, so that make can delete half-written targets */
#define KILL_MS 10000 /* after that what does not even die of SIGKILL hangs in the kernel */

struct keeper {
	pid_t parent, child;
	bool ended; /* the child, with status */
	int status;
	sigset_t signals; /* blocked, and waited for */
};

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* ---- who is left? ---- */

/* The decimal number that text starts with, or -1. */
static pid_t number(const char *text)
{
	pid_t n = -1;

	for (; *text >= '0' && *text <= '9'; text++)
		n = (n < 0 ? 0 : n) * 10 + (*text - '0');
	return n;
}

/* "PID (NAME) STATE PPID ...", where NAME may hold anything. */
static pid_t parent_of(int procfd, const char *pid)
{
	char path[32], text[512], *paren = NULL;
	size_t len = strlen(pid);
	ssize_t n;
	int fd;

	if (len > 16)
		return -1;
	memcpy(path, pid, len);
	memcpy(path + len, "/stat", sizeof("/stat"));
	fd = openat(procfd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	paren = strrchr(text, ')');
	return paren && strlen(paren) > 4 ? number(paren + 4) : -1;
}

/* Not by readdir: between fork and exec there is no allocating. */
static void kill_children(void)
{
	static char entries[8192] __attribute__((aligned(8)));
	int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pid_t self = getpid();
	long n;

	while (fd >= 0 && (n = syscall(SYS_getdents64, fd, entries, sizeof(entries))) > 0) {
		for (long at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(entries + at);
			pid_t pid = number(entry->d_name);

			if (pid > 0 && parent_of(fd, entry->d_name) == self)
				kill(pid, SIGKILL);
			at += entry->d_reclen;
		}
	}
	if (fd >= 0)
		close(fd);
}

/* ---- watching ---- */

/* @return false when there is no child any more, of whatever kind. */
static bool reap(struct keeper *k)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == k->child) {
			k->ended = true;
			k->status = status;
		}
	}
	return pid == 0 || errno != ECHILD;
}

static int await_signal(const struct keeper *k, long ms)
{
	return sigtimedwait(&k->signals, NULL,
			    &(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000});
}

/* Until the child has ended, or was asked to and did not. */
static void watch(struct keeper *k)
{
	long long end = 0;

	while (reap(k) && !k->ended && getppid() == k->parent) {
		int sig = await_signal(k, end ? 50 : 1000);

		if (sig > 0 && sig != SIGCHLD && !end) {
			kill(-k->child, SIGTERM);
			end = now_ms() + POLITE_MS;
		}
		if (end && now_ms() > end)
			return;
	}
}

/* Whose parent is killed becomes a child of ours, so that children are all there is to see. */
static void kill_all(struct keeper *k)
{
	long long end = now_ms() + KILL_MS;

	while (reap(k) && now_ms() < end) {
		kill_children();
		await_signal(k, 10);
	}
}

static _Noreturn void end_as(const struct keeper *k)
{
	static const struct rlimit none = {0, 0};
	sigset_t all;

	if (k->ended && WIFEXITED(k->status))
		_exit(WEXITSTATUS(k->status));
	setrlimit(RLIMIT_CORE, &none);
	if (k->ended) {
		signal(WTERMSIG(k->status), SIG_DFL);
		sigfillset(&all);
		sigprocmask(SIG_UNBLOCK, &all, NULL);
		raise(WTERMSIG(k->status));
	}
	kill(getpid(), SIGKILL);
	_exit(127);
}

void cenv_keeper_split(pid_t parent, int report_fd)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
	struct keeper k = {.parent = parent};
	pid_t self = getpid();
	sigset_t before;
	int saved;

	sigemptyset(&k.signals);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(&k.signals, signals[i]);
	/* blocked before there is a child, so that no signal is missed */
	sigprocmask(SIG_BLOCK, &k.signals, &before);
	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	k.child = fork();
	if (k.child < 0) {
		saved = errno;
		if (write(report_fd, &saved, sizeof(saved)) < 0)
			_exit(126);
		_exit(127);
	}
	if (k.child == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != self)
			_exit(127);
		sigprocmask(SIG_SETMASK, &before, NULL);
		return;
	}
	setpgid(k.child, k.child);
	close(report_fd);
	watch(&k);
	kill_all(&k);
	end_as(&k);
}

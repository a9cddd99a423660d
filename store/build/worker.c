/* SPDX-License-Identifier: MIT */
#include "store/build/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"

/* ---- messages ---- */

/* Strings of a message, in this order behind its head. */
enum { TEXTS = 3 };

/* An event, or the outcome. Both ends are one program: no byte order, no versions. */
struct head {
	enum { IS_EVENT, IS_OUTCOME } what;
	int kind, sys; /* enum cenv_event_kind; or enum cenv_code (CENV_OK: built) */
	unsigned long long done, total;
	size_t count;
	double seconds;
	size_t len[TEXTS]; /* 0: NULL; else with its NUL */
};

static void send_message(int fd, struct head *head, const char *const texts[TEXTS])
{
	struct cenv_buf out = CENV_BUF_INIT;

	for (size_t i = 0; i < TEXTS; i++)
		head->len[i] = texts[i] ? strlen(texts[i]) + 1 : 0;
	cenv_buf_add(&out, head, sizeof(*head));
	for (size_t i = 0; i < TEXTS; i++)
		cenv_buf_add(&out, texts[i], head->len[i]);
	/* whoever should read may be gone: then nobody misses it */
	(void)cenv_fs_write_all(fd, out.buf, out.len);
	cenv_buf_release(&out);
}

static void send_event(void *payload, const struct cenv_event *event)
{
	struct head head = {.what = IS_EVENT,
			    .kind = (int)event->kind,
			    .done = event->done,
			    .total = event->total,
			    .count = event->count,
			    .seconds = event->seconds};

	send_message(*(int *)payload, &head,
		     (const char *const[TEXTS]){event->name, event->version, event->text});
}

static void send_outcome(int fd, int ret, const struct cenv_err *err)
{
	struct head head = {
		.what = IS_OUTCOME, .kind = ret < 0 ? (int)err->code : CENV_OK, .sys = err->sys};

	send_message(fd, &head, (const char *const[TEXTS]){err->msg, err->detail, err->hint});
}

static void take_outcome(struct cenv_worker *worker, const struct head *head,
			 const char *const texts[TEXTS])
{
	worker->reported = true;
	worker->ret = head->kind == CENV_OK ? 0 : -1;
	if (worker->ret == 0)
		return;
	worker->err = (struct cenv_err){
		.code = (enum cenv_code)head->kind,
		.sys = head->sys,
		.msg = cenv_xstrdup(texts[0]),
		.detail = cenv_xstrdup(texts[1]),
		.hint = cenv_xstrdup(texts[2]),
	};
}

static void take_event(const struct cenv_events *events, const struct head *head,
		       const char *const texts[TEXTS])
{
	cenv_emit(events, &(struct cenv_event){.kind = (enum cenv_event_kind)head->kind,
					       .name = texts[0],
					       .version = texts[1],
					       .text = texts[2],
					       .done = head->done,
					       .total = head->total,
					       .count = head->count,
					       .seconds = head->seconds});
}

/* @return bytes of the message that starts at `at`, 0: it is not whole yet */
static size_t take_message(struct cenv_worker *worker, const struct cenv_events *events, size_t at)
{
	const char *texts[TEXTS];
	struct head head;
	size_t len = sizeof(head);

	if (worker->in.len - at < len)
		return 0;
	memcpy(&head, worker->in.buf + at, sizeof(head));
	for (size_t i = 0; i < TEXTS; i++) {
		texts[i] = head.len[i] ? worker->in.buf + at + len : NULL;
		len += head.len[i];
	}
	if (worker->in.len - at < len)
		return 0;
	if (head.what == IS_OUTCOME)
		take_outcome(worker, &head, texts);
	else
		take_event(events, &head, texts);
	return len;
}

static void take_messages(struct cenv_worker *worker, const struct cenv_events *events)
{
	size_t at = 0, len;

	while ((len = take_message(worker, events, at)) > 0)
		at += len;
	memmove(worker->in.buf, worker->in.buf + at, worker->in.len - at);
	cenv_buf_truncate(&worker->in, worker->in.len - at);
}

/* ---- the process ---- */

static _Noreturn void work(const struct cenv_build_request *req, int fd, pid_t parent)
{
	struct cenv_events events = {send_event, &fd};
	struct cenv_build_request mine = *req;
	struct cenv_object *object;
	struct cenv_err err = CENV_ERR_INIT;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	mine.events = &events;
	send_outcome(fd, cenv_build(&mine, &object, &err), &err);
	/* our lock keeps the object in the store until the parent has one of its own */
	shutdown(fd, SHUT_WR);
	(void)!read(fd, &(char){0}, 1);
	_exit(0); /* what is open and allocated is the parent's, or goes with us */
}

int cenv_worker_start(struct cenv_worker *worker, const struct cenv_build_request *req,
		      struct cenv_err *err)
{
	pid_t parent = getpid();
	int fds[2];

	*worker = (struct cenv_worker){.fd = -1, .in = CENV_BUF_INIT};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return cenv_err_sys(err, errno, "cannot create a pair of sockets");
	worker->pid = fork();
	if (worker->pid == 0) {
		close(fds[0]); /* or we would wait for ourselves when the parent is killed */
		work(req, fds[1], parent);
	}
	close(fds[1]);
	worker->fd = fds[0];
	if (worker->pid < 0) {
		cenv_err_sys(err, errno, "cannot start the build of '%s %s'", req->name,
			     req->version);
		close(worker->fd);
		worker->pid = 0;
		return -1;
	}
	return 0;
}

bool cenv_worker_read(struct cenv_worker *worker, const struct cenv_events *events)
{
	char chunk[16384];
	ssize_t n = read(worker->fd, chunk, sizeof(chunk));

	if (n < 0)
		return errno == EINTR;
	cenv_buf_add(&worker->in, chunk, (size_t)n);
	take_messages(worker, events);
	return n > 0;
}

void cenv_worker_stop(const struct cenv_worker *worker)
{
	kill(worker->pid, SIGTERM);
}

static int describe_death(int status, struct cenv_err *err)
{
	if (WIFSIGNALED(status))
		return cenv_err_set(err, CENV_E_FAIL, "the process that built it was killed by "
						      "signal %d (%s)",
				    WTERMSIG(status), strsignal(WTERMSIG(status)));
	return cenv_err_set(err, CENV_E_FAIL, "the process that built it ended without a word");
}

int cenv_worker_wait(struct cenv_worker *worker, struct cenv_err *err)
{
	int status = 0;

	shutdown(worker->fd, SHUT_RDWR); /* closing is not enough: other workers have it as well */
	while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
		;
	worker->pid = 0;
	close(worker->fd);
	cenv_buf_release(&worker->in);
	if (!worker->reported)
		return describe_death(status, err);
	if (worker->ret < 0)
		cenv_err_move(err, &worker->err);
	return worker->ret;
}

/* SPDX-License-Identifier: MIT */
#include "store/build/jobserver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* make's own choice; it gives back what it took, whatever that is */
static const char token = '+';

int cenv_jobserver_open(struct cenv_jobserver *out, unsigned tokens, struct cenv_err *err)
{
	char path[64];
	int fds[2];

	*out = (struct cenv_jobserver)CENV_JOBSERVER_CLOSED;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return cenv_err_sys(err, errno, "cannot create a pipe");
	out->read_fd = fds[0];
	out->write_fd = fds[1];
	/* opened again: O_NONBLOCK on the pipe itself would reach make, too */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", out->read_fd);
	out->try_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (out->try_fd < 0) {
		cenv_err_sys(err, errno, "cannot open '%s'", path);
		cenv_jobserver_close(out);
		return -1;
	}
	/* a pipe holds 64 KiB, which is more than any machine has processors */
	for (unsigned i = 0; i < tokens && i < 4096; i++)
		cenv_jobserver_give(out);
	return 0;
}

void cenv_jobserver_close(struct cenv_jobserver *js)
{
	int *fds[] = {&js->read_fd, &js->write_fd, &js->try_fd};

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

bool cenv_jobserver_take(const struct cenv_jobserver *js)
{
	char c;
	ssize_t n;

	do
		n = read(js->try_fd, &c, 1);
	while (n < 0 && errno == EINTR);
	return n == 1;
}

void cenv_jobserver_give(const struct cenv_jobserver *js)
{
	ssize_t n;

	do
		n = write(js->write_fd, &token, 1);
	while (n < 0 && errno == EINTR);
}

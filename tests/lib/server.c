/* SPDX-License-Identifier: MIT */
#include "tests/lib/server.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int test_server_start(struct test_server *s, const char *root, const char *tls)
{
	int in[2], out[2];
	char line[32] = "";
	FILE *f;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return -1;
	s->pid = fork();
	if (s->pid < 0)
		return -1;
	if (s->pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		unsetenv("LD_PRELOAD");
		execlp("python3", "python3", TEST_DATA_DIR "/lib/http_server.py", root,
		       tls ? "--tls" : (char *)NULL, tls, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	s->stdin_fd = in[1];
	f = fdopen(out[0], "r");
	if (!f || !fgets(line, sizeof(line), f))
		return -1;
	fclose(f);
	s->port = (unsigned)strtoul(line, NULL, 10);
	return s->port ? 0 : -1;
}

void test_server_stop(struct test_server *s)
{
	if (s->pid <= 0)
		return;
	close(s->stdin_fd);
	kill(s->pid, SIGTERM);
	waitpid(s->pid, NULL, 0);
}

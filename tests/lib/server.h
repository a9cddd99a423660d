/* SPDX-License-Identifier: MIT */
#ifndef CENV_TESTS_LIB_SERVER_H
#define CENV_TESTS_LIB_SERVER_H

#include <sys/types.h>

/* tests/lib/http_server.py as a child of the test; it ends with the test, come what may. */
struct test_server {
	pid_t pid;
	int stdin_fd; /* closing it ends the server */
	unsigned port;
};

/** @param tls folder for a certificate, or NULL for plain http. @return 0 or -1 */
int test_server_start(struct test_server *s, const char *root, const char *tls);
void test_server_stop(struct test_server *s);

#endif

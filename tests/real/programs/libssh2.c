/* SPDX-License-Identifier: MIT */
/*
 * cc: -lssh2
 * pkg-config: libssh2
 */
#include <libssh2.h>
#include <stdio.h>

int main(void)
{
	LIBSSH2_SESSION *session;
	const char **methods = NULL;
	int n;

	if (libssh2_init(0) || !(session = libssh2_session_init()))
		return 1;
	n = libssh2_session_supported_algs(session, LIBSSH2_METHOD_KEX, &methods);
	if (n <= 0)
		return 1;
	libssh2_free(session, (void *)methods);
	libssh2_session_free(session);
	libssh2_exit();
	return printf("libssh2 %s\n", libssh2_version(0)) < 0;
}

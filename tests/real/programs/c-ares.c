/* SPDX-License-Identifier: MIT */
/*
 * cc: -lcares
 * pkg-config: libcares
 */
#include <ares.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void found(void *arg, int status, int timeouts, struct hostent *host)
{
	(void)timeouts;
	*(int *)arg = status == ARES_SUCCESS && host && host->h_length == 4;
}

int main(void)
{
	ares_channel channel;
	int ok = 0;

	/* an address needs no server */
	if (ares_library_init(ARES_LIB_INIT_ALL) || ares_init(&channel))
		return 1;
	ares_gethostbyname(channel, "127.0.0.1", AF_INET, found, &ok);
	ares_destroy(channel);
	ares_library_cleanup();
	return !ok || printf("c-ares %s\n", ares_version(NULL)) < 0;
}

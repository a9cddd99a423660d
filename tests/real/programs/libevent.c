/* SPDX-License-Identifier: MIT */
/*
 * cc: -levent
 * pkg-config: libevent
 */
#include <event2/event.h>
#include <stdio.h>

static void fired(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	*(int *)arg = what == EV_TIMEOUT;
}

int main(void)
{
	struct event_base *base = event_base_new();
	struct timeval soon = {0, 1000};
	int ok = 0;

	if (!base || event_base_once(base, -1, EV_TIMEOUT, fired, &ok, &soon) ||
	    event_base_dispatch(base) < 0 || !ok)
		return 1;
	event_base_free(base);
	return printf("libevent %s\n", event_get_version()) < 0;
}

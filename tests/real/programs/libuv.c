/* SPDX-License-Identifier: MIT */
/*
 * cc: -luv
 * pkg-config: libuv
 */
#include <stdio.h>
#include <uv.h>

static void fired(uv_timer_t *timer)
{
	*(int *)timer->data = 1;
}

int main(void)
{
	uv_timer_t timer;
	int ok = 0;

	if (uv_timer_init(uv_default_loop(), &timer))
		return 1;
	timer.data = &ok;
	if (uv_timer_start(&timer, fired, 1, 0) || uv_run(uv_default_loop(), UV_RUN_DEFAULT) || !ok)
		return 1;
	return printf("libuv %s\n", uv_version_string()) < 0;
}

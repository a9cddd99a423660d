/* SPDX-License-Identifier: MIT */
/*
 * cc: -lcmocka
 * pkg-config: cmocka
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void adds(void **state)
{
	(void)state;
	assert_int_equal(40 + 2, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(adds)};

	print_message("cmocka\n");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

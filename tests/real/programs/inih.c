/* SPDX-License-Identifier: MIT */
/*
 * cc: -linih
 * pkg-config: inih
 */
#include <ini.h>
#include <stdio.h>
#include <string.h>

static int line(void *user, const char *section, const char *name, const char *value)
{
	*(int *)user += !strcmp(section, "one") && !strcmp(name, "key") && !strcmp(value, "value");
	return 1;
}

int main(void)
{
	int found = 0;

	if (ini_parse_string("[one]\nkey = value\n", line, &found) || found != 1)
		return 1;
	return printf("inih\n") < 0;
}

/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--version"))
		printf("cenv %s\n", CENV_VERSION);
	return 0;
}

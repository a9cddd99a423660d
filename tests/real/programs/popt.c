/* SPDX-License-Identifier: MIT */
/*
 * cc: -lpopt
 * pkg-config: popt
 */
#include <popt.h>
#include <stdio.h>

int main(void)
{
	const char *argv[] = {"prog", "--number=42", NULL};
	int number = 0;
	struct poptOption options[] = {
		{"number", 'n', POPT_ARG_INT, &number, 0, "a number", "N"},
		POPT_TABLEEND,
	};
	poptContext context = poptGetContext("prog", 2, argv, options, 0);

	if (poptGetNextOpt(context) != -1 || number != 42)
		return 1;
	poptFreeContext(context);
	return printf("popt %d\n", number) < 0;
}

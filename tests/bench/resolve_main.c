/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/resolve_text.h"

/* Resolve one universe from a file and print the answer: what the benchmark times. */
int main(int argc, char **argv)
{
	struct text_universe u;
	struct cenv_buf out = CENV_BUF_INIT;
	enum cenv_code code;
	char *line = NULL;
	size_t size = 0;
	FILE *in;

	if (argc != 2 || !(in = fopen(argv[1], "r"))) {
		fprintf(stderr, "usage: resolve-main UNIVERSE\n");
		return 2;
	}
	text_universe_init(&u);
	while (getline(&line, &size, in) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!text_universe_line(&u, line))
			return 2;
	}
	fclose(in);
	code = text_universe_resolve(&u, &out);
	fputs(out.buf, stdout);
	/* the process ends here: like the program, it does not sweep up first */
	return cenv_exit_status(code);
}

/* SPDX-License-Identifier: MIT */
#ifndef CENV_TESTS_FUZZ_FUZZ_H
#define CENV_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** libFuzzer's entry point: one input. A broken promise aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stop the run when something that must always be true is not. */
#define FUZZ_CHECK(condition)                                                                      \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* Cut the input into `n` lines, each a string of its own; missing ones are empty. The caller
 * frees the first, which holds them all. */
static inline void fuzz_lines(const uint8_t *data, size_t size, char **lines, size_t n)
{
	char *copy = malloc(size + 1);

	FUZZ_CHECK(copy);
	if (size)
		memcpy(copy, data, size);
	copy[size] = '\0';
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(copy, "\n");

		lines[i] = copy;
		copy += len;
		if (*copy)
			*copy++ = '\0';
	}
}

#endif

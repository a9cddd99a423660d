/* SPDX-License-Identifier: MIT */
#include "core/base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void out_of_memory(void)
{
	static const char line[] = "cenv: out of memory\n";

	fwrite(line, 1, sizeof(line) - 1, stderr);
	_Exit(1);
}

void *cenv_xmalloc(size_t size)
{
	void *ptr = malloc(size ? size : 1);

	if (!ptr)
		out_of_memory();
	return ptr;
}

void *cenv_xcalloc(size_t n, size_t size)
{
	void *ptr = calloc(n ? n : 1, size ? size : 1);

	if (!ptr)
		out_of_memory();
	return ptr;
}

void *cenv_xrealloc(void *old, size_t size)
{
	void *ptr = realloc(old, size ? size : 1);

	if (!ptr)
		out_of_memory();
	return ptr;
}

void *cenv_xreallocarray(void *old, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		out_of_memory();
	return cenv_xrealloc(old, n * size);
}

char *cenv_xstrdup(const char *s)
{
	return s ? cenv_xstrndup(s, strlen(s)) : NULL;
}

char *cenv_xstrndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = cenv_xmalloc(len + 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

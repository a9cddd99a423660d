/* SPDX-License-Identifier: MIT */
#include "core/base/mem.h"

#include <limits.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static _Noreturn void out_of_memory(void)
{
	static const char line[] = "cenv: out of memory\n";

	fwrite(line, 1, sizeof(line) - 1, stderr);
	_Exit(1);
}

/* What lies before the first huge page, and stays out of use; not NULL: all is set up. */
static void *below_huge_page;

void cenv_mem_expect(size_t bytes)
{
	const uintptr_t huge = 2u << 20;
	uintptr_t start, end;
	void *volatile room; /* or the compiler takes malloc and free away */

	if (below_huge_page) /* 'add' resolves twice, and nothing more is to be had */
		return;
	/* from the heap, which keeps it when it is free (of at most 32 MiB a piece) */
	mallopt(M_MMAP_THRESHOLD, (int)bytes * 2);
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	room = malloc(bytes);
	if (!room)
		return;
	start = ((uintptr_t)room + huge - 1) & ~(huge - 1);
	end = ((uintptr_t)room + bytes) & ~(huge - 1);
	/* pages of the usual size do as well: a refusal is no failure */
	if (start < end)
		(void)madvise((void *)start, end - start, MADV_HUGEPAGE);
	free(room);
	below_huge_page = malloc(start - (uintptr_t)room);
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

/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_BASE_MEM_H
#define CENV_CORE_BASE_MEM_H

#include <stddef.h>

/*
 * Allocation that stops the program with one line when memory is out: right
 * for a short-lived command. Sizes that come from outside are bounded by the
 * caller before they reach these.
 */

void *cenv_xmalloc(size_t size);
void *cenv_xcalloc(size_t n, size_t size);
void *cenv_xrealloc(void *ptr, size_t size);
/** realloc of n * size, stopping on overflow. */
void *cenv_xreallocarray(void *ptr, size_t n, size_t size);
/** NULL gives NULL. */
char *cenv_xstrdup(const char *s);
char *cenv_xstrndup(const char *s, size_t n);

/**
 * Say that up to `bytes` may be needed soon: they are set aside, and come in huge pages where the
 * kernel has them. A page that is touched for the first time costs up to 2 us, so that a megabyte in
 * small ones costs as much as a million instructions. What is not touched takes no memory.
 * Once for a process: later calls do nothing.
 */
void cenv_mem_expect(size_t bytes);

/** Grow array `ptr` so that index `n` fits; `cap` is its capacity in elements. */
#define CENV_GROW(ptr, n, cap)                                                                     \
	do {                                                                                       \
		if ((n) >= (cap)) {                                                                \
			(cap) = (cap) ? (cap) * 2 : 8;                                             \
			if ((cap) <= (n))                                                          \
				(cap) = (n) + 1;                                                   \
			(ptr) = cenv_xreallocarray((ptr), (cap), sizeof(*(ptr)));                  \
		}                                                                                  \
	} while (0)

#endif

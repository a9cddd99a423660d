/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_BASE_ARENA_H
#define CENV_CORE_BASE_ARENA_H

#include <stddef.h>

/*
 * Storage for objects that are born one by one and die together. Zero-initialise
 * to start. With CENV_ARENA_SINGLE (set in sanitizer builds) every object is an
 * allocation of its own, so that the checkers see each one's bounds.
 */
struct cenv_arena_block;

struct cenv_arena {
	struct cenv_arena_block *blocks; /* newest first */
	char *next;                      /* free space of the newest block */
	size_t left;
	size_t block_size; /* of the newest: they grow, since some arenas stay small */
};

/** Zeroed storage, aligned for any pointer or 64-bit integer; lives until the release. */
void *cenv_arena_alloc(struct cenv_arena *arena, size_t size);
void cenv_arena_release(struct cenv_arena *arena);

#endif

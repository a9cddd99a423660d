/* SPDX-License-Identifier: MIT */
#include "core/base/arena.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

struct cenv_arena_block {
	struct cenv_arena_block *older;
	long long data[]; /* long long: for its alignment */
};

enum { BLOCK_MIN = 4 * 1024, BLOCK_MAX = 128 * 1024 };

static void *new_block(struct cenv_arena *arena, size_t size)
{
	struct cenv_arena_block *block = cenv_xmalloc(sizeof(*block) + size);

	block->older = arena->blocks;
	arena->blocks = block;
	return block->data;
}

#ifndef CENV_ARENA_SINGLE
static void grow(struct cenv_arena *arena)
{
	if (!arena->block_size)
		arena->block_size = BLOCK_MIN;
	else if (arena->block_size < BLOCK_MAX)
		arena->block_size *= 2;
}
#endif

void *cenv_arena_alloc(struct cenv_arena *arena, size_t size)
{
	void *ptr;

	size = (size + 7) & ~(size_t)7;
#ifdef CENV_ARENA_SINGLE
	ptr = new_block(arena, size);
#else
	if (size > BLOCK_MIN / 4 && size > arena->left) {
		ptr = new_block(arena, size);
	} else {
		if (size > arena->left) {
			grow(arena);
			arena->next = new_block(arena, arena->block_size);
			arena->left = arena->block_size;
		}
		ptr = arena->next;
		arena->next += size;
		arena->left -= size;
	}
#endif
	return memset(ptr, 0, size);
}

void cenv_arena_release(struct cenv_arena *arena)
{
	while (arena->blocks) {
		struct cenv_arena_block *older = arena->blocks->older;

		free(arena->blocks);
		arena->blocks = older;
	}
	*arena = (struct cenv_arena){0};
}

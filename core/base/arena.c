/* SPDX-License-Identifier: MIT */
#include "core/base/arena.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

struct cenv_arena_block {
	struct cenv_arena_block *older;
	long long data[]; /* long long: for its alignment */
};

enum { BLOCK_SIZE = 128 * 1024 };

static void *new_block(struct cenv_arena *arena, size_t size)
{
	struct cenv_arena_block *block = cenv_xmalloc(sizeof(*block) + size);

	block->older = arena->blocks;
	arena->blocks = block;
	return block->data;
}

void *cenv_arena_alloc(struct cenv_arena *arena, size_t size)
{
	void *ptr;

	size = (size + 7) & ~(size_t)7;
#ifdef CENV_ARENA_SINGLE
	ptr = new_block(arena, size);
#else
	if (size > BLOCK_SIZE / 4) {
		ptr = new_block(arena, size);
	} else {
		if (size > arena->left) {
			arena->next = new_block(arena, BLOCK_SIZE);
			arena->left = BLOCK_SIZE;
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

/* SPDX-License-Identifier: MIT */
#include "core/base/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

static uint64_t hash_key(const char *key)
{
	uint64_t h = 14695981039346656037ULL;

	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * 1099511628211ULL;
	return h ^ (h >> 29);
}

/* The slot that holds the key, or the empty one where it would go. Removed
 * entries keep their slot, so probing never stops short. */
static size_t find_slot(const struct cenv_map *map, const char *key)
{
	size_t i = hash_key(key) & (map->nslots - 1);

	while (map->slots[i]) {
		const char *other = map->entries[map->slots[i] - 1].key;

		if (other && !strcmp(other, key))
			break;
		i = (i + 1) & (map->nslots - 1);
	}
	return i;
}

static void rehash(struct cenv_map *map)
{
	size_t kept = 0;

	for (size_t i = 0; i < map->n; i++)
		if (map->entries[i].key)
			map->entries[kept++] = map->entries[i];
	map->n = kept;
	free(map->slots);
	map->nslots = 16;
	while (map->nslots < kept * 4)
		map->nslots *= 2;
	map->slots = cenv_xcalloc(map->nslots, sizeof(*map->slots));
	for (size_t i = 0; i < map->n; i++)
		map->slots[find_slot(map, map->entries[i].key)] = (unsigned)i + 1;
}

static struct cenv_map_entry *find(const struct cenv_map *map, const char *key)
{
	size_t slot;

	if (!map->nslots)
		return NULL;
	slot = map->slots[find_slot(map, key)];
	return slot ? &map->entries[slot - 1] : NULL;
}

void *cenv_map_get(const struct cenv_map *map, const char *key)
{
	struct cenv_map_entry *e = find(map, key);

	return e ? e->value : NULL;
}

bool cenv_map_has(const struct cenv_map *map, const char *key)
{
	return find(map, key) != NULL;
}

void *cenv_map_put(struct cenv_map *map, const char *key, void *value)
{
	struct cenv_map_entry *e = find(map, key);

	if (e) {
		void *old = e->value;

		e->value = value;
		return old;
	}
	if (map->n * 2 >= map->nslots)
		rehash(map);
	CENV_GROW(map->entries, map->n, map->cap);
	map->entries[map->n].key = cenv_xstrdup(key);
	map->entries[map->n].value = value;
	/* found by the old key set: the new entry is not in a slot yet */
	map->slots[find_slot(map, key)] = (unsigned)++map->n;
	return NULL;
}

void *cenv_map_remove(struct cenv_map *map, const char *key)
{
	struct cenv_map_entry *e = find(map, key);
	void *old;

	if (!e)
		return NULL;
	old = e->value;
	free(e->key);
	e->key = NULL;
	e->value = NULL;
	return old;
}

void cenv_map_release(struct cenv_map *map, void (*free_value)(void *))
{
	for (size_t i = 0; i < map->n; i++) {
		if (map->entries[i].key && free_value)
			free_value(map->entries[i].value);
		free(map->entries[i].key);
	}
	free(map->entries);
	free(map->slots);
	*map = (struct cenv_map){0};
}

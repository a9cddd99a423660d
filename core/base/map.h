/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_BASE_MAP_H
#define CENV_CORE_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A hash map from strings to pointers (open addressing, FNV-1a). Keys are
 * copied; values belong to the caller. Zero-initialise to start. Iterate in
 * insertion order over entries[0 .. n-1]; a removed entry has a NULL key.
 */
struct cenv_map_entry {
	char *key;
	void *value;
};

struct cenv_map {
	struct cenv_map_entry *entries;
	size_t n;
	size_t cap;
	unsigned *slots; /* index + 1 into entries; 0 empty */
	size_t nslots;
};

/** The value, or NULL when the key is absent (or its value is NULL). */
void *cenv_map_get(const struct cenv_map *map, const char *key);
bool cenv_map_has(const struct cenv_map *map, const char *key);
/** Insert or replace; returns the value that was there, or NULL. */
void *cenv_map_put(struct cenv_map *map, const char *key, void *value);
/** Remove; returns the value that was there, or NULL. */
void *cenv_map_remove(struct cenv_map *map, const char *key);
/** Free the map and its keys; values through free_value when not NULL. */
void cenv_map_release(struct cenv_map *map, void (*free_value)(void *));

#endif

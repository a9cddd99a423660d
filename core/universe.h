/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_UNIVERSE_H
#define CENV_CORE_UNIVERSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/map.h"
#include "core/bits.h"
#include "core/resolver.h"

/*
 * What the resolver has seen so far: packages as the provider told them, loaded
 * when first named, and version specifiers as sets of their candidates.
 */
struct cenv_universe_package {
	char *key;
	struct cenv_package_info info;
	unsigned nw;           /* words of a set of candidates and "absent" */
	union cenv_bits any;   /* all candidates */
	union cenv_bits pre;   /* those that are pre-releases */
	union cenv_bits newer; /* those published after --exclude-newer */
	uint32_t var;          /* solver variable; its features have the ones after it */
	bool pre_allowed;      /* pre-releases may be chosen like any other */
	size_t shared;         /* the resolver's: its place in the list that is put together */
};

struct cenv_universe {
	const struct cenv_provider *provider;
	struct cenv_arena *arena;
	struct cenv_map by_key; /* of package pointers, in the order they were loaded */
};

void cenv_universe_init(struct cenv_universe *u, const struct cenv_provider *provider,
			struct cenv_arena *arena);
void cenv_universe_release(struct cenv_universe *u);

/** The package, when it is loaded. */
struct cenv_universe_package *cenv_universe_get(const struct cenv_universe *u, const char *key);
size_t cenv_universe_count(const struct cenv_universe *u);
struct cenv_universe_package *cenv_universe_at(const struct cenv_universe *u, size_t i);

/** Load those of the packages that are not yet, in one question. keys may repeat; they are
 *  sorted. An unknown name becomes a package without candidates. */
int cenv_universe_load(struct cenv_universe *u, const char **keys, size_t n, struct cenv_err *err);

/** The candidates that a specifier allows. */
union cenv_bits cenv_universe_match(struct cenv_universe *u,
				    const struct cenv_universe_package *pkg,
				    const struct cenv_specifier *spec);

/** Index of a feature, or SIZE_MAX. */
size_t cenv_universe_feature(const struct cenv_universe_package *pkg, const char *name);

#endif

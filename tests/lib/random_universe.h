/* SPDX-License-Identifier: MIT */
#ifndef CENV_TESTS_LIB_RANDOM_UNIVERSE_H
#define CENV_TESTS_LIB_RANDOM_UNIVERSE_H

#include "tests/lib/resolve_text.h"

/*
 * Small universes made at random, and solved by trying everything against the
 * rules as docs/resolver.md states them. Each package may have one feature,
 * "f".
 */

enum { RU_PACKAGES = 6, RU_VERSIONS = 4, RU_DEPS = 3, RU_ASKS = 4, RU_ROOM = 24 };
enum { RU_OFF = -1, RU_SILENT, RU_ON };

extern const char *const ru_pool[RU_VERSIONS]; /* the second is a pre-release */

struct ru_demand {
	unsigned target;
	unsigned mask; /* of versions in ru_pool that the specifier allows */
	bool names_pre;
	int feature;
	bool conditional; /* a dependency of the feature */
	bool allows;      /* demands nothing: the pre-release may be chosen, the feature be off */
	char spec[16];
};

struct ru_package {
	unsigned versions; /* mask */
	bool has_feature, is_default;
	bool pre_free; /* its pre-release may be chosen like any other */
	struct ru_demand deps[RU_VERSIONS][RU_ROOM];
	unsigned ndeps[RU_VERSIONS];
};

struct ru_model {
	unsigned n;
	struct ru_package p[RU_PACKAGES + 1]; /* the one after the last exists in no index */
	struct ru_demand roots[RU_ROOM], limits[RU_ROOM], overrides[RU_ROOM];
	unsigned nroots, nlimits, noverrides;
	bool pre;
	/* the solution being tried */
	int version[RU_PACKAGES + 1];
	bool on[RU_PACKAGES + 1];
};

void ru_make(struct ru_model *m, unsigned seed);

/** The same as text: into a universe, and appended to `text` for messages. */
void ru_print(const struct ru_model *m, struct text_universe *u, struct cenv_buf *text);

/** Set mask and names_pre from a specifier. */
void ru_parse_spec(struct ru_demand *d, const char *spec);

/** Is there a solution? Leaves it in m. */
bool ru_solve(struct ru_model *m);

/** Is what text_universe_resolve() answered a solution, with nothing in it that nobody needs? */
bool ru_accepts(struct ru_model *m, const char *answer);

#endif

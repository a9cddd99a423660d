/* SPDX-License-Identifier: MIT */
#ifndef CENV_TESTS_LIB_RESOLVE_TEXT_H
#define CENV_TESTS_LIB_RESOLVE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/map.h"
#include "core/base/strv.h"
#include "core/resolver.h"

/*
 * A universe and a request as text, one statement a line; see
 * tests/cases/resolve/README.md. Tests and benchmarks share it.
 */
struct text_version {
	struct cenv_candidate candidate;
	struct cenv_dep *deps;
	size_t ndeps, deps_cap;
};

struct text_package {
	char *key;
	struct text_version *versions;
	size_t nversions, versions_cap;
	struct cenv_candidate *candidates; /* newest first; made when first asked for */
	struct cenv_feature_info *features;
	size_t nfeatures, features_cap;
};

struct text_reqs {
	const struct cenv_requirement **v;
	size_t n, cap;
};

struct text_universe {
	struct cenv_map packages;
	struct text_reqs roots, constraints, overrides;
	struct cenv_resolve_request request;
	struct cenv_strv upgrade;
	char *newer;
	struct cenv_provider provider;
	size_t questions; /* how often packages were asked for */
	bool failing;     /* answer with an error */
};

void text_universe_init(struct text_universe *u);
void text_universe_release(struct text_universe *u);

/** Take in one line. @return false when it is no statement about universe or request. */
bool text_universe_line(struct text_universe *u, const char *line);

/** Add one version; deps and flags as in a `pkg` line, may be NULL. */
void text_universe_add(struct text_universe *u, const char *name, const char *version,
		       const char *flags, const char *deps);

/** Turn round the order of everything that has none. */
void text_universe_shuffle(struct text_universe *u, unsigned seed);

/** Resolve, and write the answer: "name version [features]" lines, or the error. @return its code */
enum cenv_code text_universe_resolve(struct text_universe *u, struct cenv_buf *out);

#endif

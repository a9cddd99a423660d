/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_DEMANDS_H
#define CENV_STORE_PIPELINE_DEMANDS_H

#include "core/base/map.h"
#include "core/requirement.h"

/*
 * What requirements and constraints together say of a package beyond its versions and
 * features, which are the resolver's: hashes, build options, and where it is from. A
 * constraint asks for nothing, but what it says holds for a package that is there.
 */

struct cenv_demand {
	const struct cenv_requirement **reqs; /* all that name it; the user's requirements first */
	size_t n, cap;
	struct cenv_strv hashes;      /* those that every line with a --hash accepts */
	struct cenv_strv tree_hashes; /* the same of --tree-hash */
	bool has_hashes, has_trees;   /* a line gave some, even if none is left that all accept */
	struct cenv_strv options;     /* --config-settings */
	bool says_options;            /* options were given, or a pin says that there are none */
	const struct cenv_requirement *place; /* a constraint by URL or path, or NULL */
};

/** Zero-initialise; everything is borrowed from the requirements but the lists. */
struct cenv_demands {
	struct cenv_map by_key; /* key -> struct cenv_demand, owned */
};

/** Add a requirement, or a constraint, whose key is known. Requirements come first. */
void cenv_demands_add(struct cenv_demands *demands, const struct cenv_requirement *req,
		      bool is_constraint);

/** Nobody names it: NULL. */
const struct cenv_demand *cenv_demands_find(const struct cenv_demands *demands, const char *key);

/** @return -1 with CENV_E_UNSAT when no archive has a hash that all lines on a package accept. */
int cenv_demands_check(const struct cenv_demands *demands, struct cenv_err *err);

/** Do all lines on the package allow this version? */
bool cenv_demand_allows(const struct cenv_demand *demand, const char *version);

/** "  liba==1.0 (list.txt:3)" into err->detail. */
void cenv_demand_detail(const struct cenv_requirement *req, struct cenv_err *err);

/** --require-hashes and packages without one: CENV_E_INTEGRITY, each named. @return -1 */
int cenv_refuse_unhashed(const struct cenv_strv *names, struct cenv_err *err);

void cenv_demands_release(struct cenv_demands *demands);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_CATALOG_H
#define CENV_STORE_PIPELINE_CATALOG_H

#include "core/base/map.h"
#include "core/marker.h"
#include "core/recipe.h"
#include "core/resolver.h"
#include "store/env/record.h"
#include "store/index/index.h"
#include "store/pipeline/demands.h"
#include "store/pipeline/links.h"

/*
 * What the resolver sees: recipes of the indexes, archives of --find-links
 * folders, what a URL or path brought, and what is installed. A package is
 * read when it is first asked for.
 */

/** A source given by URL or path: the only candidate for its name. */
struct cenv_given {
	const struct cenv_requirement *req;
	struct cenv_recipe *recipe; /* of its own cenv.ini, or made up from its name; owned */
	bool has_own_recipe;        /* false: an index's recipe of that name says how it builds */
	char *sha256;               /* of the archive, now in the store; NULL for a folder */
	char *tree_hash;            /* of a folder, else NULL */
	char *dir;                  /* a folder's path, else NULL */
	char *url;                  /* without credentials */
};

/** A candidate's origin: exactly one of rv and record is what it would be installed from. */
struct cenv_source {
	const struct cenv_recipe *recipe;         /* NULL: only the record knows it */
	const struct cenv_recipe_version *rv;     /* NULL with recipe */
	const struct cenv_record *record;         /* installed with this version, or NULL */
	const struct cenv_given *given;           /* from URL or path, or NULL */
	const char *archive;                      /* from --find-links: path or URL, else NULL */
	struct cenv_requirement *own_requires;    /* parsed from the record */
	size_t nown;
	struct cenv_dep *deps; /* answer to the resolver, made once */
	size_t ndeps;
	bool has_deps;
};

struct cenv_catalog {
	struct cenv_index *index;
	const struct cenv_records *installed; /* NULL: none */
	const struct cenv_records *restored;  /* candidates as if they were installed, NULL: none */
	const struct cenv_records *locked;    /* pins to prefer, NULL: none */
	struct cenv_links links;              /* of --find-links; owned */
	const struct cenv_demands *demands;   /* hashes and places that are asked for, NULL: none */
	/** Bring what a constraint by URL or path speaks of; asked when the package is. */
	int (*locate)(void *payload, const struct cenv_requirement *constraint,
		      struct cenv_given **out, struct cenv_err *err);
	void *locate_payload;
	const struct cenv_resolve_request *request; /* what to look ahead for, NULL: do not */
	struct cenv_marker_env marker_env;
	struct cenv_map given;    /* key -> struct cenv_given, owned */
	struct cenv_map packages; /* key -> struct package */
	struct cenv_catalog **others; /* the same with the indexes arranged another way, owned */
	size_t nothers;
};

/** Zero-initialise, set the borrowed members, then use. */
void cenv_catalog_release(struct cenv_catalog *catalog);

/** Add what a URL or path brought; takes it over. */
void cenv_catalog_give(struct cenv_catalog *catalog, const char *key, struct cenv_given *given);

/** The provider to hand to cenv_resolve(). */
struct cenv_provider cenv_catalog_provider(struct cenv_catalog *catalog);

static inline const struct cenv_source *cenv_candidate_source(const struct cenv_candidate *c)
{
	return c->payload;
}

void cenv_given_free(struct cenv_given *given);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_RESOLVER_H
#define CENV_CORE_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/base/strv.h"
#include "core/requirement.h"

/*
 * Resolution: one version of each package that satisfies all requirements and
 * constraints, or an explanation why there is none. PubGrub; see docs/resolver.md.
 *
 * The resolver sees a universe: packages by normalised name ("key"), each with a
 * finite list of versions, each with dependencies. It asks for them lazily.
 */

/** One dependency of a version: borrowed from the provider until resolution ends. */
struct cenv_dep {
	const struct cenv_requirement *req; /* kind NAME; marker already known to hold */
	const char *feature;                /* only when this feature is on; NULL: always */
};

/** One version that a package can have. Borrowed from the provider. */
struct cenv_candidate {
	const char *version;
	const char *date;  /* YYYY-MM-DD or NULL; for --exclude-newer */
	bool is_installed; /* in the environment */
	bool is_locked;    /* pinned by an existing lock */
	void *payload;     /* the provider's own */
};

struct cenv_feature_info {
	const char *name;
	bool is_default;
};

/** What the provider tells of a package. */
struct cenv_package_info {
	const char *name; /* for messages */
	const char *source; /* where it is from, for messages: index folder, URL */
	/* what says by a location or a hash that there are no other candidates; or NULL */
	const struct cenv_requirement *chosen_by;
	const struct cenv_candidate *candidates; /* newest first */
	size_t ncandidates;
	const struct cenv_feature_info *features;
	size_t nfeatures;
};

/** Another arrangement of the indexes. */
struct cenv_elsewhere {
	const char *index; /* it comes before the others; NULL: the default one, left out so far */
};

struct cenv_provider {
	/**
	 * Tell about packages, asked in batches so that an index over HTTP costs few round trips.
	 * infos[i].candidates stays NULL with ncandidates 0 when keys[i] is unknown.
	 */
	int (*packages)(void *payload, const char *const *keys, size_t n,
			struct cenv_package_info *infos, struct cenv_err *err);
	/** Dependencies of one candidate (all of them, those of features with feature set). */
	int (*dependencies)(void *payload, const char *key, const struct cenv_candidate *candidate,
			    const struct cenv_dep **out, size_t *n, struct cenv_err *err);
	/** Asked again and again in a long search: -1 with err set ends it. May be NULL. */
	int (*check)(void *payload, struct cenv_err *err);
	/** Names near a misspelt one, for hints; at most `want`. May be NULL. */
	size_t (*suggest)(void *payload, const char *key, const char **out, size_t want);
	/**
	 * The nth other arrangement of the indexes (from 0), for hints. May be NULL.
	 * @param out lives as long as this provider; its elsewhere is NULL.
	 * @return false: there are no more.
	 */
	bool (*elsewhere)(void *payload, size_t nth, struct cenv_provider *out,
			  struct cenv_elsewhere *where);
	void *payload;
};

enum cenv_resolution_mode { CENV_RESOLVE_HIGHEST, CENV_RESOLVE_LOWEST, CENV_RESOLVE_LOWEST_DIRECT };

struct cenv_resolve_request {
	/* kind NAME; URL ones are given as name + provider override */
	const struct cenv_requirement *const *roots;
	size_t nroots;
	const struct cenv_requirement *const *constraints;
	size_t nconstraints;
	const struct cenv_requirement *const *overrides; /* replace every other demand on that name */
	size_t noverrides;
	enum cenv_resolution_mode mode;
	bool pre;                       /* allow pre-releases everywhere */
	bool upgrade_all;               /* do not prefer installed or locked */
	const struct cenv_strv *upgrade; /* keys, or patterns, not held back; may be NULL */
	const char *exclude_newer;      /* YYYY-MM-DD or NULL */
	bool no_deps;                   /* only the roots */
};

/** Why a package is there: who asked. */
struct cenv_asker {
	const char *key;      /* of the asking package; NULL: a root requirement */
	const struct cenv_requirement *req;
};

struct cenv_resolved {
	char *key;
	const struct cenv_candidate *candidate; /* borrowed from the provider */
	struct cenv_strv features;              /* on, sorted */
	struct cenv_asker *askers;
	size_t naskers;
	size_t *deps; /* indices into packages: what it needs with those features, sorted */
	size_t ndeps;
	bool is_root;
};

/** Sorted so that every package comes after what it needs (ties by key); cycles are broken by
 *  key. */
struct cenv_resolution {
	struct cenv_resolved *packages;
	size_t n;
};

/**
 * @return 0, or -1 with CENV_E_UNSAT or CENV_E_NOTFOUND (explanation in err->msg and
 *         err->detail, hint set where one helps), or the provider's error.
 */
int cenv_resolve(struct cenv_resolution **out, const struct cenv_resolve_request *request,
		 const struct cenv_provider *provider, struct cenv_err *err);
void cenv_resolution_free(struct cenv_resolution *resolution);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_BUILD_PLAN_H
#define CENV_STORE_PIPELINE_BUILD_PLAN_H

#include "store/pipeline/pipeline.h"
#include "store/pipeline/catalog.h"
#include "store/pipeline/demands.h"

/*
 * A plan: for each resolved package whether what is installed stays, and if
 * not, the build key of what takes its place. Packages come in the order in
 * which they can be built.
 */

struct cenv_build_plan_item {
	const struct cenv_resolved *pkg;
	const struct cenv_source *source;
	const struct cenv_record *installed; /* or NULL */
	const struct cenv_requirement *root; /* the first of the user's that names it, or NULL */
	const struct cenv_demand *demand; /* what the user's lines say of it, or NULL */
	bool keep;         /* what is installed stays as it is */
	bool is_direct;
	const struct cenv_record *restored; /* rollback: what it was, or NULL */
	bool fixed;        /* rollback: the object is the one it was, whatever would be built now */
	char *source_sha256; /* NULL: a folder, or not known before it is fetched */
	char *tree_hash;      /* of what source_sha256 unpacks to, as far as it is known, or NULL */
	struct cenv_strv hashes;      /* the user's --hash that all lines accept */
	struct cenv_strv tree_hashes;
	struct cenv_strv options;     /* the user's --config-settings */
	struct cenv_strv section_options; /* of recipe, features and user together */
	struct cenv_strv features_off;    /* default features that are off */
	char key[CENV_SHA256_HEX];
	enum cenv_isolation isolation; /* that goes with the key */
	struct cenv_object *object;   /* open, or NULL until it is built */
	size_t *closure; /* indices of all it needs, transitively, sorted by name; see cenv_build_plan_close() */
	size_t nclosure;
	char *from; /* URL or path of the source, once it is here; or NULL */
};

struct cenv_build_plan {
	struct cenv_build_plan_item *items;
	size_t n;
	struct cenv_resolution *resolution; /* owned */
};

/**
 * Decide what stays. No I/O.
 * @param roots the user's requirements (not those that only keep what is installed).
 */
void cenv_build_plan_make(struct cenv_build_plan *plan, struct cenv_resolution *resolution,
		    const struct cenv_requirement *const *roots, size_t nroots,
		    const struct cenv_demands *demands, const struct cenv_records *installed);

/** A hash that is known as another version's is refused: CENV_E_INTEGRITY. */
int cenv_build_plan_check(const struct cenv_build_plan *plan, struct cenv_err *err);

/**
 * Fill the closures, once: for whoever builds or looks at all that a package needs. To lock takes
 * none, and together they are as long as the square of the plan.
 */
void cenv_build_plan_close(struct cenv_build_plan *plan);

/** Fill a build request for one item; `deps` has room for item->nclosure objects. */
void cenv_build_plan_request(const struct cenv_build_plan *plan, size_t index,
		       const struct cenv_install_options *options, const struct cenv_store *store,
		       const struct cenv_toolchain *toolchain, const struct cenv_object **deps,
		       struct cenv_build_request *out);

/** Where its source is from, without credentials; NULL when that is not known. Caller frees. */
char *cenv_build_plan_url(const struct cenv_build_plan_item *item);

/** The record that installing the item leaves. */
void cenv_build_plan_record(const struct cenv_build_plan *plan, size_t index, const struct cenv_catalog *catalog,
		      struct cenv_record *out);

void cenv_build_plan_release(struct cenv_build_plan *plan);

#endif

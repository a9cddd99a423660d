/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_BUILD_BUILD_H
#define CENV_STORE_BUILD_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/base/strv.h"
#include "core/recipe.h"
#include "store/build/toolchain.h"
#include "store/event.h"
#include "store/object/object.h"
#include "store/store.h"

/* From a verified source to a staged tree (design, section 6, step 3). */

/** Goes up when the way of building or storing changes results. */
#define CENV_BUILD_FORMAT 1

enum cenv_sandbox { CENV_SANDBOX_AUTO, CENV_SANDBOX_REQUIRE, CENV_SANDBOX_OFF };

struct cenv_build_request {
	const struct cenv_store *store;
	const struct cenv_toolchain *toolchain;
	const char *name, *version;
	const char *source_sha256; /* archive in sources/; or NULL with source_dir */
	const char *source_label;  /* file name of the archive, for messages */
	const char *source_dir;    /* a local folder that is copied; or NULL */
	const char *source_dir_hash; /* its tree hash, for the key */
	struct cenv_build_section section; /* borrowed contents; options of features already added */
	const struct cenv_strv *features; /* on, sorted; for the key */
	const struct cenv_strv *pkgconfig; /* modules that must be installed; may be NULL */
	const struct cenv_object *const *deps; /* all, transitive, sorted by name; seen by the build */
	size_t ndeps;
	enum cenv_sandbox sandbox;
	unsigned jobs;      /* at least 1 */
	unsigned timeout_s; /* 0: none */
	unsigned long long log_max; /* bytes; 0: default 64 MiB */
	bool keep;          /* keep the build folder after success */
	const struct cenv_events *events;
};

/** The build key: sha256 over everything that can change the result; needs no files but the store's. */
int cenv_build_key(const struct cenv_build_request *req, char out[CENV_SHA256_HEX],
		   struct cenv_err *err);

/**
 * Build and store the object, unless the store has it. One process builds a key,
 * others wait (events say so).
 *
 * @return 0 with the object open; -1 with CENV_E_BUILD: err->detail holds the first
 *         real error line, the last lines, the log's path and the command that enters
 *         the build folder with its environment.
 */
int cenv_build(const struct cenv_build_request *req, struct cenv_object **out,
	       struct cenv_err *err);

#endif

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
#include "store/unpack/unpack.h"

/* From a verified source to a staged tree (design, section 6, step 3). */

/** Goes up when the way of building or storing changes results. */
#define CENV_BUILD_FORMAT 2

struct cenv_jobserver; /* store/build/jobserver.h */

enum cenv_sandbox { CENV_SANDBOX_AUTO, CENV_SANDBOX_REQUIRE, CENV_SANDBOX_OFF };

/**
 * How an object is or was made. Without a sandbox a build can pick up what it likes from the
 * machine, so that is part of the key.
 */
enum cenv_isolation { CENV_ISOLATION_UNDECIDED, CENV_ISOLATION_SANDBOX, CENV_ISOLATION_NONE };

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
	enum cenv_isolation isolation; /* as decided by cenv_build_decide(); cenv_build() does it else */
	unsigned jobs;      /* at least 1 */
	const struct cenv_jobserver *jobserver; /* shared with other builds; or NULL */
	unsigned timeout_s; /* 0: none */
	unsigned long long log_max; /* bytes; 0: default 64 MiB */
	const struct cenv_unpack_limits *limits; /* of the archive, or NULL */
	bool keep;          /* keep the build folder after success */
	const struct cenv_events *events;
};

/** The build key: sha256 over everything that can change the result. Undecided counts as sandbox. */
int cenv_build_key(const struct cenv_build_request *req, char out[CENV_SHA256_HEX],
		   struct cenv_err *err);

/**
 * Decide the isolation, unless it is, and give the key that goes with it. An object that was made
 * in a sandbox and is in the store serves every request; else a sandbox is used where the
 * request allows and the machine can.
 */
int cenv_build_decide(struct cenv_build_request *req, char key[CENV_SHA256_HEX],
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

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_PIPELINE_H
#define CENV_STORE_PIPELINE_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/requirements_file.h"
#include "core/resolver.h"
#include "store/build/build.h"
#include "store/env/env.h"
#include "store/env/record.h"
#include "store/event.h"
#include "store/object/object.h"
#include "store/store.h"
#include "store/unpack/unpack.h"

/*
 * From requirements to a changed environment:
 * resolve -> plan -> fetch -> verify -> unpack -> build -> object -> link.
 */

struct cenv_install_options {
	const struct cenv_env *env;
	const struct cenv_requirements *wanted;
	bool upgrade_all;
	struct cenv_strv upgrade; /* keys, or patterns */
	bool no_deps, offline, dry_run;
	bool locked; /* everything must be pinned and hashed, dependencies too */
	bool exact; /* sync: remove what is neither wanted nor needed */
	const struct cenv_records *restore; /* rollback: these come back as they were; or NULL */
	enum cenv_resolution_mode mode;
	const char *exclude_newer; /* or NULL */
	const struct cenv_requirement *const *overrides;
	size_t noverrides;
	unsigned jobs; /* 0: as many as there are processors */
	enum cenv_sandbox sandbox;
	enum cenv_link_mode link_mode;
	unsigned build_timeout_s;
	unsigned long long build_log_max; /* bytes; 0: default */
	struct cenv_unpack_limits limits; /* of archives */
	bool keep_build;
	const char *command; /* for the history */
	const struct cenv_events *events;
};

/** One line of what was or would be done. */
struct cenv_action {
	enum cenv_action_kind {
		CENV_ACTION_INSTALL,
		CENV_ACTION_UPGRADE,
		CENV_ACTION_DOWNGRADE,
		CENV_ACTION_REBUILD, /* same version, other features, options or dependencies */
		CENV_ACTION_REMOVE,
	} kind;
	char *name, *version;
	char *old_version; /* or NULL */
	bool in_store;     /* INSTALL and the like: the object exists already */
};

struct cenv_install_result {
	struct cenv_action *actions;
	size_t n, cap;
	size_t already; /* requirements that were satisfied before */
	size_t built, reused;
	double seconds;
};

/**
 * Bring what is wanted into the environment. The environment's lock is taken for the whole.
 * When everything is installed already, nothing but the records is read.
 *
 * @param result filled also for dry_run; release it.
 */
int cenv_install(const struct cenv_install_options *options, struct cenv_install_result *result,
		 struct cenv_err *err);
void cenv_install_result_release(struct cenv_install_result *result);

/**
 * Bring an environment back to the packages it had before a change. What the store still has is
 * used as it is, the rest is built again from the same sources with the same options.
 *
 * @param options env, index options in `wanted` (without requirements), and how to build.
 * @param number of the change in the history, from 1; 0: the last.
 */
int cenv_rollback(const struct cenv_install_options *options, size_t number,
		  struct cenv_install_result *result, struct cenv_err *err);

struct cenv_uninstall_options {
	const struct cenv_env *env;
	const struct cenv_strv *keys; /* normalised names, all installed */
	bool force;                   /* files that were changed since they were installed, too */
	bool dry_run;
	const struct cenv_events *events;
};

/**
 * Take packages out. Refused when another package that stays needs one of them.
 *
 * @param result filled also for dry_run; release it.
 */
int cenv_uninstall(const struct cenv_uninstall_options *options, struct cenv_install_result *result,
		   struct cenv_err *err);

#endif

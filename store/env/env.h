/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_ENV_H
#define CENV_STORE_ENV_ENV_H

#include <stdbool.h>

#include "core/base/err.h"
#include "core/base/strv.h"
#include "store/event.h"
#include "store/store.h"

/* Environments: the prefix directories that `cenv create` makes (design, section 3). */

/** cenv.cfg, "key = value" lines as pyvenv.cfg has. */
struct cenv_cfg {
	char *version;    /* of cenv that made it */
	char *prompt;     /* NULL: the folder's name */
	bool system_libs;
	char *target;     /* "x86_64-linux-gnu" */
	char *compiler;   /* "cc", or what --compiler said */
	char *created_by; /* "cenv 0.1.0" */
};

struct cenv_env {
	char *path; /* absolute, as activate computes it */
	int fd;
	struct cenv_cfg cfg;
};

/**
 * Which environment a command means: `option` (--env) when not NULL, else $CENV, else .cenv
 * in the working directory or the nearest parent.
 * @return 0 with *path (caller frees), or -1 with CENV_E_NOENV and the two commands that help.
 */
int cenv_env_find(char **path, const char *option, struct cenv_err *err);

/** Open and read cenv.cfg. @return -1 with CENV_E_NOENV when the folder is none, CENV_E_SYNTAX
 *  when cenv.cfg is malformed. */
int cenv_env_open(struct cenv_env *out, const char *path, struct cenv_err *err);
void cenv_env_release(struct cenv_env *env);

/** Lines of cenv.cfg; label for messages. */
int cenv_cfg_parse(struct cenv_cfg *out, const char *text, size_t len, const char *label,
		   struct cenv_err *err);
void cenv_cfg_release(struct cenv_cfg *cfg);

struct cenv_create_options {
	const char *path;     /* as the user gave it */
	const char *prompt;   /* or NULL */
	const char *compiler; /* or NULL */
	bool system_libs;
	bool clear;   /* empty an environment that cenv made first */
	bool upgrade; /* rewrite cenv's own files, keep packages and settings that are not given */
	const struct cenv_events *events; /* may be NULL */
};

/**
 * Make an environment. Refused, touching nothing: a non-empty folder that cenv did not make, a
 * path with ':', one over 255 bytes, a file. A failure half way leaves nothing new behind.
 * @param store where the constant files are linked from; NULL: write them.
 */
int cenv_env_create(const struct cenv_create_options *options, const struct cenv_store *store,
		    struct cenv_err *err);

/**
 * The variables that activation sets, for running a command without it: NAME=value strings of a
 * whole environment made from `environ`. Caller frees through cenv_strv_release. Look the command
 * up in the PATH given here, not in ours: gcc finds its parts by where PATH has its name.
 * @param ld_library_path also set LD_LIBRARY_PATH (cenv run --ld-library-path).
 */
int cenv_env_variables(const struct cenv_env *env, bool ld_library_path, struct cenv_strv *out,
		       struct cenv_err *err);

#endif

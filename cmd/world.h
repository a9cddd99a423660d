/* SPDX-License-Identifier: MIT */
#ifndef CENV_CMD_WORLD_H
#define CENV_CMD_WORLD_H

#include "cmd/archives.h"
#include "cmd/cmd.h"
#include "core/requirements_file.h"
#include "store/env/env.h"
#include "store/env/record.h"

/* What several commands share: option groups, opening environments, gathering requirements. */

/** Open the environment that --env, $CENV or a nearby .cenv names. */
int world_open_env(struct cenv_env *env, const char *option, struct cenv_err *err);

/** Open it, and wait until nobody changes its files; a stopped change is undone or finished. */
int world_open_whole(struct cmd_ctx *ctx, struct cenv_env *env, const char *option,
		     struct cenv_err *err);

/** Open it, take the shared lock for a moment (a stopped change is undone first), read records. */
int world_read_records(struct cmd_ctx *ctx, const char *option, struct cenv_env *env,
		       struct cenv_records *records, struct cenv_err *err);

#define WORLD_OPT_ENV(type)                                                                        \
	{                                                                                          \
		0, "env", CMD_STRING, offsetof(type, env), "ENV", CMD_COMPLETE_DIR, false,         \
			"use this environment, not the active one"                                 \
	}

/** What a file will say, before it is written. */
struct world_draft {
	const char *path; /* as `files` names it */
	const struct cenv_buf *text;
	const struct cenv_buf *before; /* what the user sees, and messages name lines of; or NULL */
};

/** Where requirements and recipes come from: options of install, lock, sync and their like. */
struct world_sources {
	struct cenv_strv files; /* "r:FILE" and "c:FILE" in the order they were given; "f:FILE" is like
				  "r:" where no -r was written */
	const struct world_draft *draft; /* read in the place of that file; or NULL */
	struct cenv_strv editable; /* folders given with -e */
	struct cenv_strv indexes, find_links, mirrors;
	bool no_default_index, require_hashes, pre, offline;
	struct archive_opts archives;
};

#define WORLD_OPTS_SOURCES(type)                                                                   \
	{'r', "requirement", CMD_ORDERED, offsetof(type, sources.files), "FILE",                   \
	 CMD_COMPLETE_FILE, false, "install what FILE lists; may be given again"},                 \
	{'c', "constraint", CMD_ORDERED, offsetof(type, sources.files), "FILE",                    \
	 CMD_COMPLETE_FILE, false, "keep to the versions in FILE, installing nothing from it"},    \
	{0, "index", CMD_LIST, offsetof(type, sources.indexes), "DIR|URL", CMD_COMPLETE_DIR, true, \
	 "look for recipes here before the shipped ones; may be given again"},                     \
	{'i', "index-url", CMD_LIST, offsetof(type, sources.indexes), "DIR|URL",                   \
	 CMD_COMPLETE_DIR, false, NULL},                                                           \
	{0, "extra-index-url", CMD_LIST, offsetof(type, sources.indexes), "DIR|URL",               \
	 CMD_COMPLETE_DIR, false, NULL},                                                           \
	{0, "no-default-index", CMD_FLAG, offsetof(type, sources.no_default_index), NULL, 0, true, \
	 "leave the shipped recipes out"},                                                         \
	{0, "no-index", CMD_FLAG, offsetof(type, sources.no_default_index), NULL, 0, false, NULL}, \
	{'f', "find-links", CMD_LIST, offsetof(type, sources.find_links), "DIR|URL",               \
	 CMD_COMPLETE_DIR, true, "also take archives NAME-VERSION.* from here"},                   \
	{0, "mirror", CMD_LIST, offsetof(type, sources.mirrors), "DIR|URL", CMD_COMPLETE_DIR,      \
	 true, "look for archives here first, by sha256 and by file name"},                        \
	{0, "require-hashes", CMD_FLAG, offsetof(type, sources.require_hashes), NULL, 0, true,     \
	 "refuse every package without a --hash"},                                                 \
	{0, "pre", CMD_FLAG, offsetof(type, sources.pre), NULL, 0, true,                           \
	 "allow pre-releases"},                                                                    \
	{0, "offline", CMD_FLAG, offsetof(type, sources.offline), NULL, 0, true,                   \
	 "use only the store and local folders"},                                                  \
	ARCHIVE_OPTS(type, sources.archives)

#define WORLD_OPT_EDITABLE(type)                                                                   \
	{'e', "editable", CMD_LIST, offsetof(type, sources.editable), "DIR", CMD_COMPLETE_DIR,     \
	 false, "install the sources in DIR, which you work on; may be given again"}

/**
 * Everything that the options and arguments ask for: files are read, arguments parsed.
 * The caller releases out.
 */
int world_gather(struct cenv_requirements *out, const struct world_sources *sources, int argc,
		 char **argv, struct cenv_err *err);

/**
 * Parse one argument as a requirement; what is wrong with it is shown with a caret.
 *
 * @param base folder that paths are relative to; NULL: they are left as they are.
 * @return 0, or -1 with CENV_E_SYNTAX or CENV_E_USAGE; out is then empty.
 */
int world_parse_argument(struct cenv_requirement *out, const char *arg, const char *base,
			 struct cenv_err *err);

/** An environment, what is installed in it, and what of that the arguments name. */
struct world_view {
	struct cenv_env env;
	struct cenv_records records;
	struct cenv_strv keys; /* sorted; everything when there are no arguments and all is set */
};

/**
 * Open the environment, read its records and select by the arguments.
 * @param all without arguments everything is selected, else nothing.
 */
int world_look(struct cmd_ctx *ctx, const char *option, int argc, char **argv, bool all,
	       struct world_view *view, struct cenv_err *err);
void world_view_release(struct world_view *view);

/**
 * Installed packages that the arguments name; patterns match several. A name that is not
 * installed is CENV_E_NOTFOUND with near names.
 */
int world_select(const struct cenv_records *records, int argc, char **argv, struct cenv_strv *keys,
		 struct cenv_err *err);

#endif

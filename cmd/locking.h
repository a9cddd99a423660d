/* SPDX-License-Identifier: MIT */
#ifndef CENV_CMD_LOCKING_H
#define CENV_CMD_LOCKING_H

#include "cmd/cmd.h"
#include "cmd/world.h"
#include "core/base/buf.h"
#include "core/resolver.h"

/* How versions are chosen: options of lock and install. */

struct resolving_opts {
	const char *mode, *exclude_newer, *override_file;
	bool upgrade_all;
	struct cenv_strv upgrade;
};

#define RESOLVING_OPTS(type)                                                                       \
	{'U', "upgrade", CMD_FLAG, offsetof(type, resolving.upgrade_all), NULL, 0, false,          \
	 "move everything to the newest version that fits"},                                       \
	{'P', "upgrade-package", CMD_LIST, offsetof(type, resolving.upgrade), "NAME",              \
	 CMD_COMPLETE_INSTALLED, false, "move NAME to the newest version that fits"},              \
	{0, "resolution", CMD_STRING, offsetof(type, resolving.mode),                              \
	 "highest|lowest|lowest-direct", CMD_COMPLETE_WORDS, true,                                 \
	 "which versions to prefer; default: highest"},                                            \
	{0, "exclude-newer", CMD_STRING, offsetof(type, resolving.exclude_newer), "DATE",          \
	 CMD_COMPLETE_NONE, true, "leave out versions released after DATE (YYYY-MM-DD)"},          \
	{0, "override", CMD_STRING, offsetof(type, resolving.override_file), "FILE",               \
	 CMD_COMPLETE_FILE, false, "what FILE says of a package replaces every other demand on it"}

struct cenv_install_options;

/** What the options ask for, with the overrides' storage. */
struct resolving {
	struct cenv_requirements overrides;
	const struct cenv_requirement **pointers;
};

/** Fill the members of options that these options decide. Release with resolving_release(). */
int resolving_apply(struct resolving *resolving, const struct resolving_opts *o,
		    struct cenv_install_options *options, struct cenv_err *err);
void resolving_release(struct resolving *resolving, struct cenv_install_options *options);

/** What is locked, how, and to where. */
struct locking {
	const struct world_sources *sources;
	const struct resolving_opts *resolving;
	int argc;
	char **argv;
	const char *output; /* a file, or "-" */
};

/** The text of a lock file, as it is and as it should be. Release with locked_release(). */
struct locked {
	struct cenv_buf old, new;
};

/**
 * Resolve what the sources and arguments ask for, keeping the pins that the file has; nothing is
 * written. A file that cenv did not write is refused.
 */
int locking_make(struct cmd_ctx *ctx, const struct locking *what, struct locked *out,
		 struct cenv_err *err);
bool locked_is_stale(const struct locked *locked);
void locked_release(struct locked *locked);

/** Bring the file up to date; it is replaced as a whole. */
int locking_write(struct cmd_ctx *ctx, const struct locking *what, struct cenv_err *err);

/** Print each line that locking_write() would change. */
int locking_preview(struct cmd_ctx *ctx, const struct locking *what, struct cenv_err *err);

/** The same, and CENV_E_NO when there are such lines. */
int locking_check(struct cmd_ctx *ctx, const struct locking *what, struct cenv_err *err);

#endif

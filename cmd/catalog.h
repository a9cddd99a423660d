/* SPDX-License-Identifier: MIT */
#ifndef CENV_CMD_CATALOG_H
#define CENV_CMD_CATALOG_H

#include "cmd/cmd.h"
#include "store/index/index.h"

/* Commands that look into the indexes without an environment: search, info. */

struct catalog_opts {
	struct cenv_strv indexes;
	bool no_default, offline;
};

#define CATALOG_OPTS(type)                                                                         \
	{0, "index", CMD_LIST, offsetof(type, catalog.indexes), "DIR|URL", CMD_COMPLETE_DIR, true, \
	 "look for recipes here before the shipped ones; may be given again"},                     \
	{0, "no-default-index", CMD_FLAG, offsetof(type, catalog.no_default), NULL, 0, true,       \
	 "leave the shipped recipes out"},                                                         \
	{0, "offline", CMD_FLAG, offsetof(type, catalog.offline), NULL, 0, true,                   \
	 "use only local folders and what was fetched before"}

struct catalog {
	struct cenv_store store; /* where copies of URL indexes are; open only when there are any */
	struct cenv_index *index;
};

/** Open the indexes. catalog_close() must follow, also after a failure. */
int catalog_open(struct catalog *out, const struct catalog_opts *o, struct cenv_err *err);
void catalog_close(struct catalog *catalog);

#endif

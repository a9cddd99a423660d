/* SPDX-License-Identifier: MIT */
#ifndef CENV_CMD_ARCHIVES_H
#define CENV_CMD_ARCHIVES_H

#include "cmd/cmd.h"
#include "store/unpack/unpack.h"

/* How much an archive may unpack to: for who trusts one that is beyond the defaults. */
struct archive_opts {
	unsigned max_size, max_members, max_ratio;
};

#define ARCHIVE_OPTS(type, at)                                                                     \
	{0, "archive-max-size", CMD_NUMBER, offsetof(type, at.max_size), "MIB",                    \
	 CMD_COMPLETE_NONE, true, "refuse archives that unpack to more; default: 8192"},           \
	{0, "archive-max-members", CMD_NUMBER, offsetof(type, at.max_members), "N",                \
	 CMD_COMPLETE_NONE, true, "refuse archives with more members; default: 200000"},           \
	{0, "archive-max-ratio", CMD_NUMBER, offsetof(type, at.max_ratio), "N",                    \
	 CMD_COMPLETE_NONE, true,                                                                  \
	 "refuse archives that unpack to more than N times their size; default: 200"}

static inline struct cenv_unpack_limits archive_limits(const struct archive_opts *o)
{
	return (struct cenv_unpack_limits){.max_entries = o->max_members,
					   .max_bytes = (unsigned long long)o->max_size << 20,
					   .max_ratio = o->max_ratio};
}

#endif

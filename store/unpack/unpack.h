/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_UNPACK_UNPACK_H
#define CENV_STORE_UNPACK_UNPACK_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "store/digest/digest.h"

/*
 * Archives in, safely (module "archive": libarchive): tar with gzip, bzip2, xz,
 * zstd, lz4 or nothing, and zip. Every entry is checked and written relative
 * to a directory descriptor; see docs/formats.md for what is refused.
 */

/** Beyond these an archive is refused; everything 0, or no limits given: the defaults. */
struct cenv_unpack_limits {
	unsigned long long max_entries; /* 0: default 200,000 */
	unsigned long long max_bytes;   /* unpacked; 0: default 8 GiB */
	unsigned max_ratio;             /* unpacked : packed, beyond the first 64 MiB; 0: default 200 */
};

/**
 * Unpack below a directory, which should be empty. A single top folder that
 * holds everything is left away.
 *
 * @param archive_label the archive's name for messages.
 * @return 0, or -1 with CENV_E_INTEGRITY (archive and member named). What was written stays:
 *         the caller unpacks into a folder of its own and removes it.
 */
int cenv_unpack(int archive_dirfd, const char *archive, const char *archive_label, int destfd,
		const struct cenv_unpack_limits *limits, struct cenv_err *err);

/** One member's contents (after the single top folder) into out, e.g. "cenv.ini".
 *  @return 1 found, 0 not there, -1 error. */
int cenv_unpack_member(int archive_dirfd, const char *archive, const char *archive_label,
		       const char *member, size_t max, const struct cenv_unpack_limits *limits,
		       struct cenv_buf *out, struct cenv_err *err);

/** sha256 of the unpacked tree in normal form (docs/formats.md, "Tree hash"), from the archive. */
int cenv_tree_hash_file(int archive_dirfd, const char *archive, const char *archive_label,
			const struct cenv_unpack_limits *limits, char out[CENV_SHA256_HEX],
			struct cenv_err *err);
/** The same of a folder, without what cenv_tree_leaves_out() names. */
int cenv_tree_hash_dir(int dirfd, const char *name, char out[CENV_SHA256_HEX],
		       struct cenv_err *err);

/**
 * Is this entry of a local folder no part of its sources? What version control keeps beside
 * them (.git, .hg, .svn), and environments, which are folders with a cenv.cfg.
 */
bool cenv_tree_leaves_out(int dirfd, const char *name);

#endif

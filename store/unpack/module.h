/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_UNPACK_MODULE_H
#define CENV_STORE_UNPACK_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "core/base/err.h"
#include "store/module.h"

/*
 * The table of module "archive". It decodes and trusts nothing it decodes:
 * names and types are handed on as the archive has them, for walk.c to judge.
 */

enum cenv_member_type {
	CENV_MEMBER_FILE,
	CENV_MEMBER_DIR,
	CENV_MEMBER_SYMLINK,
	CENV_MEMBER_HARDLINK,
	CENV_MEMBER_OTHER, /* a device, fifo or socket: see kind */
};

struct cenv_member {
	enum cenv_member_type type;
	const char *path; /* valid until the next call; never NULL */
	const char *link; /* target of a symlink or hard link; never NULL for these */
	const char *kind; /* CENV_MEMBER_OTHER: what it is, in words */
	bool executable;
	bool has_mtime;
	struct timespec mtime;
	unsigned long long size; /* as the header has it; 0 when unknown */
};

struct cenv_archive;

struct cenv_archive_module {
	struct cenv_module_head head;
	/**
	 * Start to read a regular file from its first byte.
	 * @param fd      stays the caller's and must outlive the archive.
	 * @param raw_max give up when it decompresses to more than this.
	 */
	struct cenv_archive *(*open)(int fd, unsigned long long raw_max, struct cenv_err *err);
	/** @return 1, 0 at the proper end of the archive, -1 */
	int (*next)(struct cenv_archive *ar, struct cenv_member *member, struct cenv_err *err);
	/** Next piece of the member's contents at `offset`; a gap is a hole. @return 1, 0, -1 */
	int (*read)(struct cenv_archive *ar, const void **data, size_t *len,
		    unsigned long long *offset, struct cenv_err *err);
	/** Backslashes are separators to some who write this format. */
	bool (*is_zip)(const struct cenv_archive *ar);
	void (*close)(struct cenv_archive *ar);
};

extern const struct cenv_archive_module cenv_module_archive;

#endif

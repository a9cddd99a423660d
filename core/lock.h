/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_LOCK_H
#define CENV_CORE_LOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/strv.h"

/*
 * What freeze and lock write: a requirements file that pins everything, one
 * package a line, the same bytes for the same pins whatever their order.
 */

/** One package. All of it borrowed. */
struct cenv_pin {
	const char *name;
	struct cenv_strv features_on;  /* beyond the defaults */
	struct cenv_strv features_off; /* defaults that are off */
	const char *version;
	const char *url;              /* URL or path of its archive or folder: written instead of the
					 version, without credentials; NULL: an index has it */
	bool editable;                /* -e: url is a folder */
	struct cenv_strv hashes;      /* sha256 of the archive, hex */
	struct cenv_strv tree_hashes; /* sha256 of the unpacked tree, hex */
	struct cenv_strv options;     /* build options, in the order given */
	struct cenv_strv via;         /* who asked: names and files */
};

/** What goes into the lines; name and version or URL always do. */
enum cenv_lock_flags {
	CENV_LOCK_FEATURES = 1 << 0,
	CENV_LOCK_HASHES = 1 << 1,
	CENV_LOCK_OPTIONS = 1 << 2,
	CENV_LOCK_VIA = 1 << 3, /* "    # via a, b" below each line */
	CENV_LOCK_ALL = CENV_LOCK_FEATURES | CENV_LOCK_HASHES | CENV_LOCK_OPTIONS,
};

/** The first line: "# cenv lock 1, target x86_64-linux-gnu, compiler gcc 12.2.0". */
struct cenv_lock_header {
	const char *target;
	const char *compiler;
	const struct cenv_strv *options; /* lines below it: "--index ./recipes"; NULL: none */
};

enum { CENV_LOCK_FORMAT = 1 };

/** Append the whole file: header (NULL: none) and pins sorted by name. */
void cenv_lock_format(struct cenv_buf *out, const struct cenv_lock_header *header,
		      const struct cenv_pin *pins, size_t n, unsigned flags);

/** Append one pin's line without newline and without via. Parses back as one requirement. */
void cenv_lock_format_pin(struct cenv_buf *out, const struct cenv_pin *pin, unsigned flags);

/**
 * Read the header of a lock file.
 *
 * @param target, compiler receive copies, both the caller's to free, NULL when it fails.
 * @return the format's number, or 0 when the first line is no such header.
 */
unsigned cenv_lock_header_read(const char *text, size_t len, char **target, char **compiler);

#endif

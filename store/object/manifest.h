/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_OBJECT_MANIFEST_H
#define CENV_STORE_OBJECT_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "store/digest/digest.h"

/*
 * The list of files of an object, and of an installed package
 * (lib/cenv/<name>.files). Text, one entry a line, sorted by path bytewise with
 * every directory before its contents; the exact format is in docs/formats.md.
 */

enum cenv_reloc_kind {
	CENV_RELOC_NONE,
	CENV_RELOC_TEXT,   /* replace every occurrence; the file's length changes */
	CENV_RELOC_BINARY, /* replace inside NUL-terminated strings, shift the rest, pad with NUL */
};

struct cenv_reloc {
	uint64_t offset; /* of the placeholder in the object's file */
	uint32_t length; /* BINARY: of the whole string that may be shifted, without its NUL */
};

struct cenv_manifest_entry {
	char type; /* 'f' file, 'd' directory, 'l' symlink */
	mode_t mode; /* permission bits */
	uint64_t size;
	char sha256[CENV_SHA256_HEX]; /* of a file, else "" */
	char *path;   /* relative, valid: no empty, . or .. component, no control characters */
	char *target; /* of a symlink, relative, else NULL */
	enum cenv_reloc_kind reloc_kind;
	struct cenv_reloc *relocs;
	size_t nrelocs;
};

struct cenv_manifest {
	struct cenv_manifest_entry *entries;
	size_t n, cap;
};

/** @return 0, or -1 with CENV_E_INTEGRITY (label and line named): every path is checked. */
int cenv_manifest_parse(struct cenv_manifest *out, const char *text, size_t len, const char *label,
			struct cenv_err *err);
/** The text that parses back to the same entries; they must be sorted. */
void cenv_manifest_format(const struct cenv_manifest *manifest, struct cenv_buf *out);
void cenv_manifest_release(struct cenv_manifest *manifest);

/** A new entry at the end, all zero; valid until the next one is added. */
struct cenv_manifest_entry *cenv_manifest_add(struct cenv_manifest *manifest);
/** Sort by path, as format, parse and find want it. */
void cenv_manifest_sort(struct cenv_manifest *manifest);
/** The entry of a path, or NULL. */
const struct cenv_manifest_entry *cenv_manifest_find(const struct cenv_manifest *manifest,
						     const char *path);

/** Does any file hold the prefix? */
bool cenv_manifest_is_patched(const struct cenv_manifest *manifest);

/** Can the path stand in a manifest? Relative, at most 4,095 bytes, components of 1 to 255 bytes
 *  that are neither . nor .., no control characters. */
bool cenv_manifest_path_valid(const char *path, size_t len);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_OBJECT_RELOCATE_H
#define CENV_STORE_OBJECT_RELOCATE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "store/object/manifest.h"

/*
 * The placeholder in the contents of one file: where it stands, and how another
 * prefix gets there and back. Pure: everything happens in memory.
 *
 * In a TEXT file every occurrence is replaced and the length changes. In a
 * BINARY file the length stays: in each C string the placeholders are replaced
 * and what follows moves up. Behind the new end, bytes that were the
 * placeholder's become NUL and all others keep their place and value, because
 * linkers let one string be the tail of another ("/share" inside
 * "<placeholder>/share") and pointers to such a tail must stay good.
 */

/** Where the placeholder stands in one file. Zero-initialise; free relocs. */
struct cenv_reloc_list {
	enum cenv_reloc_kind kind;
	struct cenv_reloc *relocs; /* ascending; length: from here to the string's end */
	size_t n, cap;
};

/**
 * Find every placeholder.
 *
 * @param fragment receives the offset of a piece of the placeholder that is not part of a
 *                 whole one: something that could not be patched.
 * @return false when there is such a piece.
 */
bool cenv_reloc_scan(const char *data, size_t len, struct cenv_reloc_list *out, size_t *fragment);

/**
 * Put `prefix` in place of the placeholder.
 *
 * @param data the object's file; a BINARY one is changed in place to become the result.
 * @return false when the placeholder does not stand where the entry says: the file is damaged.
 */
bool cenv_reloc_patch(struct cenv_buf *data, const struct cenv_manifest_entry *entry,
		      const char *prefix);

/**
 * The reverse of cenv_reloc_patch().
 * @return false when `prefix` does not stand at every place: data is then undefined.
 */
bool cenv_reloc_unpatch(struct cenv_buf *data, const struct cenv_manifest_entry *entry,
			const char *prefix);

/** Replace every `from` by `to`, of the same length, in place. @return how many. */
size_t cenv_reloc_rename(char *data, size_t len, const char *from, const char *to);

#endif

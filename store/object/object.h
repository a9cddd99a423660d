/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_OBJECT_OBJECT_H
#define CENV_STORE_OBJECT_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/base/strv.h"
#include "store/digest/digest.h"
#include "store/object/manifest.h"
#include "store/store.h"

/*
 * Objects: finished builds, objects/<key>/ in the store:
 *
 *     manifest    what the tree holds (store/object/manifest.h)
 *     info.json   name, version, build key's inputs, NEEDED entries from outside, sizes
 *     sums        sha256 of these two, as sha256sum writes it
 *     tree/       the files, read-only
 *     symlinked   there once an environment has symlinks to its files
 *
 * A folder appears by one rename and never changes. Its time of change is that of its last use,
 * give or take a day. Whoever has an object open shares an flock on its folder.
 */

/**
 * The prefix that everything is configured with: CENV_PLACEHOLDER_LEN bytes, a rare
 * marker with a period of 8 bytes, components below 255 bytes. Longer prefixes of an
 * environment cannot be patched in. See docs/relocation.md for the reasons.
 */
#define CENV_PLACEHOLDER_LEN 260
extern const char cenv_placeholder[CENV_PLACEHOLDER_LEN + 1];

/**
 * What C code of an object has to be compiled with. gcc -O2 turns strcpy(b, PREFIX) and
 * strcat(b, name) into two copies at offsets that it computed, so that `name` would come
 * behind the NUL of a prefix that has become shorter. For gcc and clang.
 */
#define CENV_RELOCATABLE_CFLAGS "-fno-builtin-strcpy -fno-builtin-stpcpy -fno-builtin-strcat"

#define CENV_OBJECT_SUMS "sums"
#define CENV_OBJECT_SYMLINKED "symlinked"

struct cenv_object {
	char key[CENV_SHA256_HEX];
	char *name, *version;
	char *system; /* build system that was used */
	int treefd;   /* tree/ */
	int dirfd;    /* objects/<key>/ */
	struct cenv_manifest manifest;
	size_t nentries; /* that the manifest was written with */
	struct cenv_strv leaks; /* NEEDED entries that neither dependencies nor the base system have:
				   "libx.so.1 (needed by bin/y)" */
	struct cenv_strv unreached; /* those that are there, but that no run path leads to; so written too */
};

/** @return 0 with *out set, or NULL in *out when the store does not have it; -1 on damage or I/O. */
int cenv_object_open(struct cenv_object **out, const struct cenv_store *store, const char *key,
		     struct cenv_err *err);
void cenv_object_free(struct cenv_object *object);

/** What is known of a build beside its files. */
struct cenv_object_info {
	const char *key, *name, *version, *system;
	const char *key_inputs; /* the text whose hash is the key, kept for debugging */
	const char *built_prefix; /* the prefix it was configured with, CENV_PLACEHOLDER_LEN bytes:
				     cenv_placeholder in the sandbox, a padded real path without */
	const struct cenv_object *const *deps; /* whose libraries may be needed */
	size_t ndeps;
	const struct cenv_strv *pkgconfig;   /* modules that must be there */
};

/**
 * Make an object of a staged tree: normalise, relocate, scan, hash, make read-only, rename
 * into place. When another process was first, ours is dropped and theirs opened.
 *
 * @param staged folder relative to the store whose contents are those of the prefix; consumed.
 * @return -1 with CENV_E_BUILD when the tree cannot be made relocatable or lacks what it promised.
 */
int cenv_object_store(struct cenv_object **out, const struct cenv_store *store, const char *staged,
		      const struct cenv_object_info *info, struct cenv_err *err);

enum cenv_link_mode { CENV_LINK_AUTO, CENV_LINK_HARD, CENV_LINK_REFLINK, CENV_LINK_COPY, CENV_LINK_SYMLINK };

/**
 * Put one entry (file or symlink) of an object into place: a link where nothing is to be
 * patched, else a new file with `prefix` in place of the placeholder.
 *
 * @param srcfd   open directory of the object's tree that holds the entry.
 * @param dstfd   open directory to create it in; nothing of that name may exist (EEXIST).
 * @param dstname last component of the new name (often the entry's own).
 * @param prefix  absolute path of the environment, at most CENV_PLACEHOLDER_LEN bytes.
 * @param sha256  receives the hash of a patched file; untouched when the entry's own holds.
 */
int cenv_object_place(int srcfd, const struct cenv_manifest_entry *entry, int dstfd,
		      const char *dstname, const char *prefix, enum cenv_link_mode mode,
		      char sha256[CENV_SHA256_HEX], struct cenv_err *err);

/** Put a whole object into a folder, directories included; existing directories are shared. */
int cenv_object_place_all(const struct cenv_object *object, int dstfd, const char *prefix,
			  enum cenv_link_mode mode, struct cenv_err *err);

/**
 * An environment was moved: patch one of its files in place of the old one (by rename) from
 * old_prefix to new_prefix, using the entry's relocations. No store is needed. A file that
 * holds new_prefix already is left as it is.
 *
 * @param entry its sha256 is the object's, or that of the file as patched for old_prefix.
 * @return -1 with CENV_E_FAIL when the file was changed since it was installed.
 */
int cenv_object_rehome(int dirfd, const char *name, const struct cenv_manifest_entry *entry,
		       const char *old_prefix, const char *new_prefix,
		       char sha256[CENV_SHA256_HEX], struct cenv_err *err);

#endif

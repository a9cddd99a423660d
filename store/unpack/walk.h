/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_UNPACK_WALK_H
#define CENV_STORE_UNPACK_WALK_H

#include "store/unpack/module.h"
#include "store/unpack/unpack.h"

/*
 * Going through an archive once, member by member, in bounded memory. Whoever
 * looks on only ever sees members that were checked: files, folders, symlinks
 * that stay inside and hard links to files that came before, with plain relative
 * names, each at a place of its own below folders, within the limits.
 */
struct cenv_walk_visitor {
	/** A member, its path and (hard link) target in plain form. */
	int (*member)(void *payload, const struct cenv_member *member, struct cenv_err *err);
	/** A piece of the last member's contents; NULL data is a hole. In order of offset. */
	int (*data)(void *payload, const void *data, size_t len, unsigned long long offset,
		    struct cenv_err *err);
	/** The contents are complete (files only). May be NULL. */
	int (*end)(void *payload, const struct cenv_member *member, struct cenv_err *err);
};

/**
 * Walk.
 *
 * @param verb "unpack", for "cannot unpack 'label': ...".
 * @param top  receives the single top folder that holds everything, or NULL. Caller frees.
 */
int cenv_walk(int archive_dirfd, const char *archive, const char *label, const char *verb,
	      const struct cenv_unpack_limits *limits, const struct cenv_walk_visitor *visitor,
	      void *payload, char **top, struct cenv_err *err);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_OBJECT_INFO_H
#define CENV_STORE_OBJECT_INFO_H

#include "core/base/err.h"
#include "store/object/object.h"

/* info.json of an object: what is known of a build beside its files. */

/** Fill name, version, system, leaks and unreached from info.json in object->dirfd. */
int cenv_object_info_read(struct cenv_object *object, struct cenv_err *err);

/** Write info.json into a folder; stable: the same object gives the same bytes. */
int cenv_object_info_write(int dirfd, const struct cenv_object_info *info,
			   const struct cenv_manifest *manifest, const struct cenv_strv *leaks,
			   const struct cenv_strv *unreached, struct cenv_err *err);

#endif

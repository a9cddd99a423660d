/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PIPELINE_SATISFIED_H
#define CENV_STORE_PIPELINE_SATISFIED_H

#include <stdbool.h>

#include "core/requirements_file.h"
#include "store/env/record.h"

/**
 * Is everything that is wanted installed already, and asked for directly? Reads nothing: this is
 * what makes a repeated `cenv install -r` cost no more than reading the records.
 */
bool cenv_wanted_is_installed(const struct cenv_requirements *wanted,
			      const struct cenv_records *installed);

/**
 * Is the package of an archive with one of the hashes, or one of the trees? An archive that was
 * packed anew has another hash and the same tree. No hashes at all: yes.
 */
bool cenv_record_has_hash(const struct cenv_record *record, const struct cenv_strv *hashes,
			  const struct cenv_strv *tree_hashes);

/** Does the installed package satisfy the requirement (version, features, hashes, options)? */
bool cenv_record_satisfies(const struct cenv_record *record, const struct cenv_requirement *req);

#endif

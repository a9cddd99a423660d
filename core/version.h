/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_VERSION_H
#define CENV_CORE_VERSION_H

#include <stdbool.h>

/*
 * Versions of C libraries, ordered as repology's libversion orders them
 * (its doc/ALGORITHM.md, default flags): 1.0-rc1 < 1.0 < 1.0.1,
 * 1.1.1 < 1.1.1w, 9d < 9e. Any string is a version.
 */

/** @return -1, 0 or 1 */
int cenv_version_cmp(const char *a, const char *b);

/**
 * Does it name a pre-release? alpha, beta, rc, pre..., dev, devel, snapshot,
 * nightly, unstable, and a or b before a digit (2.0b1). Sorting below the
 * release is not enough: 2.1.13-stable and 1.3.dfsg are releases.
 */
bool cenv_version_is_prerelease(const char *version);

/** Non-empty, at most 128 bytes, starts with a letter or digit, and holds only
 *  letters, digits and . _ + - ~ : (what file names and requirement lines can carry). */
bool cenv_version_valid(const char *version);

#endif

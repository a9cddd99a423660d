/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_VERSION_PART_H
#define CENV_CORE_VERSION_PART_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The components of a version, for code that compares prefixes. Versions are
 * split into runs of letters and runs of digits; whatever else separates.
 */

/** Lowest first: components compare by rank before they compare by text. */
enum cenv_version_rank {
	CENV_RANK_PRE,    /* alpha, beta, rc, pre..., and words of unknown meaning */
	CENV_RANK_ZERO,   /* 0 */
	CENV_RANK_POST,   /* patch..., post..., pl, errata */
	CENV_RANK_NUMBER, /* any other number */
	CENV_RANK_SUFFIX, /* the w of 1.1.1w */
	CENV_RANK_END,    /* behind the last one; compares as ZERO */
};

struct cenv_version_part {
	enum cenv_version_rank rank;
	const char *start; /* into the version; a number without its leading zeros */
	size_t len;
};

/**
 * Step to the next component.
 *
 * @param pos  where the version goes on; start with its first byte.
 * @param part zero-initialised before the first call, then left as it is.
 * @return false at the end; part is then CENV_RANK_END.
 */
bool cenv_version_next(const char **pos, struct cenv_version_part *part);

/** @return -1, 0 or 1 */
int cenv_version_part_cmp(const struct cenv_version_part *a, const struct cenv_version_part *b);

#endif

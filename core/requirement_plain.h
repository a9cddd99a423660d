/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_REQUIREMENT_PLAIN_H
#define CENV_CORE_REQUIREMENT_PLAIN_H

#include "core/base/arena.h"
#include "core/requirement.h"

/**
 * The form nearly all requirements of recipes have, `libpng >=1.6,<2`: a lower-case name, then
 * nothing or numbered versions. It is known to be well formed from one look at its bytes, so it
 * needs no parser; anything else is for cenv_requirement_parse(), which agrees on what is plain.
 *
 * @param text without blanks at its ends; need not end with a NUL.
 * @param out filled when not NULL (no origin); NULL: only look.
 * @param arena not NULL: the strings are kept in it, or are `text` itself, which then ends with a
 *        NUL before out is used and lives as long; out is marked as borrowed.
 * @return how many bytes are its name, which is its key too. 0: it is not plain, and out is
 *         untouched.
 */
size_t cenv_requirement_plain(struct cenv_requirement *out, const char *text, size_t len,
			      struct cenv_arena *arena);

#endif

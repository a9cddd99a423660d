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
 * @param arena not NULL: the strings are kept in it, and out is marked as borrowed.
 * @return is it plain? If not, out is untouched.
 */
bool cenv_requirement_plain(struct cenv_requirement *out, const char *text, size_t len,
			    struct cenv_arena *arena);

/** How many bytes of a plain requirement are its name, which is its key too. */
size_t cenv_requirement_plain_name(const char *text, size_t len);

#endif

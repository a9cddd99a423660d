/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_BASE_SIZE_H
#define CENV_CORE_BASE_SIZE_H

#include <stdbool.h>

/**
 * A number of bytes as people write it: digits and a unit. k, M, G and T, in either case and with
 * a B or without, are powers of ten; KiB, MiB, GiB and TiB powers of two.
 * @return false, leaving out alone, when it is none or does not fit.
 */
bool cenv_size_parse(unsigned long long *out, const char *text);

#endif

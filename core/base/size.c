/* SPDX-License-Identifier: MIT */
#include "core/base/size.h"

#include <limits.h>
#include <string.h>

/* 1 for no unit, 0 for one that is not known. */
static unsigned long long unit_of(const char *text)
{
	static const char letters[] = "kKmMgGtT";
	const char *at = *text ? strchr(letters, *text) : NULL;
	unsigned long long unit = 1, step = 1000;

	if (at && !strcmp(text + 1, "iB"))
		step = 1024;
	else if (strcmp(text + (at != NULL), "") != 0 && strcmp(text + (at != NULL), "B") != 0)
		return 0;
	for (long power = at ? (at - letters) / 2 + 1 : 0; power > 0; power--)
		unit *= step;
	return unit;
}

bool cenv_size_parse(unsigned long long *out, const char *text)
{
	unsigned long long number = 0, unit;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (number > (ULLONG_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	unit = p == text ? 0 : unit_of(p);
	if (!unit || number > ULLONG_MAX / unit)
		return false;
	*out = number * unit;
	return true;
}

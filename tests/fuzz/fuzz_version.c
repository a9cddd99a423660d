/* SPDX-License-Identifier: MIT */
/* Any three lines are versions in a total order. */
#include "core/version.h"
#include "core/version_part.h"
#include "tests/fuzz/fuzz.h"

/* The order as it is defined, part by part: the comparison has a shorter way for plain numbers. */
static int compare_parts(const char *a, const char *b)
{
	struct cenv_version_part x = {0}, y = {0};
	bool more_x = true, more_y = true;

	while (more_x || more_y) {
		int diff;

		more_x = cenv_version_next(&a, &x);
		more_y = cenv_version_next(&b, &y);
		diff = cenv_version_part_cmp(&x, &y);
		if (diff)
			return diff;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *v[3];
	int ab, bc, ac;

	fuzz_lines(data, size, v, 3);
	ab = cenv_version_cmp(v[0], v[1]);
	bc = cenv_version_cmp(v[1], v[2]);
	ac = cenv_version_cmp(v[0], v[2]);
	FUZZ_CHECK(ab == compare_parts(v[0], v[1]));
	FUZZ_CHECK(bc == compare_parts(v[1], v[2]));
	FUZZ_CHECK(cenv_version_cmp(v[0], v[0]) == 0);
	FUZZ_CHECK(cenv_version_cmp(v[1], v[0]) == -ab);
	if (ab <= 0 && bc <= 0)
		FUZZ_CHECK(ac == (ab < 0 || bc < 0 ? -1 : 0));
	if (ab >= 0 && bc >= 0)
		FUZZ_CHECK(ac == (ab > 0 || bc > 0 ? 1 : 0));
	cenv_version_is_prerelease(v[0]);
	cenv_version_valid(v[0]);
	free(v[0]);
	return 0;
}

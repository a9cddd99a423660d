/* SPDX-License-Identifier: MIT */
/* Any three lines are versions in a total order. */
#include "core/version.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *v[3];
	int ab, bc, ac;

	fuzz_lines(data, size, v, 3);
	ab = cenv_version_cmp(v[0], v[1]);
	bc = cenv_version_cmp(v[1], v[2]);
	ac = cenv_version_cmp(v[0], v[2]);
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

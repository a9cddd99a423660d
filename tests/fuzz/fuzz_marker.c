/* SPDX-License-Identifier: MIT */
/* A marker either fails at a place inside it or can be asked. */
#include "core/marker.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cenv_marker_env env = {"Linux", "x86_64", "glibc", "gcc 12.2.0",
						   "Linux", "x86_64"};
	struct cenv_marker *marker;
	struct cenv_err err = CENV_ERR_INIT;
	size_t pos = 0;

	if (cenv_marker_parse(&marker, (const char *)data, size, &pos, &err) < 0) {
		FUZZ_CHECK(pos <= size && err.code == CENV_E_SYNTAX && !marker);
		cenv_err_release(&err);
		return 0;
	}
	FUZZ_CHECK(cenv_marker_eval(marker, &env) == cenv_marker_eval(marker, &env));
	cenv_marker_free(marker);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* A specifier and a version, one a line: the normal form decides as the text did. */
#include "core/specifier.h"
#include "core/version.h"
#include "tests/fuzz/fuzz.h"

static void check_clauses(const struct cenv_specifier *spec, const char *version)
{
	bool all = true;

	for (size_t i = 0; i < spec->n; i++) {
		struct cenv_specifier one = {.clauses = &spec->clauses[i], .n = 1};

		FUZZ_CHECK(cenv_version_valid(spec->clauses[i].version));
		all = all && cenv_specifier_match(&one, version);
	}
	FUZZ_CHECK(all == cenv_specifier_match(spec, version));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cenv_specifier spec, again;
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_buf text = CENV_BUF_INIT;
	size_t pos = 0;
	char *line[2];

	fuzz_lines(data, size, line, 2);
	if (cenv_specifier_parse(&spec, line[0], strlen(line[0]), &pos, &err) < 0) {
		FUZZ_CHECK(pos <= strlen(line[0]) && err.code == CENV_E_SYNTAX && spec.n == 0);
		cenv_err_release(&err);
	} else {
		check_clauses(&spec, line[1]);
		cenv_specifier_format(&spec, &text);
		FUZZ_CHECK(!cenv_specifier_parse(&again, text.buf, text.len, NULL, &err));
		FUZZ_CHECK(again.n == spec.n);
		FUZZ_CHECK(cenv_specifier_match(&again, line[1]) ==
			   cenv_specifier_match(&spec, line[1]));
		FUZZ_CHECK(cenv_specifier_names_prerelease(&again) ==
			   cenv_specifier_names_prerelease(&spec));
		cenv_specifier_release(&again);
		cenv_specifier_release(&spec);
		cenv_buf_release(&text);
	}
	free(line[0]);
	return 0;
}

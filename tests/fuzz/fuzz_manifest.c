/* SPDX-License-Identifier: MIT */
/* A manifest: what is taken is written back as the same, sorted, and inside of its tree. */
#include "core/base/buf.h"
#include "store/object/manifest.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cenv_buf once = CENV_BUF_INIT, twice = CENV_BUF_INIT;
	struct cenv_manifest first = {0}, second = {0};
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_manifest_parse(&first, (const char *)data, size, "fuzz", &err) == 0) {
		for (size_t i = 0; i < first.n; i++) {
			const struct cenv_manifest_entry *e = &first.entries[i];

			FUZZ_CHECK(cenv_manifest_path_valid(e->path, strlen(e->path)));
			FUZZ_CHECK(i == 0 || strcmp(first.entries[i - 1].path, e->path) < 0);
			FUZZ_CHECK((e->type == 'l') == (e->target != NULL));
			FUZZ_CHECK(cenv_manifest_find(&first, e->path) == e);
		}
		cenv_manifest_format(&first, &once);
		FUZZ_CHECK(cenv_manifest_parse(&second, once.buf, once.len, "again", &err) == 0);
		cenv_manifest_format(&second, &twice);
		FUZZ_CHECK(once.len == twice.len && !memcmp(once.buf, twice.buf, once.len));
		cenv_manifest_release(&second);
	} else {
		FUZZ_CHECK(err.code == CENV_E_INTEGRITY);
	}
	cenv_manifest_release(&first);
	cenv_err_release(&err);
	cenv_buf_release(&once);
	cenv_buf_release(&twice);
	return 0;
}

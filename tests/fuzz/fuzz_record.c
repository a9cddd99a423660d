/* SPDX-License-Identifier: MIT */
/* A record: what is taken is written back as the same. */
#include "core/base/buf.h"
#include "store/env/record.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cenv_buf once = CENV_BUF_INIT, twice = CENV_BUF_INIT;
	struct cenv_record first, second;
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_record_parse(&first, (const char *)data, size, "fuzz.json", &err) == 0) {
		FUZZ_CHECK(first.name && first.key && first.version);
		cenv_record_format(&first, &once);
		FUZZ_CHECK(cenv_record_parse(&second, once.buf, once.len, "again.json", &err) == 0);
		cenv_record_format(&second, &twice);
		FUZZ_CHECK(once.len == twice.len && !memcmp(once.buf, twice.buf, once.len));
		cenv_record_release(&second);
	} else {
		FUZZ_CHECK(err.code == CENV_E_INTEGRITY && err.hint);
	}
	cenv_record_release(&first);
	cenv_err_release(&err);
	cenv_buf_release(&once);
	cenv_buf_release(&twice);
	return 0;
}

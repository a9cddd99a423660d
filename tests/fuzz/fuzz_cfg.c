/* SPDX-License-Identifier: MIT */
/* cenv.cfg: what is taken is written back as the same. */
#include "core/base/buf.h"
#include "store/env/cfg.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cenv_buf once = CENV_BUF_INIT, twice = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_cfg first, second;

	if (cenv_cfg_parse(&first, (const char *)data, size, "cenv.cfg", &err) == 0) {
		FUZZ_CHECK(first.version && first.target && first.compiler);
		FUZZ_CHECK(!first.prompt || cenv_cfg_value_valid(first.prompt));
		cenv_cfg_format(&first, &once);
		FUZZ_CHECK(cenv_cfg_parse(&second, once.buf, once.len, "again", &err) == 0);
		cenv_cfg_format(&second, &twice);
		FUZZ_CHECK(once.len == twice.len && !memcmp(once.buf, twice.buf, once.len));
		cenv_cfg_release(&second);
	} else {
		FUZZ_CHECK(err.code == CENV_E_SYNTAX);
	}
	cenv_cfg_release(&first);
	cenv_err_release(&err);
	cenv_buf_release(&once);
	cenv_buf_release(&twice);
	return 0;
}

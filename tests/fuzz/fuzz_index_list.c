/* SPDX-License-Identifier: MIT */
/* index.json: what is taken has normalised names and hashes in lower case, and nothing else. */
#include "core/base/str.h"
#include "store/index/list.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cenv_index_list list;
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_index_list_parse(&list, (const char *)data, size, "index.json", &err) < 0) {
		FUZZ_CHECK(err.code == CENV_E_SYNTAX && err.msg);
		FUZZ_CHECK(list.sha256.n == 0 && list.serial == 0);
	}
	for (size_t i = 0; i < list.sha256.n; i++) {
		const char *key = list.sha256.entries[i].key;
		const char *hash = list.sha256.entries[i].value;
		char *again = cenv_name_normalize(key);

		FUZZ_CHECK(cenv_name_valid(key, strlen(key)) && !strcmp(key, again));
		FUZZ_CHECK(strlen(hash) == 64 && strspn(hash, "0123456789abcdef") == 64);
		free(again);
	}
	cenv_index_list_release(&list);
	cenv_err_release(&err);
	return 0;
}

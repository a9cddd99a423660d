/* SPDX-License-Identifier: MIT */
/* A journal: what is taken is written back as the same, and no path leads out. */
#include "core/base/buf.h"
#include "store/env/journal.h"
#include "store/object/manifest.h"
#include "tests/fuzz/fuzz.h"

static void check_steps(const struct cenv_journal *journal)
{
	FUZZ_CHECK(journal->command && journal->history_size >= 0);
	for (size_t i = 0; i < journal->n; i++) {
		const struct cenv_step *step = &journal->steps[i];

		FUZZ_CHECK(cenv_manifest_path_valid(step->path, strlen(step->path)));
		FUZZ_CHECK(step->done && step->mode <= 0777);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cenv_buf text = CENV_BUF_INIT, once = CENV_BUF_INIT, twice = CENV_BUF_INIT;
	struct cenv_journal first = {0}, second = {0};

	cenv_buf_add(&text, data, size);
	if (cenv_journal_parse(&first, &text) == 0) {
		check_steps(&first);
		cenv_journal_format(&first, &once);
		FUZZ_CHECK(cenv_journal_parse(&second, &once) == 0 && second.n == first.n);
		cenv_journal_format(&second, &twice);
		FUZZ_CHECK(once.len == twice.len && !memcmp(once.buf, twice.buf, once.len));
	}
	cenv_journal_release(&first);
	cenv_journal_release(&second);
	cenv_buf_release(&text);
	cenv_buf_release(&once);
	cenv_buf_release(&twice);
	return 0;
}

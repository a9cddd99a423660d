/* SPDX-License-Identifier: MIT */
/* A base and a reference, one a line, and the reference as an archive's name. */
#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/location.h"
#include "core/requirement.h"
#include "core/secret.h"
#include "core/version.h"
#include "tests/fuzz/fuzz.h"

static void check_archive_name(const char *text)
{
	char *name, *version;

	if (!cenv_archive_name_split(text, &name, &version)) {
		FUZZ_CHECK(!name && !version);
		return;
	}
	FUZZ_CHECK(cenv_name_valid(name, strlen(name)) && cenv_version_valid(version));
	free(name);
	free(version);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cenv_buf quoted = CENV_BUF_INIT, masked = CENV_BUF_INIT, again = CENV_BUF_INIT;
	char *line[2], *joined, *dir, *normal, *twice, *bare;

	fuzz_lines(data, size, line, 2);
	joined = cenv_location_join(line[0], line[1]);
	dir = cenv_location_dir(joined);
	normal = cenv_location_normal(joined);
	twice = cenv_location_normal(normal);
	bare = cenv_url_redact(joined);
	FUZZ_CHECK(strlen(dir) <= strlen(joined));
	/* what is cut has nothing to mask but what stands there for it; masking twice is once */
	cenv_secrets_mask(&masked, joined, strlen(joined), 0);
	cenv_secrets_mask(&again, masked.buf, masked.len, 0);
	FUZZ_CHECK(!strcmp(masked.buf, again.buf));
	/* what ".." uncovers can look like a URL, which has rules of its own */
	if (cenv_location_is_url(joined) == cenv_location_is_url(normal))
		FUZZ_CHECK(!strcmp(normal, twice));
	cenv_location_quote(&quoted, joined);
	FUZZ_CHECK(!strpbrk(quoted.buf, " \t\n\\{"));
	check_archive_name(line[1]);
	cenv_buf_release(&masked);
	cenv_buf_release(&again);
	free(bare);
	free(twice);
	free(normal);
	free(dir);
	free(joined);
	cenv_buf_release(&quoted);
	free(line[0]);
	return 0;
}

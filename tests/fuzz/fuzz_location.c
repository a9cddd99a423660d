/* SPDX-License-Identifier: MIT */
/* A base and a reference, one a line, and the reference as an archive's name. */
#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/location.h"
#include "core/requirement.h"
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
	struct cenv_buf quoted = CENV_BUF_INIT;
	char *line[2], *joined, *dir, *normal, *twice, *bare;

	fuzz_lines(data, size, line, 2);
	joined = cenv_location_join(line[0], line[1]);
	dir = cenv_location_dir(joined);
	normal = cenv_location_normal(joined);
	twice = cenv_location_normal(normal);
	bare = cenv_location_without_credentials(joined);
	FUZZ_CHECK(strlen(dir) <= strlen(joined) && strlen(bare) <= strlen(joined));
	/* what ".." uncovers can look like a URL, which has rules of its own */
	if (cenv_location_is_url(joined) == cenv_location_is_url(normal))
		FUZZ_CHECK(!strcmp(normal, twice));
	cenv_location_quote(&quoted, joined);
	FUZZ_CHECK(!strpbrk(quoted.buf, " \t\n\\{"));
	check_archive_name(line[1]);
	free(bare);
	free(twice);
	free(normal);
	free(dir);
	free(joined);
	cenv_buf_release(&quoted);
	free(line[0]);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * cc: -larchive
 * pkg-config: libarchive
 * run: bin/bsdtar --version
 * run: bin/bsdtar -cJf - cenv.cfg | bin/bsdtar -tf - | grep -qx cenv.cfg
 * run: bin/bsdtar --zstd -cf "$TMPDIR/a" cenv.cfg && bin/bsdtar -tf "$TMPDIR/a" | grep -qx cenv.cfg
 * run: bin/bsdcat --version
 * run: bin/bsdcpio --version
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <string.h>

/* "" when a tar with that filter comes back as it was written */
static const char *round_trip(int filter)
{
	char file[65536];
	size_t n = 0;
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, "name");
	archive_entry_set_size(entry, 5);
	archive_entry_set_filetype(entry, AE_IFREG);
	/* ARCHIVE_WARN would mean an outside program */
	if (archive_write_add_filter(a, filter) != ARCHIVE_OK || archive_write_set_format_pax(a) ||
	    archive_write_open_memory(a, file, sizeof(file), &n) ||
	    archive_write_header(a, entry) || archive_write_data(a, "words", 5) != 5 ||
	    archive_write_close(a))
		return "writing";
	archive_write_free(a);
	archive_entry_free(entry);
	a = archive_read_new();
	archive_read_support_filter_all(a);
	archive_read_support_format_tar(a);
	if (archive_read_open_memory(a, file, n) || archive_read_next_header(a, &entry) ||
	    strcmp(archive_entry_pathname(entry), "name") != 0)
		return "reading";
	archive_read_free(a);
	return "";
}

int main(void)
{
	static const int filters[] = {ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_XZ,
				      ARCHIVE_FILTER_ZSTD, ARCHIVE_FILTER_LZ4};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		const char *failed = round_trip(filters[i]);

		if (*failed) {
			printf("%s through filter %d\n", failed, filters[i]);
			return 1;
		}
	}
	return printf("%s\n", archive_version_details()) < 0;
}

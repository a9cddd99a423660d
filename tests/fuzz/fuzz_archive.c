/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fs/fs.h"
#include "store/unpack/unpack.h"
#include "tests/fuzz/fuzz.h"

/*
 * Any bytes as an archive: unpacking writes nothing outside of its folder, and what it takes
 * has one tree hash, from the archive as from the folder. What it refuses has none.
 */

static void check(int holds)
{
	if (!holds)
		abort();
}

static int open_scratch(void)
{
	static char dir[] = "/tmp/cenv-fuzz-XXXXXX";
	static int fd = -1;

	if (fd < 0) {
		check(mkdtemp(dir) != NULL);
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		check(fd >= 0);
	}
	return fd;
}

static void remove_scratch(void)
{
	struct cenv_err err = CENV_ERR_INIT;
	char *path = NULL, *link = cenv_strf("/proc/self/fd/%d", open_scratch());

	path = cenv_fs_realpath(link, &err);
	if (path)
		cenv_fs_remove_tree(AT_FDCWD, path, &err);
	cenv_err_release(&err);
	free(path);
	free(link);
}

static const struct cenv_unpack_limits limits = {.max_entries = 200, .max_bytes = 1 << 20};

static void check_hashes(int fd)
{
	struct cenv_err err = CENV_ERR_INIT;
	char from_archive[CENV_SHA256_HEX], from_folder[CENV_SHA256_HEX];

	check(cenv_tree_hash_file(fd, "ar", "fuzz", &limits, from_archive, &err) == 0);
	check(cenv_tree_hash_dir(fd, "out", from_folder, &err) == 0);
	check(!strcmp(from_archive, from_folder));
}

static void check_refusal(int fd, const struct cenv_err *unpacking)
{
	struct cenv_err err = CENV_ERR_INIT;
	char hash[CENV_SHA256_HEX];

	check(unpacking->msg &&
	      (unpacking->code == CENV_E_INTEGRITY || unpacking->code == CENV_E_IO));
	if (unpacking->code == CENV_E_INTEGRITY)
		check(cenv_tree_hash_file(fd, "ar", "fuzz", &limits, hash, &err) < 0);
	cenv_err_release(&err);
}

/* Changed tar headers would all be turned away for their checksum: mend it. */
static void mend_checksums(uint8_t *data, size_t size)
{
	for (size_t at = 0; at + 512 <= size; at += 512) {
		uint8_t *block = data + at;
		unsigned sum = 0;

		if (memcmp(block + 257, "ustar", 5))
			continue;
		memset(block + 148, ' ', 8);
		for (size_t i = 0; i < 512; i++)
			sum += block[i];
		snprintf((char *)block + 148, 8, "%06o", sum);
	}
}

static void try_archive(int fd, const uint8_t *data, size_t size)
{
	struct cenv_strv names = {0};
	struct cenv_err err = CENV_ERR_INIT;
	int out;

	check(cenv_fs_write(fd, "ar", data, size, 0644, 0, &err) == 0);
	check(mkdirat(fd, "out", 0755) == 0);
	out = openat(fd, "out", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cenv_unpack(fd, "ar", "fuzz", out, &limits, &err) == 0)
		check_hashes(fd);
	else
		check_refusal(fd, &err);
	close(out);
	cenv_err_release(&err);
	check(cenv_fs_list(fd, ".", &names, &err) == 0);
	check(names.n == 2 && !strcmp(names.v[0], "ar") && !strcmp(names.v[1], "out"));
	cenv_strv_release(&names);
	check(cenv_fs_remove_tree(fd, "out", &err) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int registered;
	int fd = open_scratch();
	uint8_t *mended = malloc(size + 1);

	if (!registered++)
		atexit(remove_scratch);
	try_archive(fd, data, size);
	check(mended != NULL);
	memcpy(mended, data, size);
	mend_checksums(mended, size);
	if (memcmp(mended, data, size))
		try_archive(fd, mended, size);
	free(mended);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/fs/fs.h"
#include "tests/fuzz/fuzz.h"

/* Stands in for libFuzzer where there is none: each file of the folder given is one input. */

static int replay(const char *dir, const char *file)
{
	struct cenv_buf data = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;
	char *path = cenv_path_join(dir, file);
	int ret = cenv_fs_read(AT_FDCWD, path, SIZE_MAX, &data, &err);

	if (ret == 0)
		LLVMFuzzerTestOneInput((const uint8_t *)data.buf, data.len);
	else
		fprintf(stderr, "%s\n", err.msg);
	cenv_err_release(&err);
	cenv_buf_release(&data);
	free(path);
	return ret;
}

int main(int argc, char **argv)
{
	struct cenv_strv files = {0};
	struct cenv_err err = CENV_ERR_INIT;
	int ret = 0;

	if (argc != 2 || cenv_fs_list(AT_FDCWD, argv[1], &files, &err) < 0 || files.n == 0) {
		fprintf(stderr, "%s\n", err.msg ? err.msg : "usage: a folder that holds inputs");
		return 1;
	}
	for (size_t i = 0; i < files.n; i++)
		ret |= replay(argv[1], files.v[i]);
	printf("%u inputs\n", files.n);
	cenv_strv_release(&files);
	return ret ? 1 : 0;
}

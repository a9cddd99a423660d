/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <errno.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "store/digest/digest.h"

/* FIPS 180-4 examples and the well-known hash of nothing */
static const struct {
	const char *text, *hex;
} known[] = {
	{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void known_texts_have_their_hash(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct cenv_err err = CENV_ERR_INIT;
		char hex[CENV_SHA256_HEX];

		assert_int_equal(cenv_sha256_data(known[i].text, strlen(known[i].text), hex, &err),
				 0);
		assert_string_equal(hex, known[i].hex);
	}
}

static void a_hash_starts_again_after_final(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_sha256 *ctx = cenv_sha256_new(&err);
	char hex[CENV_SHA256_HEX];

	(void)state;
	assert_non_null(ctx);
	cenv_sha256_update(ctx, "other", 5);
	cenv_sha256_final(ctx, hex);
	cenv_sha256_update(ctx, "a", 1);
	cenv_sha256_update(ctx, "bc", 2);
	cenv_sha256_final(ctx, hex);
	assert_string_equal(hex, known[1].hex);
	cenv_sha256_free(ctx);
	cenv_sha256_free(NULL);
}

static void a_file_larger_than_the_buffer_hashes_like_its_bytes(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	size_t len = 200001;
	char *data = cenv_xmalloc(len), a[CENV_SHA256_HEX], b[CENV_SHA256_HEX];
	char path[] = "/tmp/cenv-digest-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	for (size_t i = 0; i < len; i++)
		data[i] = (char)(i * 31);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(cenv_sha256_data(data, len, a, &err), 0);
	assert_int_equal(cenv_sha256_file(AT_FDCWD, path, b, &err), 0);
	assert_string_equal(a, b);

	/* from the descriptor's offset on */
	assert_int_equal(lseek(fd, 100, SEEK_SET), 100);
	assert_int_equal(cenv_sha256_data(data + 100, len - 100, a, &err), 0);
	assert_int_equal(cenv_sha256_fd(fd, path, b, &err), 0);
	assert_string_equal(a, b);
	close(fd);
	unlink(path);
	free(data);
}

static void a_missing_file_or_a_folder_is_an_error_that_names_it(void **state)
{
	struct cenv_err err = CENV_ERR_INIT;
	char hex[CENV_SHA256_HEX];

	(void)state;
	assert_int_equal(cenv_sha256_file(AT_FDCWD, "/nonexistent/x", hex, &err), -1);
	assert_int_equal(err.sys, ENOENT);
	assert_non_null(strstr(err.msg, "'/nonexistent/x'"));
	assert_int_equal(cenv_sha256_file(AT_FDCWD, "/", hex, &err), -1);
	assert_int_equal(err.sys, EISDIR);
	cenv_err_release(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_texts_have_their_hash),
		cmocka_unit_test(a_hash_starts_again_after_final),
		cmocka_unit_test(a_file_larger_than_the_buffer_hashes_like_its_bytes),
		cmocka_unit_test(a_missing_file_or_a_folder_is_an_error_that_names_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

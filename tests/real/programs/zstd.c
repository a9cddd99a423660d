/* SPDX-License-Identifier: MIT */
/*
 * cc: -lzstd
 * pkg-config: libzstd
 * run: bin/zstd --version
 * run: test "$(echo words | bin/zstd | bin/zstd -d)" = words
 */
#include <stdio.h>
#include <string.h>
#include <zstd.h>

int main(void)
{
	static const char text[] = "the same words, the same words, the same words";
	char packed[256], unpacked[256];
	size_t n = ZSTD_compress(packed, sizeof(packed), text, sizeof(text), 3);

	if (ZSTD_isError(n) || ZSTD_decompress(unpacked, sizeof(unpacked), packed, n) != sizeof(text) ||
	    memcmp(text, unpacked, sizeof(text)) != 0)
		return 1;
	return printf("zstd %s\n", ZSTD_versionString()) < 0;
}

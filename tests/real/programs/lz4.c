/* SPDX-License-Identifier: MIT */
/*
 * cc: -llz4
 * pkg-config: liblz4
 * run: bin/lz4 --version
 * run: test "$(echo words | bin/lz4 | bin/unlz4)" = words
 */
#include <lz4.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	static const char text[] = "the same words, the same words, the same words";
	char packed[256], unpacked[256];
	int n = LZ4_compress_default(text, packed, sizeof(text), sizeof(packed));

	if (n <= 0 || LZ4_decompress_safe(packed, unpacked, n, sizeof(unpacked)) != sizeof(text) ||
	    memcmp(text, unpacked, sizeof(text)) != 0)
		return 1;
	return printf("lz4 %s\n", LZ4_versionString()) < 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * cc: -llzma
 * pkg-config: liblzma
 * run: bin/xz --version
 * run: test "$(echo words | bin/xz | bin/xz -d)" = words
 * run: test "$(echo words | bin/lzma | bin/unlzma)" = words
 */
#include <lzma.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	static const uint8_t text[] = "the same words, the same words, the same words";
	uint8_t packed[256], unpacked[256];
	size_t npacked = 0, in = 0, nunpacked = 0;
	uint64_t memory = UINT64_MAX;

	if (lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, text, sizeof(text), packed, &npacked,
				    sizeof(packed)) != LZMA_OK ||
	    lzma_stream_buffer_decode(&memory, 0, NULL, packed, &in, npacked, unpacked, &nunpacked,
				      sizeof(unpacked)) != LZMA_OK ||
	    nunpacked != sizeof(text) || memcmp(text, unpacked, sizeof(text)) != 0)
		return 1;
	return printf("xz %s\n", lzma_version_string()) < 0;
}

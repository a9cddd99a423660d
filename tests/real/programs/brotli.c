/* SPDX-License-Identifier: MIT */
/*
 * cc: -lbrotlienc -lbrotlidec
 * pkg-config: libbrotlienc libbrotlidec
 * run: bin/brotli --version
 * run: test "$(echo words | bin/brotli -c | bin/brotli -dc)" = words
 */
#include <brotli/decode.h>
#include <brotli/encode.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	static const uint8_t text[] = "the same words, the same words, the same words";
	uint8_t packed[256], unpacked[256];
	size_t npacked = sizeof(packed), nunpacked = sizeof(unpacked);

	if (!BrotliEncoderCompress(BROTLI_DEFAULT_QUALITY, BROTLI_DEFAULT_WINDOW,
				   BROTLI_DEFAULT_MODE, sizeof(text), text, &npacked, packed) ||
	    BrotliDecoderDecompress(npacked, packed, &nunpacked, unpacked) !=
		    BROTLI_DECODER_RESULT_SUCCESS ||
	    nunpacked != sizeof(text) || memcmp(text, unpacked, sizeof(text)) != 0)
		return 1;
	return printf("brotli %x\n", (unsigned)BrotliDecoderVersion()) < 0;
}

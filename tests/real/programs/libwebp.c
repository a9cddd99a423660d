/* SPDX-License-Identifier: MIT */
/*
 * cc: -lwebp -lwebpmux -lwebpdemux
 * pkg-config: libwebp libwebpmux libwebpdemux
 * run: bin/cwebp -version
 * run: bin/webpmux -version
 */
#include <stdio.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

int main(void)
{
	uint8_t pixels[8 * 8 * 4], *file = NULL, *back;
	int width, height, version = WebPGetDecoderVersion();
	size_t n;

	memset(pixels, 0xff, sizeof(pixels));
	n = WebPEncodeLosslessRGBA(pixels, 8, 8, 8 * 4, &file);
	back = n ? WebPDecodeRGBA(file, n, &width, &height) : NULL;
	if (!back || width != 8 || height != 8 || memcmp(pixels, back, sizeof(pixels)) != 0 ||
	    WebPGetMuxVersion() < 0x100 || WebPGetDemuxVersion() < 0x100)
		return 1;
	WebPFree(back);
	WebPFree(file);
	return printf("libwebp %d.%d.%d\n", version >> 16, version >> 8 & 255, version & 255) < 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * cc: -lz
 * pkg-config: zlib
 */
#include <stdio.h>
#include <string.h>
#include <zlib.h>

int main(void)
{
	static const char text[] = "the same words, the same words, the same words";
	unsigned char packed[256], unpacked[256];
	uLongf npacked = sizeof(packed), nunpacked = sizeof(unpacked);

	if (compress(packed, &npacked, (const Bytef *)text, sizeof(text)) != Z_OK ||
	    npacked >= sizeof(text) ||
	    uncompress(unpacked, &nunpacked, packed, npacked) != Z_OK ||
	    nunpacked != sizeof(text) || memcmp(text, unpacked, sizeof(text)) != 0)
		return 1;
	return printf("zlib %s\n", zlibVersion()) < 0;
}

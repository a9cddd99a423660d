/* SPDX-License-Identifier: MIT */
/*
 * cc: -lbz2
 * pkg-config: bzip2
 * run: test "$(echo words | bin/bzip2 | bin/bunzip2)" = words
 * run: echo words | bin/bzip2 | bin/bzip2 -t
 * run: bin/bzgrep . /dev/null || test $? -eq 1
 */
#include <bzlib.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	char text[] = "the same words, the same words, the same words", packed[256], unpacked[256];
	unsigned npacked = sizeof(packed), nunpacked = sizeof(unpacked);

	if (BZ2_bzBuffToBuffCompress(packed, &npacked, text, sizeof(text), 9, 0, 0) != BZ_OK ||
	    BZ2_bzBuffToBuffDecompress(unpacked, &nunpacked, packed, npacked, 0, 0) != BZ_OK ||
	    nunpacked != sizeof(text) || memcmp(text, unpacked, sizeof(text)) != 0)
		return 1;
	return printf("bzip2 %s\n", BZ2_bzlibVersion()) < 0;
}

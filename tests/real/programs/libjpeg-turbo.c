/* SPDX-License-Identifier: MIT */
/*
 * cc: -ljpeg -lturbojpeg
 * pkg-config: libjpeg libturbojpeg
 * run: bin/cjpeg -version
 * run: printf 'P5 2 2 255 abcd' | bin/cjpeg | bin/djpeg | head -c 2 | grep -q P5
 */
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <turbojpeg.h>

int main(void)
{
	unsigned char pixels[16 * 16 * 3] = {0}, *file = NULL;
	unsigned long n = 0;
	int width, height, sampling, colours;
	struct jpeg_error_mgr errors;
	tjhandle handle = tjInitCompress();

	if (!handle || tjCompress2(handle, pixels, 16, 0, 16, TJPF_RGB, &file, &n, TJSAMP_444, 90, 0))
		return 1;
	tjDestroy(handle);
	handle = tjInitDecompress();
	if (!handle ||
	    tjDecompressHeader3(handle, file, n, &width, &height, &sampling, &colours) ||
	    width != 16 || height != 16)
		return 1;
	tjDestroy(handle);
	tjFree(file);
	return !jpeg_std_error(&errors) || printf("libjpeg %d\n", JPEG_LIB_VERSION) < 0;
}

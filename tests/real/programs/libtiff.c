/* SPDX-License-Identifier: MIT */
/*
 * cc: -ltiff
 * pkg-config: libtiff-4
 * run: bin/tiffinfo -h 2>&1 | grep -q LIBTIFF
 * run: bin/tiffcp -h 2>&1 | grep -q LIBTIFF
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <tiffio.h>

int main(void)
{
	const char *dir = getenv("TMPDIR");
	char path[4096];
	unsigned char row[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	uint32_t width = 0;
	TIFF *tiff;

	snprintf(path, sizeof(path), "%s/prove.tif", dir ? dir : "/tmp");
	if (!TIFFIsCODECConfigured(COMPRESSION_ADOBE_DEFLATE) ||
	    !TIFFIsCODECConfigured(COMPRESSION_JPEG) || !(tiff = TIFFOpen(path, "w")))
		return 1;
	TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 8);
	TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 1);
	TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
	TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
	TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
	TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
	if (TIFFWriteScanline(tiff, row, 0, 0) != 1)
		return 1;
	TIFFClose(tiff);
	tiff = TIFFOpen(path, "r");
	if (!tiff || !TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width) || width != 8)
		return 1;
	TIFFClose(tiff);
	return printf("%s\n", TIFFGetVersion()) < 0;
}

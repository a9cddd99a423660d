/* SPDX-License-Identifier: MIT */
/*
 * cc: -lgif
 * run: bin/giftext -h
 * run: bin/gifbuild -h
 */
#include <gif_lib.h>
#include <stdio.h>
#include <string.h>

static struct {
	unsigned char bytes[1024];
	int n, at;
} file;

static int put(GifFileType *gif, const GifByteType *data, int n)
{
	(void)gif;
	if (n > (int)sizeof(file.bytes) - file.n)
		return 0;
	memcpy(file.bytes + file.n, data, (size_t)n);
	file.n += n;
	return n;
}

static int get(GifFileType *gif, GifByteType *data, int n)
{
	(void)gif;
	if (n > file.n - file.at)
		n = file.n - file.at;
	memcpy(data, file.bytes + file.at, (size_t)n);
	file.at += n;
	return n;
}

int main(void)
{
	static const GifColorType colours[2] = {{0, 0, 0}, {255, 255, 255}};
	GifPixelType row[4] = {0, 1, 0, 1};
	int error = 0;
	GifFileType *gif = EGifOpen(NULL, put, &error);
	ColorMapObject *map = GifMakeMapObject(2, colours);

	if (!gif || !map || EGifPutScreenDesc(gif, 4, 1, 1, 0, map) != GIF_OK ||
	    EGifPutImageDesc(gif, 0, 0, 4, 1, 0, NULL) != GIF_OK ||
	    EGifPutLine(gif, row, 4) != GIF_OK || EGifCloseFile(gif, &error) != GIF_OK)
		return 1;
	gif = DGifOpen(NULL, get, &error);
	if (!gif || DGifSlurp(gif) != GIF_OK || gif->ImageCount != 1 ||
	    memcmp(gif->SavedImages[0].RasterBits, row, sizeof(row)) != 0)
		return 1;
	GifFreeMapObject(map);
	DGifCloseFile(gif, &error);
	return printf("giflib %d.%d.%d\n", GIFLIB_MAJOR, GIFLIB_MINOR, GIFLIB_RELEASE) < 0;
}

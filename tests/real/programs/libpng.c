/* SPDX-License-Identifier: MIT */
/*
 * cc: -lpng
 * pkg-config: libpng
 * run: bin/libpng-config --version
 * run: test "$(bin/libpng-config --prefix)" -ef .
 */
#include <png.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	unsigned char pixels[4 * 4 * 3], back[4 * 4 * 3], file[4096];
	png_image image = {.version = PNG_IMAGE_VERSION, .format = PNG_FORMAT_RGB, .width = 4, .height = 4};
	png_alloc_size_t n = sizeof(file);

	for (size_t i = 0; i < sizeof(pixels); i++)
		pixels[i] = (unsigned char)(i * 5);
	if (!png_image_write_to_memory(&image, file, &n, 0, pixels, 0, NULL))
		return 1;
	memset(&image, 0, sizeof(image));
	image.version = PNG_IMAGE_VERSION;
	if (!png_image_begin_read_from_memory(&image, file, n))
		return 1;
	image.format = PNG_FORMAT_RGB;
	if (!png_image_finish_read(&image, NULL, back, 0, NULL) ||
	    memcmp(pixels, back, sizeof(pixels)) != 0)
		return 1;
	return printf("libpng %s\n", png_get_libpng_ver(NULL)) < 0;
}

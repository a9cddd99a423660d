/* SPDX-License-Identifier: MIT */
/*
 * cc: -Iinclude/freetype2 -lfreetype
 * pkg-config: freetype2
 */
#include <ft2build.h>
#include <stdio.h>

#include FT_FREETYPE_H
#include FT_MODULE_H

int main(void)
{
	FT_Library library;
	FT_Int major, minor, patch;

	if (FT_Init_FreeType(&library) || !FT_Get_Module(library, "truetype") ||
	    !FT_Get_Module(library, "smooth"))
		return 1;
	FT_Library_Version(library, &major, &minor, &patch);
	FT_Done_FreeType(library);
	return printf("freetype %d.%d.%d\n", major, minor, patch) < 0;
}

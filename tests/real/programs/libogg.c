/* SPDX-License-Identifier: MIT */
/*
 * cc: -logg
 * pkg-config: ogg
 */
#include <ogg/ogg.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	unsigned char data[] = "words";
	ogg_stream_state stream;
	ogg_packet packet = {.packet = data, .bytes = 5, .b_o_s = 1, .e_o_s = 1};
	ogg_page page;

	if (ogg_stream_init(&stream, 42) || ogg_stream_packetin(&stream, &packet) ||
	    !ogg_stream_flush(&stream, &page) || memcmp(page.header, "OggS", 4) != 0 ||
	    ogg_page_serialno(&page) != 42 || page.body_len != 5)
		return 1;
	ogg_stream_clear(&stream);
	return printf("libogg\n") < 0;
}

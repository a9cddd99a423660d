/* SPDX-License-Identifier: MIT */
/*
 * cc: -lnghttp2
 * pkg-config: libnghttp2
 */
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	uint8_t packed[128], name[] = ":method", value[] = "GET";
	nghttp2_nv header = {name, value, sizeof(name) - 1, sizeof(value) - 1, NGHTTP2_NV_FLAG_NONE}, back;
	nghttp2_hd_deflater *deflater;
	nghttp2_hd_inflater *inflater;
	nghttp2_ssize n;
	int flags = 0;

	if (nghttp2_hd_deflate_new(&deflater, 4096) || nghttp2_hd_inflate_new(&inflater))
		return 1;
	n = nghttp2_hd_deflate_hd2(deflater, packed, sizeof(packed), &header, 1);
	if (n <= 0 || nghttp2_hd_inflate_hd3(inflater, &back, &flags, packed, (size_t)n, 1) != n ||
	    !(flags & NGHTTP2_HD_INFLATE_EMIT) || strcmp((char *)back.value, "GET") != 0)
		return 1;
	nghttp2_hd_deflate_del(deflater);
	nghttp2_hd_inflate_del(inflater);
	return printf("nghttp2 %s\n", nghttp2_version(0)->version_str) < 0;
}

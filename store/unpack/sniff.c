/* SPDX-License-Identifier: MIT */
#include "store/unpack/sniff.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

bool cenv_sniff_html(const void *data, size_t len)
{
	static const char *const starts[] = {"<!doctype html", "<html", "<head",
					     "<body",	       "<!--",	"<?xml"};
	const char *p = data;

	if (len >= 3 && !memcmp(p, "\xef\xbb\xbf", 3)) {
		p += 3;
		len -= 3;
	}
	while (len && isspace((unsigned char)*p)) {
		p++;
		len--;
	}
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (len >= strlen(starts[i]) && !strncasecmp(p, starts[i], strlen(starts[i])))
			return true;
	return false;
}

bool cenv_sniff_html_fd(int fd)
{
	char head[CENV_SNIFF_LEN];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	return n > 0 && cenv_sniff_html(head, (size_t)n);
}

/* SPDX-License-Identifier: MIT */
#include "store/fetch/url.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/fetch/fetch.h"

bool cenv_url_has_scheme(const char *url, const char *scheme)
{
	size_t len = strlen(scheme);

	return !strncasecmp(url, scheme, len) && !strncmp(url + len, "://", 3);
}

bool cenv_url_is_remote(const char *url)
{
	return cenv_url_has_scheme(url, "http") || cenv_url_has_scheme(url, "https");
}

/* What follows "scheme://", and how long it is up to the path, query or fragment. */
static const char *authority(const char *url, size_t *len)
{
	const char *sep = strstr(url, "://");

	if (!sep)
		return NULL;
	*len = strcspn(sep + 3, "/?#\\");
	return sep + 3;
}

static const char *last_at(const char *s, size_t len)
{
	while (len-- > 0)
		if (s[len] == '@')
			return s + len;
	return NULL;
}

bool cenv_url_is_loopback(const char *url)
{
	size_t len;
	const char *host = authority(url, &len), *at;
	bool is;
	char *name;

	if (!host)
		return false;
	at = last_at(host, len);
	if (at) {
		len -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	if (*host == '[')
		return len >= 5 && !strncmp(host, "[::1]", 5);
	name = cenv_xstrndup(host, len);
	name[strcspn(name, ":")] = '\0';
	is = !strcasecmp(name, "localhost");
	/* 127.x.y.z, and not 127.evil.example */
	if (cenv_str_starts(name, "127.") && strspn(name, "0123456789.") == strlen(name))
		is = true;
	free(name);
	return is;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* NULL when it would decode to a NUL. */
static char *percent_decode(const char *s, size_t len)
{
	struct cenv_buf out = CENV_BUF_INIT;

	for (size_t i = 0; i < len; i++) {
		int high = -1, low = -1;

		if (s[i] == '%' && len - i > 2) {
			high = hex_digit(s[i + 1]);
			low = hex_digit(s[i + 2]);
		}
		if (high < 0 || low < 0) {
			cenv_buf_addc(&out, s[i]);
			continue;
		}
		if (high == 0 && low == 0) {
			cenv_buf_release(&out);
			return NULL;
		}
		cenv_buf_addc(&out, (char)(high << 4 | low));
		i += 2;
	}
	return cenv_buf_detach(&out);
}

char *cenv_url_local_path(const char *url)
{
	const char *path = url;

	if (strncasecmp(url, "file:", 5))
		return strstr(url, "://") ? NULL : cenv_xstrdup(url);
	path += 5;
	if (!strncmp(path, "//", 2)) { /* file:///x and file://localhost/x */
		path += 2;
		if (!strncasecmp(path, "localhost/", 10))
			path += 9;
		if (*path != '/')
			return NULL;
	}
	return percent_decode(path, strcspn(path, "?#"));
}

char *cenv_url_file_name(const char *url)
{
	bool is_url = strstr(url, "://") || !strncasecmp(url, "file:", 5);
	const char *path = url, *slash;
	size_t len;
	char *name;

	if (strstr(url, "://")) {
		path = authority(url, &len);
		path += len;
	}
	len = is_url ? strcspn(path, "?#") : strlen(path);
	for (slash = path + len; slash > path && slash[-1] != '/'; slash--)
		;
	name = percent_decode(slash, (size_t)(path + len - slash));
	if (name && *name && *name != '.' && !strchr(name, '/'))
		return name;
	free(name);
	return NULL;
}

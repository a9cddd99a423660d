/* SPDX-License-Identifier: MIT */
#include "core/location.h"

#include <string.h>
#include <strings.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"

size_t cenv_location_scheme(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"0123456789+.-");

	return n > 1 && text[n] == ':' && (text[0] | 0x20) >= 'a' ? n : 0;
}

bool cenv_location_is_url(const char *text)
{
	return cenv_location_scheme(text) > 0;
}

int cenv_location_check_scheme(const char *text, struct cenv_err *err)
{
	static const char *const known[] = {"https", "http", "file"};
	size_t len = cenv_location_scheme(text);

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (len == strlen(known[i]) && !strncasecmp(text, known[i], len))
			return 0;
	if (len == 0)
		return 0;
	return cenv_err_set(err, CENV_E_SYNTAX,
			    "cannot fetch '%.*s' URLs: https, http and file are known", (int)len,
			    text);
}

bool cenv_location_has_host(const char *text)
{
	size_t len = cenv_location_scheme(text);

	return len && !strncmp(text + len, "://", 3);
}

/* Where the path of "scheme://host/path" starts; the end when it has none. */
static const char *url_path(const char *url)
{
	const char *rest = url + cenv_location_scheme(url) + 1;

	return cenv_location_has_host(url) ? rest + 2 + strcspn(rest + 2, "/?#") : rest;
}

/* A path with one slash at its start: file://x would be a URL's host. */
static const char *one_root(const char *path)
{
	while (path[0] == '/' && path[1] == '/')
		path++;
	return path;
}

char *cenv_location_join(const char *base, const char *ref)
{
	if (cenv_location_is_url(ref))
		return cenv_xstrdup(ref);
	if (ref[0] == '/') {
		if (base && cenv_location_has_host(base))
			return cenv_strf("%.*s%s", (int)(url_path(base) - base), base, ref);
		return cenv_xstrdup(one_root(ref));
	}
	if (!base || !*base)
		return cenv_xstrdup(ref);
	while (ref[0] == '.' && ref[1] == '/')
		ref += 2 + strspn(ref + 2, "/");
	if (!*ref)
		return cenv_xstrdup(base);
	return cenv_strf("%s%s%s", base, cenv_str_ends(base, "/") ? "" : "/", ref);
}

char *cenv_location_dir(const char *file)
{
	size_t len = strlen(file), root = 0;

	if (cenv_location_has_host(file)) {
		root = (size_t)(url_path(file) - file);
		len = root + strcspn(file + root, "?#");
	}
	while (len > root && file[len - 1] != '/')
		len--;
	while (len > root + (root == 0) && file[len - 1] == '/')
		len--;
	return cenv_xstrndup(file, len);
}

char *cenv_location_normal(const char *path)
{
	struct cenv_buf out = CENV_BUF_INIT;
	size_t root = cenv_location_is_url(path) ? (size_t)(url_path(path) - path) : 0;
	size_t depth = 0; /* components that a ".." may take away */

	cenv_buf_add(&out, path, root);
	path += root;
	if (*path == '/')
		cenv_buf_addc(&out, '/');
	root = out.len;
	while (*(path += strspn(path, "/"))) {
		size_t n = strcspn(path, "/");

		if (n == 2 && path[0] == '.' && path[1] == '.' && depth) {
			while (out.len > root && out.buf[out.len - 1] != '/')
				cenv_buf_truncate(&out, out.len - 1);
			if (out.len > root)
				cenv_buf_truncate(&out, out.len - 1);
			depth--;
		} else if (n != 1 || path[0] != '.') {
			if (out.len > root)
				cenv_buf_addc(&out, '/');
			cenv_buf_add(&out, path, n);
			depth += n != 2 || path[0] != '.' || path[1] != '.';
		}
		path += n;
	}
	return cenv_buf_detach(&out);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void cenv_location_percent_decode(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '%' && hex_value(s[1]) >= 0 && hex_value(s[2]) >= 0) {
			*to++ = (char)(hex_value(s[1]) * 16 + hex_value(s[2]));
			s += 2;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

static void percent_encode(struct cenv_buf *out, const char *s, const char *keep)
{
	for (; *s; s++) {
		if (strchr(keep, *s))
			cenv_buf_addc(out, *s);
		else
			cenv_buf_addf(out, "%%%02X", (unsigned char)*s);
	}
}

#define UNRESERVED "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"

char *cenv_location_percent_encode(const char *path)
{
	struct cenv_buf out = CENV_BUF_INIT;

	percent_encode(&out, path, UNRESERVED "/+@=,:;&!'()*[]|");
	return cenv_buf_detach(&out);
}

static void quote_path(struct cenv_buf *out, const char *path)
{
	static const char plain[] = UNRESERVED "/+@%=,:";
	bool is_plain = strspn(path, plain) == strlen(path);

	if (!is_plain)
		cenv_buf_adds(out, "file:");
	if (*path != '/' && *path != '.')
		cenv_buf_adds(out, "./");
	if (is_plain)
		cenv_buf_adds(out, path);
	else
		percent_encode(out, path, UNRESERVED "/");
}

void cenv_location_quote(struct cenv_buf *out, const char *location)
{
	/* '$' and '{' would be a variable, '\\' at the end a continuation */
	if (cenv_location_has_host(location))
		percent_encode(out, location, UNRESERVED "/+@%=,:;?&#!'()*[]|");
	else
		quote_path(out, one_root(location));
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/location.h"
#include "core/requirement.h"
#include "core/version.h"

/* What archives that cenv unpacks are called: longer endings before those they end with. */
static const char *const endings[] = {
	".tar.gz", ".tgz",     ".tar.bz2", ".tbz2", ".tbz",	".tar.xz", ".txz",
	".tar.zst", ".tar.zstd", ".tzst",    ".tar.lz4", ".tar", ".zip",
};

static size_t ending_len(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		size_t n = strlen(endings[i]);

		if (len > n && !strncasecmp(name + len - n, endings[i], n))
			return n;
	}
	return 0;
}

bool cenv_is_archive_name(const char *name)
{
	return ending_len(name, strlen(name)) > 0;
}

char *cenv_archive_base_name(const char *file_or_url)
{
	bool url = cenv_location_is_url(file_or_url);
	size_t len = url ? strcspn(file_or_url, "?#") : strlen(file_or_url), start = len;
	char *name;

	while (start > 0 && file_or_url[start - 1] != '/')
		start--;
	name = cenv_xstrndup(file_or_url + start, len - start);
	if (url)
		cenv_location_percent_decode(name);
	return name;
}

static void strip_end(char *s, const char *end)
{
	if (cenv_str_ends(s, end))
		s[strlen(s) - strlen(end)] = '\0';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "3d" of lib-3d-1.0: digits and letters without a dot, which can be the last
 * word of a name as well as a version (jpeg-9d). */
static bool looks_like_word(const char *p)
{
	size_t digits = strspn(p, "0123456789");

	p += digits;
	while ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')
		p++;
	return !is_digit(p[-1]) && (*p == '-' || *p == '_');
}

/* Does a number with a dot follow behind a later separator? */
static bool has_later_version(const char *p)
{
	while ((p = strpbrk(p, "-_"))) {
		p++;
		if (is_digit(*p) && p[strspn(p, "0123456789")] == '.')
			return true;
	}
	return false;
}

/* The separator before the version: the first '-' or '_' that a digit, or v and
 * a digit, follows. NULL: the name does not follow NAME-VERSION. */
static char *find_split(char *stem)
{
	for (char *p = strpbrk(stem, "-_"); p; p = strpbrk(p + 1, "-_")) {
		const char *v = p + 1 + (p[1] == 'v' || p[1] == 'V');

		if (p > stem && is_digit(*v) && !(looks_like_word(v) && has_later_version(v)))
			return p;
	}
	return NULL;
}

bool cenv_archive_name_split(const char *file_or_url, char **name, char **version)
{
	char *stem = cenv_archive_base_name(file_or_url), *split;
	size_t ending = ending_len(stem, strlen(stem));
	bool ok = false;

	*name = *version = NULL;
	stem[strlen(stem) - ending] = '\0';
	strip_end(stem, ".orig"); /* foo_1.2.orig.tar.xz, as Debian keeps sources */
	strip_end(stem, "-src");
	strip_end(stem, "-source");
	split = ending ? find_split(stem) : NULL;
	if (split) {
		const char *v = split + 1 + !is_digit(split[1]);

		*split = '\0';
		ok = cenv_name_valid(stem, strlen(stem)) && cenv_version_valid(v);
		if (ok) {
			*name = cenv_xstrdup(stem);
			*version = cenv_xstrdup(v);
		}
	}
	free(stem);
	return ok;
}

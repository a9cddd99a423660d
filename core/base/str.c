/* SPDX-License-Identifier: MIT */
#include "core/base/str.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

bool cenv_str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool cenv_str_ends(const char *s, const char *suffix)
{
	size_t len = strlen(s), tail = strlen(suffix);

	return len >= tail && !memcmp(s + len - tail, suffix, tail);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

void cenv_str_trim(const char **s, size_t *len)
{
	while (*len && is_blank(**s)) {
		(*s)++;
		(*len)--;
	}
	while (*len && is_blank((*s)[*len - 1]))
		(*len)--;
}

static bool is_separator(char c)
{
	return c == '-' || c == '_' || c == '.';
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char *cenv_name_normalize(const char *name)
{
	struct cenv_buf out = CENV_BUF_INIT;

	for (const char *p = name; *p; p++) {
		if (!is_separator(*p))
			cenv_buf_addc(&out, *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p);
		else if (p == name || !is_separator(p[-1]))
			cenv_buf_addc(&out, '-');
	}
	return cenv_buf_detach(&out);
}

bool cenv_name_valid(const char *name, size_t len)
{
	if (len == 0 || len > 128 || is_separator(name[0]) || is_separator(name[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(name[i]) && !is_separator(name[i]) && name[i] != '+')
			return false;
	return true;
}

bool cenv_glob_has_magic(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

/* Matches one bracket expression at *pattern against c and steps past it; a
 * bracket that is never closed stands for itself. */
static bool match_bracket(const char **pattern, unsigned char c)
{
	const char *p = *pattern + 1;
	bool negate = *p == '!' || *p == '^', hit = false, first = true;

	if (negate)
		p++;
	for (; *p && (first || *p != ']'); first = false) {
		unsigned char low = (unsigned char)*p++, high = low;

		if (*p == '-' && p[1] && p[1] != ']') {
			high = (unsigned char)p[1];
			p += 2;
		}
		if (c >= low && c <= high)
			hit = true;
	}
	if (!*p) {
		(*pattern)++;
		return c == '[';
	}
	*pattern = p + 1;
	return hit != negate;
}

bool cenv_glob_match(const char *pattern, const char *s)
{
	const char *star = NULL, *resume = NULL;

	while (*s) {
		const char *p = pattern;
		bool ok;

		if (*pattern == '*') {
			star = ++pattern;
			resume = s;
			continue;
		}
		if (*pattern == '[') {
			ok = match_bracket(&p, (unsigned char)*s);
		} else {
			ok = *pattern && (*pattern == '?' || *pattern == *s);
			p = pattern + 1;
		}
		if (ok) {
			pattern = p;
			s++;
		} else if (star) {
			pattern = star;
			s = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned cenv_edit_distance(const char *a, const char *b, unsigned max)
{
	size_t la = strlen(a), lb = strlen(b);
	unsigned rows[3][130], *before = rows[0], *prev = rows[1], *cur = rows[2];

	if (la > 128 || lb > 128 || (la > lb ? la - lb : lb - la) > max)
		return max + 1;
	for (unsigned j = 0; j <= lb; j++)
		prev[j] = j;
	for (size_t i = 1; i <= la; i++) {
		unsigned *spare = before;

		cur[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned cost = a[i - 1] != b[j - 1];

			cur[j] = min3(prev[j] + 1, cur[j - 1] + 1, prev[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + cost < cur[j])
				cur[j] = before[j - 2] + cost;
		}
		before = prev;
		prev = cur;
		cur = spare;
	}
	return prev[lb] > max ? max + 1 : prev[lb];
}

struct near_name {
	const char *name;
	unsigned distance;
};

static int compare_near(const void *a, const void *b)
{
	const struct near_name *x = a, *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return strcmp(x->name, y->name);
}

size_t cenv_suggest(const char *word, const char *const *known, size_t nknown, const char **out,
		    size_t want)
{
	size_t len = strlen(word), n = 0;
	unsigned max = len <= 3 ? 1 : len <= 6 ? 2 : 3;
	struct near_name *near = cenv_xcalloc(nknown, sizeof(*near));

	for (size_t i = 0; i < nknown; i++) {
		unsigned d = cenv_edit_distance(word, known[i], max);

		/* "png" for libpng, "sqlite" for sqlite3: one holds the other */
		if (d > max && len >= 3 && (strstr(known[i], word) || strstr(word, known[i])) &&
		    strlen(known[i]) >= 3)
			d = max;
		if (d <= max)
			near[n++] = (struct near_name){known[i], d};
	}
	if (n > 1)
		qsort(near, n, sizeof(*near), compare_near);
	if (n > want)
		n = want;
	for (size_t i = 0; i < n; i++)
		out[i] = near[i].name;
	free(near);
	return n;
}

void cenv_shell_quote(struct cenv_buf *out, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_@%+=:,./-";

	if (*s && strspn(s, plain) == strlen(s)) {
		cenv_buf_adds(out, s);
		return;
	}
	cenv_buf_addc(out, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			cenv_buf_adds(out, "'\\''");
		else
			cenv_buf_addc(out, *s);
	}
	cenv_buf_addc(out, '\'');
}

size_t cenv_utf8_decode(const char *text, size_t len, unsigned long *out)
{
	static const unsigned long first[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *s = (const unsigned char *)text;
	unsigned long cp;
	size_t n;

	if (s[0] < 0x80)
		n = 1;
	else if ((s[0] & 0xe0) == 0xc0)
		n = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		n = 3;
	else if ((s[0] & 0xf8) == 0xf0)
		n = 4;
	else
		return 0;
	if (len < n)
		return 0;
	cp = n == 1 ? s[0] : s[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (s[i] & 0x3f);
	}
	/* longer than need be, a half of a pair, or beyond the last */
	if (cp < first[n] || (cp >= 0xd800 && cp < 0xe000) || cp > 0x10ffff)
		return 0;
	*out = cp;
	return n;
}

bool cenv_utf8_is_printable(unsigned long cp)
{
	/* C0 and C1 controls, and the bidirectional overrides that reorder a line */
	return cp >= 0x20 && !(cp >= 0x7f && cp < 0xa0) && !(cp >= 0x202a && cp <= 0x202e) &&
	       !(cp >= 0x2066 && cp <= 0x2069);
}

bool cenv_is_printable(const char *s, size_t len)
{
	unsigned long cp;

	for (size_t i = 0, n; i < len; i += n) {
		n = cenv_utf8_decode(s + i, len - i, &cp);
		if (!n || !cenv_utf8_is_printable(cp))
			return false;
	}
	return true;
}

void cenv_escape(struct cenv_buf *out, const char *s, size_t len, bool keep_lines)
{
	unsigned long cp;

	for (size_t i = 0, n; i < len; i += n) {
		n = cenv_utf8_decode(s + i, len - i, &cp);
		if (n && (cenv_utf8_is_printable(cp) ||
			  (keep_lines && (cp == '\n' || cp == '\t')))) {
			cenv_buf_add(out, s + i, n);
			continue;
		}
		n = 1; /* what follows is no character either, and gets its turn */
		cenv_buf_addf(out, "\\x%02x", (unsigned char)s[i]);
	}
}

bool cenv_is_date(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (i == 4 || i == 7 ? s[i] != '-' : s[i] < '0' || s[i] > '9')
			return false;
	return len == strlen("YYYY-MM-DD");
}

bool cenv_is_sha256(const char *s, size_t len)
{
	if (len != 64)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned)(s[i] - '0') > 9 && (unsigned)((s[i] | 0x20) - 'a') > 5)
			return false;
	return true;
}

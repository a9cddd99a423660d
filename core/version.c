/* SPDX-License-Identifier: MIT */
#include "core/version.h"

#include <string.h>
#include <strings.h>

#include "core/version_part.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool word_is(const char *word, size_t len, const char *keyword)
{
	return len == strlen(keyword) && !strncasecmp(word, keyword, len);
}

static bool word_starts(const char *word, size_t len, const char *keyword)
{
	return len >= strlen(keyword) && !strncasecmp(word, keyword, strlen(keyword));
}

static enum cenv_version_rank rank_word(const char *word, size_t len, enum cenv_version_rank other)
{
	if (word_is(word, len, "alpha") || word_is(word, len, "beta") || word_is(word, len, "rc") ||
	    word_starts(word, len, "pre"))
		return CENV_RANK_PRE;
	if (word_starts(word, len, "post") || word_starts(word, len, "patch") ||
	    word_is(word, len, "pl") || word_is(word, len, "errata"))
		return CENV_RANK_POST;
	return other;
}

/* A word right behind a number and not before one (1.0a, 1.0a.1, but not
 * 1.0a1) is a letter suffix, which ranks above any number. */
static void read_word(struct cenv_version_part *part, const char *p, bool glued)
{
	size_t len = 0;

	while (is_alpha(p[len]))
		len++;
	part->start = p;
	part->len = len;
	part->rank = rank_word(p, len,
			       glued && !is_digit(p[len]) ? CENV_RANK_SUFFIX : CENV_RANK_PRE);
}

static void read_number(struct cenv_version_part *part, const char *p)
{
	while (*p == '0')
		p++;
	part->start = p;
	while (is_digit(*p))
		p++;
	part->len = (size_t)(p - part->start);
	part->rank = part->len ? CENV_RANK_NUMBER : CENV_RANK_ZERO;
}

bool cenv_version_next(const char **pos, struct cenv_version_part *part)
{
	const char *p = *pos;
	bool glued = is_alpha(*p) && part->start && part->rank != CENV_RANK_END;

	while (*p && !is_digit(*p) && !is_alpha(*p))
		p++;
	if (!*p) {
		*part = (struct cenv_version_part){.start = p, .rank = CENV_RANK_END};
		*pos = p;
		return false;
	}
	if (is_digit(*p))
		read_number(part, p);
	else
		read_word(part, p, glued);
	*pos = part->start + part->len;
	return true;
}

static int sign(long n)
{
	return (n > 0) - (n < 0);
}

static int compare_text(const struct cenv_version_part *a, const struct cenv_version_part *b)
{
	if (a->rank == CENV_RANK_ZERO)
		return 0;
	if (a->rank != CENV_RANK_NUMBER) /* a first letter is all that counts: a is alpha */
		return sign((a->start[0] | 0x20) - (b->start[0] | 0x20));
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return sign(memcmp(a->start, b->start, a->len));
}

int cenv_version_part_cmp(const struct cenv_version_part *a, const struct cenv_version_part *b)
{
	/* what is missing counts as a zero: 1 is 1.0 */
	enum cenv_version_rank ra = a->rank == CENV_RANK_END ? CENV_RANK_ZERO : a->rank;
	enum cenv_version_rank rb = b->rank == CENV_RANK_END ? CENV_RANK_ZERO : b->rank;

	if (ra != rb)
		return ra < rb ? -1 : 1;
	return ra == CENV_RANK_ZERO ? 0 : compare_text(a, b);
}

/*
 * Most versions are numbers with dots between them. Step over those that begin both, as the parts
 * would compare: a number's length without leading zeros decides, then its digits.
 *
 * @return what decided, or 0 with *a and *b behind numbers that are equal.
 */
static int compare_numbers(const char **a, struct cenv_version_part *x, const char **b,
			   struct cenv_version_part *y)
{
	while (is_digit(**a) && is_digit(**b)) {
		int diff;

		read_number(x, *a);
		read_number(y, *b);
		diff = x->len != y->len ? (x->len < y->len ? -1 : 1)
					: memcmp(x->start, y->start, x->len);
		if (diff)
			return sign(diff);
		*a = x->start + x->len;
		*b = y->start + y->len;
		/* a letter may belong to the number before it: that is for the parts to say */
		if (**a != '.' || **b != '.' || !is_digit((*a)[1]) || !is_digit((*b)[1]))
			break;
		(*a)++;
		(*b)++;
	}
	return 0;
}

int cenv_version_cmp(const char *a, const char *b)
{
	struct cenv_version_part x = {0}, y = {0};
	bool more_x = true, more_y = true;
	int numbers = compare_numbers(&a, &x, &b, &y);

	if (numbers || (!*a && !*b))
		return numbers;

	while (more_x || more_y) {
		int diff;

		more_x = cenv_version_next(&a, &x);
		more_y = cenv_version_next(&b, &y);
		diff = cenv_version_part_cmp(&x, &y);
		if (diff)
			return diff;
	}
	return 0;
}

/* Words that upstreams put on what is not released yet. A word that only sorts
 * below the release (2.1.13-stable, 1.3.dfsg) is none of them; a1 and b2 are,
 * while 1.0a and 1.1.1b are releases with a letter. */
static bool is_prerelease_word(const char *word, size_t len)
{
	static const char *const words[] = {"alpha", "beta",	"rc",	    "dev",
					    "devel", "snapshot", "nightly", "unstable"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (word_is(word, len, words[i]))
			return true;
	if (len == 1 && is_digit(word[1]))
		return (*word | 0x20) == 'a' || (*word | 0x20) == 'b';
	return word_starts(word, len, "pre");
}

static bool has_letter(const char *s)
{
	while (*s && !is_alpha(*s))
		s++;
	return *s != '\0';
}

bool cenv_version_is_prerelease(const char *version)
{
	struct cenv_version_part part = {0};

	if (!has_letter(version))
		return false;
	while (cenv_version_next(&version, &part))
		if (part.len && is_alpha(*part.start) && is_prerelease_word(part.start, part.len))
			return true;
	return false;
}

static bool is_separator(char c)
{
	return c == '.' || c == '_' || c == '+' || c == '-' || c == '~' || c == ':';
}

bool cenv_version_valid(const char *version)
{
	size_t len = strnlen(version, 129);

	if (len == 0 || len > 128 || !(is_digit(*version) || is_alpha(*version)))
		return false;
	for (; *version; version++)
		if (!is_digit(*version) && !is_alpha(*version) && !is_separator(*version))
			return false;
	return true;
}

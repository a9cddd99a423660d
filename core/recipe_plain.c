/* SPDX-License-Identifier: MIT */
#include "core/recipe_plain.h"

#include <string.h>

#include "core/base/str.h"
#include "core/ini.h"
#include "core/requirement_plain.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* These look at all bytes, whatever the first ones are: so written, many at a time. */

static bool is_lower_hex(const char *s, size_t len)
{
	unsigned char bad = 0;

	if (len != 64)
		return false;
	for (size_t i = 0; i < 64; i++) {
		unsigned char is_digit = (unsigned char)(s[i] - '0') < 10;
		unsigned char is_letter = (unsigned char)(s[i] - 'a') < 6;

		bad |= !(is_digit | is_letter);
	}
	return !bad;
}

static bool is_visible(const char *s, size_t len)
{
	unsigned char bad = 0;

	for (size_t i = 0; i < len; i++)
		bad |= (unsigned char)(s[i] - '!') > '~' - '!';
	return len > 0 && !bad;
}

static bool starts(const struct cenv_plain_line *line, const char *word, size_t n)
{
	return line->len > n && !memcmp(line->value, word, n);
}

/* @return the key that the line may begin with, *len its length */
static enum cenv_plain_key guess_key(const struct cenv_plain_line *line, size_t *len)
{
	switch (*line->value) {
	case 'u':
		*len = 3;
		return starts(line, "url", 3) ? CENV_PLAIN_URL : CENV_PLAIN_OTHER;
	case 's':
		*len = 6;
		return starts(line, "sha256", 6) ? CENV_PLAIN_SHA256 : CENV_PLAIN_OTHER;
	case 'r':
		*len = 8;
		return starts(line, "requires", 8) ? CENV_PLAIN_REQUIRES : CENV_PLAIN_OTHER;
	case 'd':
		*len = 4;
		return starts(line, "date", 4) ? CENV_PLAIN_DATE : CENV_PLAIN_OTHER;
	case 't':
		*len = 9;
		return starts(line, "tree-hash", 9) ? CENV_PLAIN_TREE_HASH : CENV_PLAIN_OTHER;
	default:
		return CENV_PLAIN_OTHER;
	}
}

/* The key of `key = value`; the rest of the line is left in out. */
static enum cenv_plain_key read_key(struct cenv_plain_line *out)
{
	size_t n = 0;
	enum cenv_plain_key key = guess_key(out, &n);

	if (key == CENV_PLAIN_OTHER)
		return CENV_PLAIN_OTHER;
	while (n < out->len && is_blank(out->value[n]))
		n++;
	if (n == out->len || out->value[n] != '=')
		return CENV_PLAIN_OTHER;
	for (n++; n < out->len && is_blank(out->value[n]);)
		n++;
	out->value += n;
	out->len -= n;
	return key;
}

static enum cenv_plain_key read_entry(struct cenv_plain_reader *reader, struct cenv_plain_line *out)
{
	enum cenv_plain_key key = read_key(out);
	bool again = key != CENV_PLAIN_URL && (reader->seen & 1u << key);

	reader->seen |= 1u << key;
	reader->in_requires = key == CENV_PLAIN_REQUIRES;
	if (again)
		return CENV_PLAIN_OTHER;
	return reader->in_requires && !out->len ? CENV_PLAIN_NONE : key;
}

bool cenv_plain_next(struct cenv_plain_reader *reader, struct cenv_plain_line *out)
{
	const char *newline, *start = reader->at;
	size_t indent = 0, len;

	if (reader->at == reader->end || *reader->at == '[')
		return false;
	newline = memchr(start, '\n', (size_t)(reader->end - start));
	len = (size_t)((newline ? newline : reader->end) - start);
	reader->at = newline ? newline + 1 : reader->end;
	reader->line++;
	while (len > 0 && is_blank(start[len - 1]))
		len--;
	while (indent < len && is_blank(start[indent]))
		indent++;
	*out = (struct cenv_plain_line){.value = start + indent, .len = len - indent};
	if (indent == len || *out->value == '#' || *out->value == ';')
		return true;
	if (len > CENV_INI_LINE_MAX)
		out->key = CENV_PLAIN_OTHER;
	else if (indent)
		out->key = reader->in_requires ? CENV_PLAIN_REQUIRES : CENV_PLAIN_OTHER;
	else
		out->key = read_entry(reader, out);
	return true;
}

/* Is it a plain requirement of another package? */
static bool requires_other(const struct cenv_plain_line *line, const char *key, size_t key_len)
{
	size_t name = cenv_requirement_plain(NULL, line->value, line->len, NULL);

	return name && (name != key_len || memcmp(line->value, key, key_len) != 0);
}

bool cenv_plain_body(struct cenv_plain_body *out, const char *text, size_t len, const char *key)
{
	const unsigned needed = 1u << CENV_PLAIN_URL | 1u << CENV_PLAIN_SHA256;
	struct cenv_plain_reader reader = {.at = text, .end = text + len};
	struct cenv_plain_line line;
	size_t key_len = strlen(key);
	bool fits = true;

	*out = (struct cenv_plain_body){0};
	while (fits && cenv_plain_next(&reader, &line)) {
		switch (line.key) {
		case CENV_PLAIN_NONE:
			break;
		case CENV_PLAIN_URL:
			fits = is_visible(line.value, line.len);
			break;
		case CENV_PLAIN_SHA256:
		case CENV_PLAIN_TREE_HASH:
			fits = is_lower_hex(line.value, line.len);
			break;
		case CENV_PLAIN_DATE:
			fits = cenv_is_date(line.value, line.len);
			out->date = line.value;
			out->date_len = line.len;
			break;
		case CENV_PLAIN_REQUIRES:
			fits = requires_other(&line, key, key_len);
			out->requires++;
			break;
		case CENV_PLAIN_OTHER:
			fits = false;
			break;
		}
	}
	out->len = (size_t)(reader.at - text);
	out->lines = reader.line;
	return fits && (reader.seen & needed) == needed;
}

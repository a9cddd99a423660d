/* SPDX-License-Identifier: MIT */
#include "core/recipe_plain.h"

#include <string.h>

#include "core/base/str.h"
#include "core/ini.h"
#include "core/requirement_plain.h"

static const struct {
	const char *name;
	size_t len;
	enum cenv_plain_key key;
} keys[] = {
	{"url", 3, CENV_PLAIN_URL},
	{"sha256", 6, CENV_PLAIN_SHA256},
	{"requires", 8, CENV_PLAIN_REQUIRES},
	{"date", 4, CENV_PLAIN_DATE},
	{"tree-hash", 9, CENV_PLAIN_TREE_HASH},
};
#define N_KEYS (sizeof(keys) / sizeof(*keys))

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_lower_hex(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'f')))
			return false;
	return len == 64;
}

static bool is_date(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (i == 4 || i == 7 ? s[i] != '-' : s[i] < '0' || s[i] > '9')
			return false;
	return len == 10;
}

static bool is_visible(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] <= ' ' || s[i] > '~')
			return false;
	return len > 0;
}

static bool value_fits(const struct cenv_plain_line *line)
{
	switch (line->key) {
	case CENV_PLAIN_URL:
		return is_visible(line->value, line->len);
	case CENV_PLAIN_SHA256:
	case CENV_PLAIN_TREE_HASH:
		return is_lower_hex(line->value, line->len);
	case CENV_PLAIN_DATE:
		return is_date(line->value, line->len);
	case CENV_PLAIN_REQUIRES:
		return cenv_requirement_plain(NULL, line->value, line->len, NULL);
	case CENV_PLAIN_NONE:
	case CENV_PLAIN_OTHER:
		break;
	}
	return false;
}

/* The key of `key = value`; the rest of the line is left in out. */
static enum cenv_plain_key read_key(struct cenv_plain_line *out)
{
	for (size_t i = 0; i < N_KEYS; i++) {
		size_t n = keys[i].len;

		if (out->len <= n || memcmp(out->value, keys[i].name, n) != 0)
			continue;
		while (n < out->len && is_blank(out->value[n]))
			n++;
		if (n == out->len || out->value[n] != '=')
			continue;
		for (n++; n < out->len && is_blank(out->value[n]);)
			n++;
		out->value += n;
		out->len -= n;
		return keys[i].key;
	}
	return CENV_PLAIN_OTHER;
}

static void read_entry(struct cenv_plain_reader *reader, struct cenv_plain_line *out)
{
	bool again;

	out->key = read_key(out);
	again = out->key != CENV_PLAIN_URL && (reader->seen & 1u << out->key);
	reader->seen |= 1u << out->key;
	reader->in_requires = out->key == CENV_PLAIN_REQUIRES;
	if (again || out->key == CENV_PLAIN_OTHER)
		out->key = CENV_PLAIN_OTHER;
	else if (reader->in_requires && !out->len)
		out->key = CENV_PLAIN_NONE;
	else if (!value_fits(out))
		out->key = CENV_PLAIN_OTHER;
}

static void read_item(struct cenv_plain_reader *reader, struct cenv_plain_line *out)
{
	out->key = CENV_PLAIN_REQUIRES;
	if (!reader->in_requires || !value_fits(out))
		out->key = CENV_PLAIN_OTHER;
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
		read_item(reader, out);
	else
		read_entry(reader, out);
	return true;
}

bool cenv_plain_body(struct cenv_plain_reader *reader, const char *key)
{
	const unsigned needed = 1u << CENV_PLAIN_URL | 1u << CENV_PLAIN_SHA256;
	struct cenv_plain_line line;
	size_t key_len = strlen(key);

	while (cenv_plain_next(reader, &line)) {
		if (line.key == CENV_PLAIN_OTHER)
			return false;
		if (line.key == CENV_PLAIN_REQUIRES &&
		    cenv_requirement_plain_name(line.value, line.len) == key_len &&
		    !memcmp(line.value, key, key_len))
			return false;
	}
	return (reader->seen & needed) == needed;
}

const char *cenv_plain_date(const char *body, size_t len, size_t *date_len)
{
	struct cenv_plain_reader reader = {.at = body, .end = body + len};
	struct cenv_plain_line line;

	/* few have one, and most bodies hold no 'd' at a line's start */
	while ((reader.at = memchr(reader.at, 'd', (size_t)(reader.end - reader.at)))) {
		if (reader.at == body || reader.at[-1] == '\n') {
			cenv_plain_next(&reader, &line);
			*date_len = line.len;
			return line.value;
		}
		reader.at++;
	}
	return NULL;
}

/* SPDX-License-Identifier: MIT */
#include "core/ini.h"

#include <ini.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"

/*
 * inih as it is usually built cuts a value at " ;", cuts or splits a line that
 * is longer than its buffer, and keeps line numbers to itself. So it reads
 * through next_line() below, which counts lines, refuses long ones, and hides
 * `;` and `#` that are not at a line's start behind bytes that no line may hold.
 */
#define HIDDEN_SEMICOLON '\x01'
#define HIDDEN_HASH '\x02'

struct reader {
	const char *at, *end;
	unsigned line;
	bool indented; /* the line belongs to the key before it */
	bool pending;  /* inih has yet to make something of the line */
	bool has_key;  /* a key of this section stands above */
	struct cenv_ini *ini;
	bool (*take)(struct cenv_ini_raw *section, void *payload); /* or NULL */
	void *payload;
	struct cenv_faults *faults;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Why a line cannot be taken, or NULL. Tabs are blanks. */
static const char *text_fault(const char *s, size_t len)
{
	unsigned long cp;

	for (size_t i = 0, n; i < len; i += n) {
		n = cenv_utf8_decode(s + i, len - i, &cp);
		if (!n)
			return "the line is not UTF-8";
		if (!cenv_utf8_is_printable(cp) && cp != '\t')
			return "control character in the line";
	}
	return NULL;
}

static struct cenv_ini_section *last_section(struct cenv_ini *ini)
{
	return ini->n ? &ini->sections[ini->n - 1] : NULL;
}

/* Offer the section that begins here to the one who takes some, and pass over its lines if so. */
static bool is_taken(struct reader *r)
{
	const char *newline = memchr(r->at, '\n', (size_t)(r->end - r->at));
	struct cenv_ini_raw raw = {.name = r->at + 1, .line = r->line + 1};

	if (!newline || newline[-1] != ']' || newline - r->at > CENV_INI_LINE_MAX)
		return false;
	raw.body = newline + 1;
	raw.name_len = (size_t)(newline - 1 - raw.name);
	raw.len = (size_t)(r->end - raw.body);
	if (!r->take(&raw, r->payload))
		return false;
	r->line += 1 + raw.lines;
	r->at = raw.body + raw.len;
	r->has_key = false;
	return true;
}

static void begin_section(struct reader *r, const char *line, size_t len)
{
	const char *close = memchr(line, ']', len);
	const char *name = line + 1;
	size_t name_len;

	if (!close || close != line + len - 1) {
		cenv_faults_add(r->faults, r->line, "a section line ends with its ']'");
		if (!close)
			return;
	}
	name_len = (size_t)(close - name);
	cenv_str_trim(&name, &name_len);
	if (name_len == 0)
		cenv_faults_add(r->faults, r->line, "a section without a name");
	r->has_key = false;
	CENV_GROW(r->ini->sections, r->ini->n, r->ini->cap);
	r->ini->sections[r->ini->n++] = (struct cenv_ini_section){
		.name = cenv_xstrndup(name, name_len), .line = r->line};
}

/* Is this a line that inih should see? Section lines it need not: begin_section() knows them. */
static bool line_is_entry(struct reader *r, const char *line, size_t len)
{
	const char *fault;
	size_t indent = 0;

	while (indent < len && is_blank(line[indent]))
		indent++;
	if (indent == len || line[indent] == ';' || line[indent] == '#')
		return false;
	if (len > CENV_INI_LINE_MAX) {
		cenv_faults_add(r->faults, r->line, "line of %zu bytes, at most %d are possible", len,
				CENV_INI_LINE_MAX);
		return false;
	}
	fault = text_fault(line, len);
	if (fault) {
		cenv_faults_add(r->faults, r->line, "%s", fault);
		return false;
	}
	r->indented = indent > 0;
	if (r->indented && !r->has_key) {
		cenv_faults_add(r->faults, r->line, "an indented line needs a key above it");
		return false;
	}
	if (!r->indented && line[0] == '[') {
		begin_section(r, line, len);
		return false;
	}
	if (!r->ini->n) {
		cenv_faults_add(r->faults, r->line, "a key before the first [section]");
		return false;
	}
	if (!r->indented && last_section(r->ini)->n == CENV_INI_KEYS_MAX) {
		cenv_faults_add(r->faults, r->line, "more than %d keys in the section",
				CENV_INI_KEYS_MAX);
		r->has_key = false;
		return false;
	}
	return true;
}

static void hide_comment_signs(char *line)
{
	for (; *line; line++) {
		if (*line == ';')
			*line = HIDDEN_SEMICOLON;
		else if (*line == '#')
			*line = HIDDEN_HASH;
	}
}

/* inih's reader: the next entry as one line in str, an empty line for all else. */
static char *next_line(char *str, int num, void *stream)
{
	struct reader *r = stream;
	const char *line, *newline;
	size_t len;

	if (r->pending)
		cenv_faults_add(r->faults, r->line, "expected 'key = value'");
	r->pending = false;
	while (r->take && r->at != r->end && *r->at == '[' && is_taken(r))
		;
	line = r->at;
	/* a smaller buffer is a newer inih skipping the rest of a full line: there is none */
	if (r->at == r->end || num <= CENV_INI_LINE_MAX)
		return NULL;
	newline = memchr(line, '\n', (size_t)(r->end - line));
	len = (size_t)((newline ? newline : r->end) - line);
	r->at = newline ? newline + 1 : r->end;
	r->line++;
	while (len > 0 && is_blank(line[len - 1]))
		len--;
	str[0] = '\0';
	if (line_is_entry(r, line, len)) {
		memcpy(str, line, len);
		str[len] = '\0';
		hide_comment_signs(str);
		r->pending = true;
	}
	return str;
}

static char *show_comment_signs(const char *s)
{
	char *copy = cenv_xstrdup(s);

	for (char *p = copy; *p; p++) {
		if (*p == HIDDEN_SEMICOLON)
			*p = ';';
		else if (*p == HIDDEN_HASH)
			*p = '#';
	}
	return copy;
}

/* inih's handler: called for each `key = value` and for each indented line below one. */
static int take_entry(void *user, const char *section_name, const char *name, const char *value)
{
	struct reader *r = user;
	struct cenv_ini_section *section = last_section(r->ini);
	struct cenv_ini_key *key;

	(void)section_name; /* cut at 49 bytes; ours is whole */
	r->pending = false;
	if (!r->indented) {
		CENV_GROW(section->keys, section->n, section->cap);
		section->keys[section->n++] =
			(struct cenv_ini_key){.name = show_comment_signs(name), .line = r->line};
		r->has_key = true;
	}
	key = &section->keys[section->n - 1];
	if (*value) {
		CENV_GROW(key->values, key->n, key->cap);
		key->values[key->n++] =
			(struct cenv_ini_value){.text = show_comment_signs(value), .line = r->line};
	}
	return 1;
}

void cenv_ini_parse(struct cenv_ini *out, const char *text, size_t len, struct cenv_faults *faults)
{
	cenv_ini_parse_some(out, text, len, NULL, NULL, faults);
}

void cenv_ini_parse_some(struct cenv_ini *out, const char *text, size_t len,
			 bool (*take)(struct cenv_ini_raw *section, void *payload), void *payload,
			 struct cenv_faults *faults)
{
	struct reader r = {.at = text,
			   .end = text + len,
			   .ini = out,
			   .take = take,
			   .payload = payload,
			   .faults = faults};

	*out = (struct cenv_ini){0};
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		r.at += 3;
	/* its result is the first line it could not read, which next_line() has reported */
	(void)ini_parse_stream(next_line, &r, take_entry, &r);
}

const struct cenv_ini_key *cenv_ini_key(const struct cenv_ini_section *section, const char *name)
{
	for (size_t i = 0; i < section->n; i++) {
		if (strcmp(section->keys[i].name, name) == 0)
			return &section->keys[i];
	}
	return NULL;
}

static void section_release(struct cenv_ini_section *section)
{
	for (size_t i = 0; i < section->n; i++) {
		struct cenv_ini_key *key = &section->keys[i];

		for (size_t j = 0; j < key->n; j++)
			free(key->values[j].text);
		free(key->values);
		free(key->name);
	}
	free(section->keys);
	free(section->name);
}

void cenv_ini_release(struct cenv_ini *ini)
{
	for (size_t i = 0; i < ini->n; i++)
		section_release(&ini->sections[i]);
	free(ini->sections);
	*ini = (struct cenv_ini){0};
}

/* SPDX-License-Identifier: MIT */
#include "core/optline.h"

#include <string.h>

#include "core/base/str.h"

void cenv_optline_init(struct cenv_optline *line, const char *text, size_t pos)
{
	*line = (struct cenv_optline){.text = text, .pos = pos};
	cenv_buf_init(&line->name);
	cenv_buf_init(&line->value);
}

void cenv_optline_release(struct cenv_optline *line)
{
	cenv_buf_release(&line->name);
	cenv_buf_release(&line->value);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The quoted part that starts at *pos, without its quotes. */
static int read_quoted(const char *text, size_t *pos, struct cenv_buf *out, struct cenv_err *err)
{
	char quote = text[*pos];
	size_t i = *pos + 1;

	for (; text[i] && text[i] != quote; i++) {
		if (quote == '"' && text[i] == '\\' && text[i + 1] && strchr("\"\\$`", text[i + 1]))
			i++;
		cenv_buf_addc(out, text[i]);
	}
	if (!text[i])
		return cenv_err_set(err, CENV_E_SYNTAX, "this %s quote is never closed",
				    quote == '"' ? "double" : "single");
	*pos = i + 1;
	return 0;
}

/* @return 1 word, 0 end, -1 failure with *pos at the fault */
static int read_word(const char *text, size_t *pos, struct cenv_buf *out, struct cenv_err *err)
{
	size_t plain;

	cenv_buf_reset(out);
	if (!text[*pos])
		return 0;
	while (text[*pos] && !is_blank(text[*pos])) {
		if (text[*pos] == '\'' || text[*pos] == '"') {
			if (read_quoted(text, pos, out, err) < 0)
				return -1;
			continue;
		}
		if (text[*pos] == '\\') {
			if (!text[*pos + 1])
				return cenv_err_set(err, CENV_E_SYNTAX,
						    "nothing follows the backslash");
			cenv_buf_addc(out, text[*pos + 1]);
			*pos += 2;
		}
		plain = strcspn(text + *pos, " \t'\"\\");
		cenv_buf_add(out, text + *pos, plain);
		*pos += plain;
	}
	return 1;
}

/* Where the value starts in an option's word: behind '=', or behind the letter. */
static size_t find_attached(const char *word)
{
	const char *equals;

	if (word[0] != '-' || !word[1])
		return 0;
	if (word[1] != '-')
		return word[2] ? 2 : 0;
	equals = strchr(word, '=');
	return equals ? (size_t)(equals - word) + 1 : 0;
}

int cenv_optline_next(struct cenv_optline *line, struct cenv_err *err)
{
	int got;

	line->pos += strspn(line->text + line->pos, " \t");
	line->at = line->pos;
	got = read_word(line->text, &line->pos, &line->name, err);
	if (got <= 0)
		return got;
	line->attached = find_attached(line->name.buf);
	cenv_buf_reset(&line->value);
	if (line->attached) {
		cenv_buf_adds(&line->value, line->name.buf + line->attached);
		cenv_buf_truncate(&line->name, line->attached - (line->name.buf[1] == '-'));
	}
	return 1;
}

int cenv_optline_value(struct cenv_optline *line, struct cenv_err *err)
{
	size_t option = line->at;
	int got;

	if (line->attached) {
		line->at += line->attached;
	} else {
		line->pos += strspn(line->text + line->pos, " \t");
		line->at = line->pos;
		got = read_word(line->text, &line->pos, &line->value, err);
		if (got < 0)
			return -1;
	}
	if (line->value.len)
		return 0;
	line->pos = option;
	return cenv_err_set(err, CENV_E_SYNTAX, "option '%s' needs a value", line->name.buf);
}

int cenv_optline_no_value(struct cenv_optline *line, struct cenv_err *err)
{
	if (!line->attached)
		return 0;
	line->pos = line->at + line->attached;
	return cenv_err_set(err, CENV_E_SYNTAX, "option '%s' takes no value", line->name.buf);
}

/* ${VAR} is replaced and a '#' behind a blank starts a comment before quotes
 * are looked at, so an empty pair of quotes goes between. */
void cenv_optline_quote(struct cenv_buf *out, const char *value)
{
	struct cenv_buf plain = CENV_BUF_INIT;

	cenv_shell_quote(&plain, value);
	for (size_t i = 0; i < plain.len; i++) {
		char c = plain.buf[i], before = i ? plain.buf[i - 1] : '\0';

		if ((c == '{' && before == '$') || (c == '#' && is_blank(before)))
			cenv_buf_adds(out, "''");
		cenv_buf_addc(out, c);
	}
	cenv_buf_release(&plain);
}

/* SPDX-License-Identifier: MIT */
#include "core/reqlines.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/requirement.h"

void cenv_reqlines_init(struct cenv_reqlines *lines, const char *text, size_t len)
{
	*lines = (struct cenv_reqlines){.file_text = text, .len = len, .line = 1};
	cenv_buf_init(&lines->text);
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		lines->pos = 3;
}

void cenv_reqlines_release(struct cenv_reqlines *lines)
{
	cenv_buf_release(&lines->text);
	free(lines->pieces);
	lines->pieces = NULL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* End of the physical line at `pos`: \n, \r\n and a lone \r end one. */
static size_t line_end(const struct cenv_reqlines *lines, size_t pos)
{
	const char *start = lines->file_text + pos;
	const char *lf = memchr(start, '\n', lines->len - pos), *cr;
	size_t len = lf ? (size_t)(lf - start) : lines->len - pos;

	cr = len ? memchr(start, '\r', len) : NULL;
	return pos + (cr ? (size_t)(cr - start) : len);
}

static size_t next_line(const struct cenv_reqlines *lines, size_t end)
{
	if (end + 1 < lines->len && lines->file_text[end] == '\r' &&
	    lines->file_text[end + 1] == '\n')
		return end + 2;
	return end < lines->len ? end + 1 : end;
}

static void set_fault(struct cenv_reqlines *lines, const char *fault, size_t offset)
{
	if (!lines->fault) {
		lines->fault = fault;
		lines->fault_offset = offset;
	}
}

static void add_piece(struct cenv_reqlines *lines, size_t offset, bool fixed)
{
	CENV_GROW(lines->pieces, lines->npieces, lines->pieces_cap);
	lines->pieces[lines->npieces++] =
		(struct cenv_reqline_piece){lines->text.len, offset, fixed};
}

static void add_text(struct cenv_reqlines *lines, const char *s, size_t len, size_t offset)
{
	if (lines->text.len + len > CENV_REQUIREMENT_MAX)
		set_fault(lines, "a line is longer than 65536 bytes", offset);
	else
		cenv_buf_add(&lines->text, s, len);
}

/* Length of "${NAME}" at s, with the name copied; 0 when it is none. */
static size_t read_variable(const char *s, size_t len, char name[64])
{
	size_t n = 2;

	if (len < 4 || s[0] != '$' || s[1] != '{')
		return 0;
	while (n < len && n < 64 &&
	       ((s[n] >= 'A' && s[n] <= 'Z') || (s[n] >= '0' && s[n] <= '9') || s[n] == '_'))
		n++;
	if (n == 2 || n >= len || s[n] != '}')
		return 0;
	memcpy(name, s + 2, n - 2);
	name[n - 2] = '\0';
	return n + 1;
}

/* As pip does, a variable that is unset or empty stays as it is written. */
static size_t expand(struct cenv_reqlines *lines, const char *s, size_t len, size_t offset)
{
	char name[64];
	size_t n = read_variable(s, len, name);
	const char *value = n && lines->getenv ? lines->getenv(lines->payload, name) : NULL;

	if (!value || !*value)
		return 0;
	add_piece(lines, offset, true);
	add_text(lines, value, strlen(value), offset);
	return n;
}

/* Add [start, end) of the file, which is free of comments. */
static void add_range(struct cenv_reqlines *lines, size_t start, size_t end)
{
	const char *text = lines->file_text;
	size_t plain = start, pos = start;

	add_piece(lines, start, false);
	while (pos < end) {
		const char *dollar = memchr(text + pos, '$', end - pos);
		size_t at = dollar ? (size_t)(dollar - text) : end, n;

		add_text(lines, text + plain, at - plain, plain);
		plain = at;
		pos = at + 1;
		n = at < end ? expand(lines, text + at, end - at, at) : 0;
		if (n) {
			plain = pos = at + n;
			add_piece(lines, plain, false);
		}
	}
	if (plain < end)
		add_text(lines, text + plain, end - plain, plain);
}

static size_t find_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)s[i] < 0x20 && s[i] != '\t') || s[i] == 0x7f)
			return i;
	return len;
}

/* Where a comment starts: '#' first on the line or behind a blank. */
static size_t find_comment(const char *text, size_t start, size_t end, bool after_blank)
{
	for (size_t i = start; i < end;) {
		const char *hash = memchr(text + i, '#', end - i);

		if (!hash)
			return end;
		i = (size_t)(hash - text);
		if (i == start ? after_blank : is_blank(text[i - 1]))
			return i;
		i++;
	}
	return end;
}

/* A NUL byte anywhere, also in a comment: this is no text, and nothing that follows is worth a
 * message of its own. */
static void refuse_binary(struct cenv_reqlines *lines, size_t start, size_t end)
{
	const char *nul = memchr(lines->file_text + start, '\0', end - start);

	if (!nul)
		return;
	set_fault(lines, "a NUL byte: this is no text", (size_t)(nul - lines->file_text));
	lines->pos = lines->len;
}

/* One physical line into the logical one. @return whether the next belongs to it too */
static bool add_line(struct cenv_reqlines *lines, size_t start, size_t end, bool *in_comment)
{
	const char *text = lines->file_text;
	bool first = start == lines->first_pos, more = end > start && text[end - 1] == '\\';
	size_t stop = end - more, control, comment;

	if (*in_comment || lines->fault)
		return more;
	comment = find_comment(text, start, stop,
			       first || (start > 0 && lines->text.len &&
					 is_blank(lines->text.buf[lines->text.len - 1])));
	*in_comment = comment < stop;
	if (comment - start > CENV_REQUIREMENT_MAX) {
		set_fault(lines, "a line is longer than 65536 bytes", start);
		return more;
	}
	control = find_control(text + start, comment - start);
	if (control < comment - start)
		set_fault(lines, "a control character", start + control);
	if (comment > start)
		add_range(lines, start, comment);
	return more;
}

static bool is_comment_line(const struct cenv_reqlines *lines, size_t start, size_t end)
{
	while (start < end && is_blank(lines->file_text[start]))
		start++;
	return start < end && lines->file_text[start] == '#';
}

static void trim(struct cenv_reqlines *lines)
{
	while (lines->text.len && is_blank(lines->text.buf[lines->text.len - 1]))
		cenv_buf_truncate(&lines->text, lines->text.len - 1);
}

/* Read one logical line; it may turn out empty. */
static void read_line(struct cenv_reqlines *lines)
{
	bool more = true, in_comment = false;

	cenv_buf_reset(&lines->text);
	lines->npieces = 0;
	lines->fault = NULL;
	lines->first_pos = lines->pos;
	lines->first_line = lines->line;
	while (more && lines->pos < lines->len) {
		size_t start = lines->pos, end = line_end(lines, start);

		lines->pos = next_line(lines, end);
		lines->line++;
		refuse_binary(lines, start, end);
		/* a comment line ends a continuation and is not continued itself */
		more = !is_comment_line(lines, start, end) &&
		       add_line(lines, start, end, &in_comment);
	}
	trim(lines);
}

bool cenv_reqlines_next(struct cenv_reqlines *lines)
{
	while (lines->pos < lines->len) {
		read_line(lines);
		if (lines->fault || strspn(lines->text.buf, " \t") < lines->text.len)
			return true;
	}
	return false;
}

struct cenv_reqline_place cenv_reqlines_file_place(const struct cenv_reqlines *lines, size_t offset)
{
	struct cenv_reqline_place place = {.line = lines->first_line};
	size_t start = lines->first_pos, end = line_end(lines, start);

	while (offset > end && next_line(lines, end) <= offset && next_line(lines, end) > end) {
		start = next_line(lines, end);
		end = line_end(lines, start);
		place.line++;
	}
	place.start = lines->file_text + start;
	place.len = end - start;
	place.at = offset - start < place.len ? offset - start : place.len;
	return place;
}

struct cenv_reqline_place cenv_reqlines_place(const struct cenv_reqlines *lines, size_t at)
{
	const struct cenv_reqline_piece *piece = NULL;

	for (size_t i = 0; i < lines->npieces && lines->pieces[i].at <= at; i++)
		piece = &lines->pieces[i];
	if (!piece)
		return cenv_reqlines_file_place(lines, lines->first_pos);
	return cenv_reqlines_file_place(lines,
					piece->fixed ? piece->offset : piece->offset + at - piece->at);
}

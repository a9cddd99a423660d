/* SPDX-License-Identifier: MIT */
#include "core/diag.h"

#include <string.h>

#include "core/base/str.h"
#include "core/secret.h"

/* How much of a line is shown on each side of a fault. */
enum { BEFORE = 60, AFTER = 40 };

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t count_characters(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += !is_continuation(s[i]);
	return n;
}

unsigned cenv_diag_column(const char *start, size_t at)
{
	return (unsigned)count_characters(start, at) + 1;
}

/* Append text that came from outside on one line: tabs become blanks. */
static void add_text(struct cenv_buf *out, const char *s, size_t len)
{
	while (len) {
		const char *tab = memchr(s, '\t', len);
		size_t n = tab ? (size_t)(tab - s) : len;

		cenv_escape(out, s, n, false);
		if (tab)
			cenv_buf_addc(out, ' ');
		s += n + (tab != NULL);
		len -= n + (tab != NULL);
	}
}

static void add_excerpt(struct cenv_buf *out, const char *start, size_t len, size_t at)
{
	size_t from = at > BEFORE ? at - BEFORE : 0, to = len - at > AFTER ? at + AFTER : len;
	size_t mark = out->len, width;

	while (from && is_continuation(start[from]))
		from--;
	while (to < len && is_continuation(start[to]))
		to++;
	cenv_buf_addf(out, "    %s", from ? "..." : "");
	add_text(out, start + from, at - from);
	width = count_characters(out->buf + mark, out->len - mark);
	add_text(out, start + at, to - at);
	cenv_buf_addf(out, "%s\n%*s^\n", to < len ? "..." : "", (int)width, "");
}

void cenv_diag_add(struct cenv_diag *diag, const char *file, unsigned line, const char *start,
		   size_t len, size_t at, const char *message)
{
	struct cenv_buf shown = CENV_BUF_INIT;
	size_t shown_at;

	if (diag->n++ >= CENV_DIAG_SHOWN)
		return;
	add_text(&diag->text, file, strlen(file));
	cenv_buf_addf(&diag->text, ":%u:%u: ", line, cenv_diag_column(start, at));
	add_text(&diag->text, message, strlen(message));
	cenv_buf_addc(&diag->text, '\n');
	shown_at = cenv_secrets_mask(&shown, start, len, at);
	add_excerpt(&diag->text, shown.buf, shown.len, shown_at);
	cenv_buf_release(&shown);
}

void cenv_diag_report(struct cenv_diag *diag, struct cenv_err *err)
{
	if (diag->n > CENV_DIAG_SHOWN)
		cenv_buf_addf(&diag->text, "and %zu more error%s\n", diag->n - CENV_DIAG_SHOWN,
			      cenv_plural(diag->n - CENV_DIAG_SHOWN));
	cenv_err_detail(err, "%s", diag->text.buf);
	cenv_diag_release(diag);
}

void cenv_diag_release(struct cenv_diag *diag)
{
	cenv_buf_release(&diag->text);
	diag->n = 0;
}

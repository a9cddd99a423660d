/* SPDX-License-Identifier: MIT */
#include "core/requirements_edit.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/reqlines.h"

/* The last component of a path, without slashes behind it. */
static char *folder_name(const char *path)
{
	size_t end = strlen(path), start;

	while (end > 1 && path[end - 1] == '/')
		end--;
	for (start = end; start && path[start - 1] != '/'; start--)
		;
	return cenv_xstrndup(path + start, end - start);
}

char *cenv_requirement_key_guess(const struct cenv_requirement *req)
{
	char *name = NULL, *version = NULL, *key;

	if (req->key)
		return cenv_xstrdup(req->key);
	if (!cenv_archive_name_split(req->location, &name, &version))
		name = folder_name(req->location);
	key = cenv_name_normalize(name);
	free(name);
	free(version);
	return key;
}

static bool is_option(const char *line)
{
	return *line == '-' && strncmp(line, "-e", 2) && strncmp(line, "--editable", 10);
}

static bool read_span(struct cenv_reqspan *out, const char *line)
{
	struct cenv_requirement req = {0};
	struct cenv_err ignored = CENV_ERR_INIT;

	line += strspn(line, " \t");
	if (is_option(line) || cenv_requirement_parse(&req, line, NULL, NULL, &ignored) < 0) {
		cenv_err_release(&ignored);
		return false;
	}
	out->key = cenv_requirement_key_guess(&req);
	out->location = cenv_xstrdup(req.location);
	out->is_named = req.key != NULL;
	out->editable = req.editable;
	cenv_requirement_release(&req);
	return true;
}

void cenv_reqspans_find(struct cenv_reqspans *out, const char *text, size_t len)
{
	struct cenv_reqlines lines;

	cenv_reqlines_init(&lines, text, len);
	while (cenv_reqlines_next(&lines)) {
		struct cenv_reqspan span = {
			.start = lines.first_pos, .end = lines.pos, .line = lines.first_line};

		if (lines.fault || !read_span(&span, lines.text.buf))
			continue;
		CENV_GROW(out->v, out->n, out->cap);
		out->v[out->n++] = span;
	}
	cenv_reqlines_release(&lines);
}

void cenv_reqspans_release(struct cenv_reqspans *spans)
{
	for (size_t i = 0; i < spans->n; i++) {
		free(spans->v[i].key);
		free(spans->v[i].location);
	}
	free(spans->v);
	*spans = (struct cenv_reqspans){0};
}

/* '#' starts a comment after a blank. */
static void add_comment(struct cenv_buf *out, const char *start, const char *end)
{
	for (const char *p = start + 1; p < end; p++) {
		if (*p != '#' || (p[-1] != ' ' && p[-1] != '\t'))
			continue;
		while (p > start && (p[-1] == ' ' || p[-1] == '\t'))
			p--;
		cenv_buf_add(out, p, (size_t)(end - p));
		return;
	}
}

/* Does the line before `end` end as Windows ends lines? */
static bool has_crlf(const char *text, size_t end)
{
	return end >= 2 && text[end - 1] == '\n' && text[end - 2] == '\r';
}

/* How long the line is without its end. */
static size_t bare_len(const char *text, const struct cenv_reqspan *span)
{
	size_t end = span->end;

	while (end > span->start && (text[end - 1] == '\n' || text[end - 1] == '\r'))
		end--;
	return end - span->start;
}

void cenv_reqspan_add_end(struct cenv_buf *out, const char *text, const struct cenv_reqspan *span)
{
	add_comment(out, text + span->start, text + span->start + bare_len(text, span));
	cenv_buf_adds(out, has_crlf(text, span->end) ? "\r\n" : "\n");
}

/* The line end that the text uses first. */
static const char *line_end(const char *text, size_t len)
{
	const char *lf = memchr(text, '\n', len);

	return lf && has_crlf(text, (size_t)(lf - text) + 1) ? "\r\n" : "\n";
}

bool cenv_requirements_set(struct cenv_buf *out, const char *text, size_t len, const char *key,
			   const char *line)
{
	struct cenv_reqspans spans = {0};
	size_t copied = 0;
	bool found = false;

	cenv_reqspans_find(&spans, text, len);
	for (size_t i = 0; i < spans.n && !found; i++) {
		const struct cenv_reqspan *s = &spans.v[i];

		if (strcmp(s->key, key) != 0)
			continue;
		found = true;
		cenv_buf_add(out, text, s->start);
		cenv_buf_adds(out, line);
		cenv_reqspan_add_end(out, text, s);
		copied = s->end;
	}
	cenv_reqspans_release(&spans);
	cenv_buf_add(out, text + copied, len - copied);
	if (found)
		return true;
	if (out->len && out->buf[out->len - 1] != '\n')
		cenv_buf_adds(out, line_end(text, len));
	cenv_buf_adds(out, line);
	cenv_buf_adds(out, line_end(text, len));
	return false;
}

bool cenv_requirements_drop(struct cenv_buf *out, const char *text, size_t len,
			    const char *pattern)
{
	struct cenv_reqspans spans = {0};
	size_t copied = 0;
	bool found = false;

	cenv_reqspans_find(&spans, text, len);
	for (size_t i = 0; i < spans.n; i++) {
		if (!cenv_glob_match(pattern, spans.v[i].key))
			continue;
		found = true;
		cenv_buf_add(out, text + copied, spans.v[i].start - copied);
		copied = spans.v[i].end;
	}
	cenv_buf_add(out, text + copied, len - copied);
	cenv_reqspans_release(&spans);
	return found;
}

/* ---- where lines came from ---- */

static bool same_line(const char *before, const struct cenv_reqspan *a, const char *after,
		      const struct cenv_reqspan *b)
{
	size_t len = bare_len(before, a);

	return len == bare_len(after, b) && !memcmp(before + a->start, after + b->start, len);
}

/* The line as it was, looked for from *next on, where it is unless lines were taken out; or NULL. */
static const struct cenv_reqspan *find_before(const struct cenv_reqspans *spans, size_t *next,
					      const char *before, const char *after,
					      const struct cenv_reqspan *span)
{
	for (size_t i = 0; i < spans->n; i++) {
		size_t at = (*next + i) % spans->n;

		if (!same_line(before, &spans->v[at], after, span))
			continue;
		*next = at + 1;
		return &spans->v[at];
	}
	return NULL;
}

static bool covers(const char *text, const struct cenv_reqspan *span, unsigned line)
{
	unsigned last = span->line;

	for (size_t i = span->start; i + 1 < span->end; i++)
		last += text[i] == '\n';
	return line >= span->line && line <= last;
}

/* What only reading makes a requirement, with the value of a variable, moves with the one before. */
static void trace(struct cenv_origin *origin, const char *after, const struct cenv_reqspan *now,
		  const struct cenv_reqspan *then)
{
	if (then) {
		origin->line = origin->line - now->line + then->line;
	} else if (covers(after, now, origin->line)) {
		origin->added = true;
		origin->line = 0;
	}
}

void cenv_requirements_trace(struct cenv_requirement *reqs, size_t n, const char *file,
			     const struct cenv_buf *before, const struct cenv_buf *after)
{
	struct cenv_reqspans old = {0}, new = {0};
	const struct cenv_reqspan *then = NULL;
	size_t next = 0, nspans = 0; /* of the new ones, those that start at the requirement or before */

	cenv_reqspans_find(&old, before->buf, before->len);
	cenv_reqspans_find(&new, after->buf, after->len);
	for (size_t i = 0; i < n; i++) {
		struct cenv_origin *origin = &reqs[i].origin;

		if (!origin->file || strcmp(origin->file, file) != 0)
			continue;
		for (; nspans < new.n && new.v[nspans].line <= origin->line; nspans++)
			then = find_before(&old, &next, before->buf, after->buf, &new.v[nspans]);
		if (nspans)
			trace(origin, after->buf, &new.v[nspans - 1], then);
	}
	cenv_reqspans_release(&old);
	cenv_reqspans_release(&new);
}

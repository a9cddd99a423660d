/* SPDX-License-Identifier: MIT */
#include "core/requirements_edit.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/reqlines.h"
#include "core/requirement.h"

static char *key_of(const char *line)
{
	struct cenv_requirement req = {0};
	struct cenv_err ignored = CENV_ERR_INIT;
	char *key = NULL;

	if (*line == '-')
		return NULL;
	if (cenv_requirement_parse(&req, line, NULL, NULL, &ignored) == 0) {
		key = cenv_xstrdup(req.key);
		cenv_requirement_release(&req);
	}
	cenv_err_release(&ignored);
	return key;
}

void cenv_reqspans_find(struct cenv_reqspans *out, const char *text, size_t len)
{
	struct cenv_reqlines lines;

	cenv_reqlines_init(&lines, text, len);
	while (cenv_reqlines_next(&lines)) {
		char *key = lines.fault ? NULL : key_of(lines.text.buf);

		if (!key)
			continue;
		CENV_GROW(out->v, out->n, out->cap);
		out->v[out->n++] = (struct cenv_reqspan){lines.first_pos, lines.pos, key};
	}
	cenv_reqlines_release(&lines);
}

void cenv_reqspans_release(struct cenv_reqspans *spans)
{
	for (size_t i = 0; i < spans->n; i++)
		free(spans->v[i].key);
	free(spans->v);
	*spans = (struct cenv_reqspans){0};
}

/* The comment behind a requirement, with the blanks before it; '#' starts one after a blank. */
static void keep_comment(struct cenv_buf *out, const char *start, const char *end)
{
	for (const char *p = start + 1; p < end; p++) {
		if (*p != '#' || (p[-1] != ' ' && p[-1] != '\t'))
			continue;
		while (p > start && (p[-1] == ' ' || p[-1] == '\t'))
			p--;
		while (end > p && (end[-1] == '\n' || end[-1] == '\r'))
			end--;
		cenv_buf_add(out, p, (size_t)(end - p));
		return;
	}
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
		keep_comment(out, text + s->start, text + s->end);
		cenv_buf_addc(out, '\n');
		copied = s->end;
	}
	cenv_reqspans_release(&spans);
	cenv_buf_add(out, text + copied, len - copied);
	if (found)
		return true;
	if (out->len && out->buf[out->len - 1] != '\n')
		cenv_buf_addc(out, '\n');
	cenv_buf_adds(out, line);
	cenv_buf_addc(out, '\n');
	return false;
}

bool cenv_requirements_drop(struct cenv_buf *out, const char *text, size_t len, const char *key)
{
	struct cenv_reqspans spans = {0};
	size_t copied = 0;
	bool found = false;

	cenv_reqspans_find(&spans, text, len);
	for (size_t i = 0; i < spans.n; i++) {
		if (strcmp(spans.v[i].key, key) != 0)
			continue;
		found = true;
		cenv_buf_add(out, text + copied, spans.v[i].start - copied);
		copied = spans.v[i].end;
	}
	cenv_buf_add(out, text + copied, len - copied);
	cenv_reqspans_release(&spans);
	return found;
}

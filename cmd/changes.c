/* SPDX-License-Identifier: MIT */
#include "cmd/changes.h"

#include <stdlib.h>

#include "cmd/term.h"

const char *changes_word(enum cenv_diff_kind kind)
{
	static const char *const words[] = {
		[CENV_DIFF_ADDED] = "added",	   [CENV_DIFF_REMOVED] = "removed",
		[CENV_DIFF_UP] = "up",		   [CENV_DIFF_DOWN] = "down",
		[CENV_DIFF_VERSIONS] = "versions", [CENV_DIFF_SOURCE] = "source",
		[CENV_DIFF_HASH] = "hash",	   [CENV_DIFF_FEATURES] = "features",
		[CENV_DIFF_OPTIONS] = "options",
	};

	return words[kind];
}

static const char *or_none(const char *text)
{
	return *text ? text : "none";
}

char *changes_line(const struct cenv_diff_row *row)
{
	const char *word = changes_word(row->kind);

	if (row->from && row->to)
		return cenv_strf("%-9s %s %s -> %s", word, row->name, or_none(row->from),
				 or_none(row->to));
	return cenv_strf("%-9s %s %s", word, row->name, row->from ? row->from : row->to);
}

void changes_say(struct cmd_ctx *ctx, const char *file, const struct cenv_buf *before,
		 const struct cenv_buf *after)
{
	struct cenv_requirements a = {0}, b = {0};
	struct cenv_err ignored = CENV_ERR_INIT; /* what cannot be read has no pins to compare */
	struct cenv_diff diff = {0};

	if (!before->len || ctx->common.quiet)
		return;
	if (cenv_requirements_read_text(&a, file, before->buf, &ignored) == 0 &&
	    cenv_requirements_read_text(&b, file, after->buf, &ignored) == 0)
		cenv_diff_make(&diff, &a, &b);
	for (size_t i = 0; i < diff.n; i++) {
		char *line = changes_line(&diff.v[i]);

		term_say(ctx, "  %s", line);
		free(line);
	}
	cenv_diff_release(&diff);
	cenv_requirements_release(&a);
	cenv_requirements_release(&b);
	cenv_err_release(&ignored);
}

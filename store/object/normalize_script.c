/* SPDX-License-Identifier: MIT */
#include "store/object/normalize.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "store/object/object.h"
#include "store/object/relpath.h"

/*
 * Shell programs such as libpng-config: a line after the first computes the
 * prefix from $0, and a variable stands where the prefix stood. What a
 * replacement has to look like depends on the quotes around it, so the text is
 * followed as a shell reads it. Whatever is unclear (a quoted here-document, an
 * escape, quotes that do not pair) leaves the file to be patched.
 */

#define VARIABLE "${cenv_prefix}"
#define DEPTH_MAX 64

enum context {
	IN_COMMANDS,
	IN_PAREN,     /* ( or $( */
	IN_DQUOTE,    /* "..." */
	IN_BACKTICKS, /* `...` */
};

struct lexer {
	const char *text, *p, *end;
	struct cenv_buf *out;
	enum context stack[DEPTH_MAX];
	unsigned depth; /* stack[depth] is where we are */
	/* here-documents whose bodies start after this line */
	struct heredoc {
		const char *word;
		size_t len;
		bool is_quoted, strips_tabs;
	} docs[8];
	unsigned ndocs;
};

static bool at_placeholder(const struct lexer *lx, const char *p)
{
	return (size_t)(lx->end - p) >= CENV_PLACEHOLDER_LEN &&
	       !memcmp(p, cenv_placeholder, CENV_PLACEHOLDER_LEN);
}

static bool take(struct lexer *lx)
{
	cenv_buf_addc(lx->out, *lx->p++);
	return true;
}

static bool take_placeholder(struct lexer *lx, const char *by)
{
	cenv_buf_adds(lx->out, by);
	lx->p += CENV_PLACEHOLDER_LEN;
	return true;
}

static bool push(struct lexer *lx, enum context context)
{
	if (lx->depth + 1 == DEPTH_MAX)
		return false;
	lx->stack[++lx->depth] = context;
	return take(lx);
}

static bool pop(struct lexer *lx)
{
	lx->depth--;
	return take(lx);
}

static bool is_inside(const struct lexer *lx, enum context context)
{
	for (unsigned i = 0; i <= lx->depth; i++)
		if (lx->stack[i] == context)
			return true;
	return false;
}

static bool take_single_quoted(struct lexer *lx)
{
	take(lx);
	while (lx->p < lx->end && *lx->p != '\'') {
		if (!at_placeholder(lx, lx->p)) {
			take(lx);
			continue;
		}
		if (is_inside(lx, IN_BACKTICKS)) /* where quotes need other quoting */
			return false;
		take_placeholder(lx, "'\"" VARIABLE "\"'");
	}
	return lx->p < lx->end && take(lx);
}

static bool take_comment(struct lexer *lx)
{
	while (lx->p < lx->end && *lx->p != '\n') {
		if (at_placeholder(lx, lx->p))
			take_placeholder(lx, VARIABLE);
		else
			take(lx);
	}
	return true;
}

static bool take_escape(struct lexer *lx)
{
	if (at_placeholder(lx, lx->p + 1))
		return false;
	take(lx);
	return lx->p == lx->end || take(lx);
}

/* ---- here-documents ---- */

static bool is_word_end(char c)
{
	return memchr(" \t\n;&|<>()", c, 10) != NULL;
}

/* "<<WORD": remember it; its body comes after the line */
static bool take_heredoc_start(struct lexer *lx)
{
	struct heredoc doc = {0};
	char quote;

	take(lx);
	take(lx);
	if (lx->p < lx->end && *lx->p == '-')
		doc.strips_tabs = take(lx);
	while (lx->p < lx->end && (*lx->p == ' ' || *lx->p == '\t'))
		take(lx);
	if (lx->p == lx->end)
		return false;
	quote = *lx->p;
	doc.is_quoted = quote == '\'' || quote == '"' || quote == '\\';
	if (doc.is_quoted)
		take(lx);
	doc.word = lx->p;
	while (lx->p < lx->end && !is_word_end(*lx->p) && !strchr("'\"\\", *lx->p))
		take(lx);
	doc.len = (size_t)(lx->p - doc.word);
	if (doc.is_quoted && quote != '\\') {
		if (lx->p == lx->end || *lx->p != quote)
			return false;
		take(lx);
	}
	if (!doc.len || lx->ndocs == sizeof(lx->docs) / sizeof(*lx->docs) ||
	    (lx->p < lx->end && !is_word_end(*lx->p)))
		return false;
	lx->docs[lx->ndocs++] = doc;
	return true;
}

static bool is_doc_end(const struct heredoc *doc, const char *line, size_t len)
{
	while (doc->strips_tabs && len && *line == '\t') {
		line++;
		len--;
	}
	return len == doc->len && !memcmp(line, doc->word, len);
}

static bool take_doc_line(struct lexer *lx, const struct heredoc *doc, const char *stop)
{
	while (lx->p < stop) {
		if (!at_placeholder(lx, lx->p))
			take(lx);
		else if (doc->is_quoted || (lx->p > lx->text && lx->p[-1] == '\\'))
			return false;
		else
			take_placeholder(lx, VARIABLE);
	}
	return true;
}

static bool take_doc(struct lexer *lx, const struct heredoc *doc)
{
	while (lx->p < lx->end) {
		const char *nl = memchr(lx->p, '\n', (size_t)(lx->end - lx->p));
		const char *stop = nl ? nl : lx->end;
		bool is_end = is_doc_end(doc, lx->p, (size_t)(stop - lx->p));

		if (!take_doc_line(lx, doc, stop))
			return false;
		if (nl)
			take(lx);
		if (is_end)
			return true;
	}
	return false;
}

static bool take_newline(struct lexer *lx)
{
	bool is_good = take(lx);

	for (unsigned i = 0; is_good && i < lx->ndocs; i++)
		is_good = take_doc(lx, &lx->docs[i]);
	lx->ndocs = 0;
	return is_good;
}

/* ---- commands ---- */

static bool starts_comment(const struct lexer *lx)
{
	return *lx->p == '#' && (lx->p == lx->text || memchr(" \t\n;&|()", lx->p[-1], 8));
}

static bool take_backtick(struct lexer *lx)
{
	if (lx->stack[lx->depth] == IN_BACKTICKS)
		return pop(lx);
	return !is_inside(lx, IN_BACKTICKS) && push(lx, IN_BACKTICKS);
}

static bool take_command_char(struct lexer *lx)
{
	enum context here = lx->stack[lx->depth];

	switch (*lx->p) {
	case '\'':
		return take_single_quoted(lx);
	case '"':
		return push(lx, IN_DQUOTE);
	case '(':
		return push(lx, IN_PAREN);
	case ')':
		/* alone it ends the pattern of a case */
		return here == IN_PAREN ? pop(lx) : take(lx);
	case '\n':
		return take_newline(lx);
	case '<':
		if (lx->end - lx->p > 2 && lx->p[1] == '<' && lx->p[2] != '<')
			return take_heredoc_start(lx);
		return take(lx);
	default:
		return starts_comment(lx) ? take_comment(lx) : take(lx);
	}
}

static bool take_quoted_char(struct lexer *lx)
{
	if (*lx->p == '"')
		return pop(lx);
	if (*lx->p == '$' && lx->p + 1 < lx->end && lx->p[1] == '(') {
		take(lx);
		return push(lx, IN_PAREN);
	}
	return take(lx);
}

static bool step(struct lexer *lx)
{
	if (at_placeholder(lx, lx->p))
		return take_placeholder(lx, VARIABLE);
	if (*lx->p == '\\')
		return take_escape(lx);
	if (*lx->p == '`')
		return take_backtick(lx);
	return lx->stack[lx->depth] == IN_DQUOTE ? take_quoted_char(lx) : take_command_char(lx);
}

static bool rewrite(struct cenv_buf *out, const char *text, const char *end)
{
	struct lexer lx = {.text = text, .p = text, .end = end, .out = out};

	while (lx.p < lx.end)
		if (!step(&lx))
			return false;
	return lx.depth == 0 && lx.ndocs == 0;
}

/* the next word of a line; *p moves behind it */
static size_t next_word(const char **p, const char *end, const char **word)
{
	while (*p < end && (**p == ' ' || **p == '\t'))
		++*p;
	*word = *p;
	while (*p < end && !memchr(" \t\r", **p, 3))
		++*p;
	return (size_t)(*p - *word);
}

/* "#!/bin/sh -e", "#! /usr/bin/env bash" */
static bool is_shell_line(const char *line, const char *end)
{
	static const char *const shells[] = {"sh", "bash", "dash", "ksh", "mksh"};
	const char *p = line + 2, *word, *slash;
	size_t len = next_word(&p, end, &word);

	if (len == strlen("/usr/bin/env") && !memcmp(word, "/usr/bin/env", len))
		len = next_word(&p, end, &word);
	slash = memrchr(word, '/', len);
	if (slash) {
		len -= (size_t)(slash + 1 - word);
		word = slash + 1;
	}
	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
		if (len == strlen(shells[i]) && !memcmp(word, shells[i], len))
			return true;
	return false;
}

bool cenv_normalize_script(struct cenv_buf *out, const char *text, size_t len, const char *path)
{
	const char *nl = memchr(text, '\n', len), *end = text + len;
	char *dir, *up;

	if (!nl || !is_shell_line(text, nl) || memchr(text, '\0', len) ||
	    memmem(text, (size_t)(nl - text), cenv_placeholder, CENV_PLACEHOLDER_LEN) ||
	    !memmem(nl, (size_t)(end - nl), cenv_placeholder, CENV_PLACEHOLDER_LEN))
		return false;
	dir = cenv_relpath_dir(path);
	up = cenv_relpath_between(dir, "");
	cenv_buf_add(out, text, (size_t)(nl + 1 - text));
	cenv_buf_addf(out,
		      "cenv_prefix=$(CDPATH= cd \"$(dirname \"$(readlink -f \"$0\")\")/%s\" && "
		      "pwd -P) || exit 1\n",
		      up);
	free(up);
	free(dir);
	return rewrite(out, nl + 1, end);
}

/* SPDX-License-Identifier: MIT */
#include "store/object/normalize.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"
#include "store/object/object.h"
#include "store/object/relpath.h"

/* one word of a Libs or Cflags line, quotes and escapes included */
struct word {
	const char *s;
	size_t len;
};

static bool starts(const struct word *w, const char *lead)
{
	size_t len = strlen(lead);

	return w->len >= len && !memcmp(w->s, lead, len);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* the next word; blanks before it are put into out */
static bool next_word(struct word *w, const char **p, const char *end, struct cenv_buf *blanks)
{
	char quote = '\0';

	cenv_buf_reset(blanks);
	while (*p < end && is_blank(**p))
		cenv_buf_addc(blanks, *(*p)++);
	w->s = *p;
	while (*p < end && (quote || !is_blank(**p))) {
		if (**p == '\\' && quote != '\'' && *p + 1 < end)
			++*p;
		else if (**p == quote)
			quote = '\0';
		else if (!quote && (**p == '"' || **p == '\''))
			quote = **p;
		++*p;
	}
	w->len = (size_t)(*p - w->s);
	return w->len > 0;
}

/* flags that were meant for the build, not for those who use the library */
static bool is_build_flag(const struct word *w)
{
	return starts(w, "-Wl,-rpath") || starts(w, "-Wl,-R") ||
	       starts(w, "-ffile-prefix-map=") || starts(w, "-fdebug-prefix-map=") ||
	       starts(w, "-fmacro-prefix-map=");
}

/* -L of a folder in the prefix: linkers other than GNU's ignore LD_RUN_PATH */
static bool is_own_folder(const struct word *w)
{
	const struct word folder = {.s = w->s + 2, .len = w->len - 2};

	return starts(w, "-L") && (starts(&folder, "${") || starts(&folder, "\"${") ||
				   starts(&folder, cenv_placeholder));
}

static void rewrite_flags(struct cenv_buf *out, const char *p, const char *end, bool wants_runpath)
{
	struct cenv_buf blanks = CENV_BUF_INIT;
	bool skip_next = false;
	struct word w;

	while (next_word(&w, &p, end, &blanks)) {
		if (skip_next) { /* the folder in "-Wl,-rpath -Wl,FOLDER" */
			skip_next = false;
			continue;
		}
		if (is_build_flag(&w)) {
			skip_next = w.len == strlen("-Wl,-rpath") || w.len == strlen("-Wl,-R");
			continue;
		}
		cenv_buf_add(out, blanks.buf, blanks.len);
		cenv_buf_add(out, w.s, w.len);
		if (wants_runpath && is_own_folder(&w)) {
			cenv_buf_adds(out, " -Wl,-rpath,");
			cenv_buf_add(out, w.s + 2, w.len - 2);
		}
	}
	cenv_buf_release(&blanks);
}

static bool has_key(const char *line, const char *end, const char *key, const char **value)
{
	size_t len = strlen(key);

	if ((size_t)(end - line) < len || strncmp(line, key, len))
		return false;
	for (line += len; line < end && is_blank(*line);)
		line++;
	*value = line + 1;
	return line < end && *line == ':';
}

static void rewrite_line(struct cenv_buf *out, const char *line, const char *end)
{
	const char *value = NULL;
	bool is_libs = has_key(line, end, "Libs", &value);

	if (!is_libs && !has_key(line, end, "Libs.private", &value) &&
	    !has_key(line, end, "Cflags", &value) && !has_key(line, end, "CFlags", &value) &&
	    !has_key(line, end, "Cflags.private", &value)) {
		cenv_buf_add(out, line, (size_t)(end - line));
		return;
	}
	cenv_buf_add(out, line, (size_t)(value - line));
	rewrite_flags(out, value, end, is_libs);
}

/* the end of a logical line: a backslash before the newline joins two */
static const char *line_end(const char *line, const char *end)
{
	const char *nl = line;

	while ((nl = memchr(nl, '\n', (size_t)(end - nl)))) {
		if (nl == line || nl[-1] != '\\')
			return nl;
		nl++;
	}
	return end;
}

static void replace_prefix(struct cenv_buf *out, const char *text, size_t len, const char *by)
{
	const char *end = text + len, *found;

	while ((found = memmem(text, (size_t)(end - text), cenv_placeholder,
			       CENV_PLACEHOLDER_LEN))) {
		cenv_buf_add(out, text, (size_t)(found - text));
		cenv_buf_adds(out, by);
		text = found + CENV_PLACEHOLDER_LEN;
	}
	cenv_buf_add(out, text, (size_t)(end - text));
}

bool cenv_normalize_pc(struct cenv_buf *out, const char *text, size_t len, const char *path)
{
	char *dir = cenv_relpath_dir(path), *up = cenv_relpath_between(dir, "");
	char *prefix = cenv_strf("${pcfiledir}/%s", up);
	struct cenv_buf lines = CENV_BUF_INIT;
	const char *end = text + len;

	for (const char *line = text; line < end;) {
		const char *stop = line_end(line, end);

		rewrite_line(&lines, line, stop);
		if (stop < end)
			cenv_buf_addc(&lines, '\n');
		line = stop + 1;
	}
	replace_prefix(out, lines.buf, lines.len, prefix);
	cenv_buf_release(&lines);
	free(prefix);
	free(up);
	free(dir);
	return true;
}

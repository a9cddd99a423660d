/* SPDX-License-Identifier: MIT */
#include "store/object/normalize.h"

#include <stdlib.h>
#include <string.h>

#include "store/object/object.h"
#include "store/object/relpath.h"

/*
 * A variable reference means the same in quoted and unquoted arguments. Not in
 * bracket arguments, which are taken as they are; and inside a function or macro
 * CMAKE_CURRENT_LIST_DIR is the caller's folder. Such files are patched instead.
 */

static bool has_bracket_argument(const char *text, size_t len)
{
	const char *end = text + len;

	for (const char *p = text; (p = memchr(p, '[', (size_t)(end - p))); p++) {
		const char *q = p + 1;

		while (q < end && *q == '=')
			q++;
		if (q < end && *q == '[' && (p == text || p[-1] != '#'))
			return true;
	}
	return false;
}

/* does the line at p, blanks skipped, start with this command? */
static bool is_command(const char *p, const char *end, const char *name)
{
	size_t len = strlen(name);

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if ((size_t)(end - p) <= len || strncasecmp(p, name, len))
		return false;
	for (p += len; p < end && (*p == ' ' || *p == '\t');)
		p++;
	return p < end && *p == '(';
}

/* is there a placeholder between function() and endfunction()? */
static bool is_used_in_function(const char *text, size_t len)
{
	const char *end = text + len;
	int depth = 0;

	for (const char *line = text, *next; line < end; line = next) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));

		next = nl ? nl + 1 : end;
		if (is_command(line, next, "function") || is_command(line, next, "macro"))
			depth++;
		else if (is_command(line, next, "endfunction") || is_command(line, next, "endmacro"))
			depth--;
		if (depth > 0 && memmem(line, (size_t)(next - line), cenv_placeholder,
					CENV_PLACEHOLDER_LEN))
			return true;
	}
	return false;
}

bool cenv_normalize_cmake(struct cenv_buf *out, const char *text, size_t len, const char *path)
{
	const char *end = text + len, *found;
	char *dir, *up;

	if (!memmem(text, len, cenv_placeholder, CENV_PLACEHOLDER_LEN) ||
	    has_bracket_argument(text, len) || is_used_in_function(text, len))
		return false;
	dir = cenv_relpath_dir(path);
	up = cenv_relpath_between(dir, "");
	while ((found = memmem(text, (size_t)(end - text), cenv_placeholder,
			       CENV_PLACEHOLDER_LEN))) {
		cenv_buf_add(out, text, (size_t)(found - text));
		cenv_buf_addf(out, "${CMAKE_CURRENT_LIST_DIR}/%s", up);
		text = found + CENV_PLACEHOLDER_LEN;
	}
	cenv_buf_add(out, text, (size_t)(end - text));
	free(up);
	free(dir);
	return true;
}

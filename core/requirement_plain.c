/* SPDX-License-Identifier: MIT */
#include "core/requirement_plain.h"

#include <string.h>

#include "core/base/mem.h"

enum { NAME_MAX_LEN = 64, VERSION_MAX_LEN = 64, CLAUSES_MAX = 4 };

struct clause {
	enum cenv_op op;
	const char *version;
	size_t len;
};

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_version_char(char c)
{
	return is_digit(c) || c == '.' || (c >= 'a' && c <= 'z');
}

static size_t read_name(const char *text, size_t len)
{
	size_t n = 0;

	/* single hyphens only: what normalising leaves as it is */
	while (n < len && (is_name_char(text[n]) || (text[n] == '-' && n && text[n - 1] != '-')))
		n++;
	return n > NAME_MAX_LEN || (n && text[n - 1] == '-') ? 0 : n;
}

/* @return bytes of the operator, 0: none of these */
static size_t read_op(const char *at, const char *end, enum cenv_op *op)
{
	bool equal = end - at > 1 && at[1] == '=';

	if (at == end)
		return 0;
	if (*at == '>' || *at == '<') {
		*op = *at == '>' ? (equal ? CENV_OP_GE : CENV_OP_GT)
				 : (equal ? CENV_OP_LE : CENV_OP_LT);
		return 1 + equal;
	}
	if ((*at != '=' && *at != '!') || !equal)
		return 0;
	*op = *at == '=' ? CENV_OP_EQ : CENV_OP_NE;
	return 2;
}

static size_t read_clause(const char *at, const char *end, struct clause *out)
{
	size_t op = read_op(at, end, &out->op), len = 0;

	out->version = at + op;
	if (!op || out->version == end || !is_digit(*out->version))
		return 0;
	while (out->version + len < end && is_version_char(out->version[len]))
		len++;
	out->len = len;
	return len > VERSION_MAX_LEN ? 0 : op + len;
}

/* @return is the whole text behind the name clauses, and few of them? */
static bool read_clauses(const char *at, const char *end, struct clause *clauses, size_t *n)
{
	while (at < end && *at == ' ')
		at++;
	for (*n = 0; at < end;) {
		size_t len = *n < CLAUSES_MAX ? read_clause(at, end, &clauses[*n]) : 0;

		if (!len)
			return false;
		(*n)++;
		at += len;
		if (at == end)
			return true;
		if (*at++ != ',' || at == end)
			return false;
	}
	return true;
}

/* Where the strings of a requirement go. */
struct keeper {
	struct cenv_arena *arena; /* NULL: each is a copy of its own */
	const char *end;          /* of the text */
};

static char *keep(const struct keeper *keeper, const char *s, size_t len)
{
	char *copy;

	if (!keeper->arena)
		return cenv_xstrndup(s, len);
	if (s + len == keeper->end)
		return (char *)s;
	copy = cenv_arena_alloc(keeper->arena, len + 1); /* zeroed */
	memcpy(copy, s, len);
	return copy;
}

static void keep_clauses(struct cenv_specifier *out, const struct keeper *keeper,
			 const struct clause *clauses, size_t n)
{
	if (!n)
		return;
	out->clauses = keeper->arena ? cenv_arena_alloc(keeper->arena, n * sizeof(*out->clauses))
				     : cenv_xcalloc(n, sizeof(*out->clauses));
	out->n = out->cap = n;
	for (size_t i = 0; i < n; i++) {
		out->clauses[i].op = clauses[i].op;
		out->clauses[i].version = keep(keeper, clauses[i].version, clauses[i].len);
	}
}

size_t cenv_requirement_plain(struct cenv_requirement *out, const char *text, size_t len,
			      struct cenv_arena *arena)
{
	size_t name = read_name(text, len), n;
	struct keeper keeper = {arena, text + len};
	struct clause clauses[CLAUSES_MAX];

	if (!name || !read_clauses(text + name, text + len, clauses, &n))
		return 0;
	if (!out)
		return name;
	*out = (struct cenv_requirement){
		.kind = CENV_REQ_NAME,
		.name = keep(&keeper, text, name),
		.text = keep(&keeper, text, len),
		.borrowed = arena != NULL,
	};
	out->key = arena ? out->name : cenv_xstrdup(out->name);
	keep_clauses(&out->spec, &keeper, clauses, n);
	return name;
}

/* SPDX-License-Identifier: MIT */
#include "core/specifier.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/version.h"
#include "core/version_part.h"

static const char *const op_text[] = {
	[CENV_OP_EQ] = "==", [CENV_OP_NE] = "!=", [CENV_OP_LE] = "<=",	       [CENV_OP_GE] = ">=",
	[CENV_OP_LT] = "<",  [CENV_OP_GT] = ">",  [CENV_OP_COMPATIBLE] = "~=", [CENV_OP_IDENTICAL] = "===",
};

/* Longest first, so that "==" does not hide "===". */
static const enum cenv_op op_order[] = {CENV_OP_IDENTICAL, CENV_OP_EQ, CENV_OP_NE,
					CENV_OP_LE,	   CENV_OP_GE, CENV_OP_COMPATIBLE,
					CENV_OP_LT,	   CENV_OP_GT};

enum { MAX_CLAUSES = 64 };

const char *cenv_op_text(enum cenv_op op)
{
	return op_text[op];
}

/* What is being parsed; pos is where a fault would be reported. */
struct scan {
	const char *text;
	size_t len;
	size_t pos;
};

static void skip_blanks(struct scan *s)
{
	while (s->pos < s->len && (s->text[s->pos] == ' ' || s->text[s->pos] == '\t'))
		s->pos++;
}

static bool is_version_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr("._+-~:", c));
}

static int parse_op(struct scan *s, enum cenv_op *op, struct cenv_err *err)
{
	const char *rest = s->text + s->pos;
	size_t left = s->len - s->pos;

	for (size_t i = 0; i < sizeof(op_order) / sizeof(*op_order); i++) {
		size_t len = strlen(op_text[op_order[i]]);

		if (left >= len && !memcmp(rest, op_text[op_order[i]], len)) {
			*op = op_order[i];
			s->pos += len;
			return 0;
		}
	}
	if (left == 0)
		return cenv_err_set(err, CENV_E_SYNTAX, "a version specifier is missing");
	if (left > 1 && *rest == '=' && (rest[1] == '<' || rest[1] == '>'))
		return cenv_err_set(err, CENV_E_SYNTAX, "'=%c' is no operator: write '%c='", rest[1],
				    rest[1]);
	if (*rest == '=')
		return cenv_err_set(err, CENV_E_SYNTAX, "'=' is no operator: write '=='");
	return cenv_err_set(err, CENV_E_SYNTAX,
			    "expected one of == != <= >= < > ~= === before the version");
}

/* How many numbers stand before the first word: 3 for 1.1.1w. */
static size_t count_release_parts(const char *version)
{
	struct cenv_version_part part = {0};
	size_t n = 0;

	while (cenv_version_next(&version, &part) &&
	       (part.rank == CENV_RANK_ZERO || part.rank == CENV_RANK_NUMBER))
		n++;
	return n;
}

static int check_clause(const struct cenv_clause *clause, struct cenv_err *err)
{
	if (!cenv_version_valid(clause->version))
		return cenv_err_set(err, CENV_E_SYNTAX,
				    strlen(clause->version) > 128
					    ? "a version is longer than 128 bytes"
					    : "a version starts with a letter or a digit");
	if (clause->wildcard && clause->op != CENV_OP_EQ && clause->op != CENV_OP_NE)
		return cenv_err_set(err, CENV_E_SYNTAX, "'.*' goes with == and != only, not with %s",
				    op_text[clause->op]);
	if (clause->op == CENV_OP_COMPATIBLE && count_release_parts(clause->version) < 2)
		return cenv_err_set(err, CENV_E_SYNTAX,
				    "~= needs at least two numbers, as in ~=%s.0", clause->version);
	return 0;
}

static int parse_version(struct scan *s, struct cenv_clause *clause, struct cenv_err *err)
{
	size_t start = s->pos, end;

	while (s->pos < s->len && is_version_char(s->text[s->pos]))
		s->pos++;
	end = s->pos;
	if (s->pos < s->len && s->text[s->pos] == '*' && end > start && s->text[end - 1] == '.') {
		clause->wildcard = true;
		s->pos++;
		end--;
	}
	if (end == start)
		return cenv_err_set(err, CENV_E_SYNTAX, "a version is missing after '%s'",
				    op_text[clause->op]);
	clause->version = cenv_xstrndup(s->text + start, end - start);
	if (check_clause(clause, err) < 0) {
		s->pos = start;
		return -1;
	}
	return 0;
}

static int parse_clause(struct scan *s, struct cenv_specifier *out, struct cenv_err *err)
{
	struct cenv_clause *clause;

	if (out->n >= MAX_CLAUSES)
		return cenv_err_set(err, CENV_E_SYNTAX, "more than %d version specifiers",
				    MAX_CLAUSES);
	CENV_GROW(out->clauses, out->n, out->cap);
	clause = &out->clauses[out->n++];
	*clause = (struct cenv_clause){0};
	if (parse_op(s, &clause->op, err) < 0)
		return -1;
	skip_blanks(s);
	if (parse_version(s, clause, err) < 0)
		return -1;
	skip_blanks(s);
	return 0;
}

static int parse_clauses(struct scan *s, struct cenv_specifier *out, struct cenv_err *err)
{
	skip_blanks(s);
	if (s->pos == s->len)
		return 0;
	for (;;) {
		if (parse_clause(s, out, err) < 0)
			return -1;
		if (s->pos == s->len)
			return 0;
		if (s->text[s->pos] != ',')
			return cenv_err_set(err, CENV_E_SYNTAX,
					    strchr("=<>!~", s->text[s->pos])
						    ? "a comma is missing between two specifiers"
						    : "unexpected text after the version");
		s->pos++;
		skip_blanks(s);
	}
}

int cenv_specifier_parse(struct cenv_specifier *out, const char *text, size_t len, size_t *errpos,
			 struct cenv_err *err)
{
	struct scan s = {.text = text, .len = len};

	*out = (struct cenv_specifier){0};
	if (parse_clauses(&s, out, err) == 0)
		return 0;
	if (errpos)
		*errpos = s.pos;
	cenv_specifier_release(out);
	return -1;
}

/* Do the first n components agree, a missing one counting as zero? */
static bool has_prefix(const char *version, const char *prefix, size_t n)
{
	struct cenv_version_part x = {0}, y = {0};

	for (size_t i = 0; i < n && cenv_version_next(&prefix, &y); i++) {
		cenv_version_next(&version, &x);
		if (cenv_version_part_cmp(&x, &y))
			return false;
	}
	return true;
}

static bool clause_matches(const struct cenv_clause *c, const char *version)
{
	switch (c->op) {
	case CENV_OP_EQ:
		return c->wildcard ? has_prefix(version, c->version, (size_t)-1)
				   : cenv_version_cmp(version, c->version) == 0;
	case CENV_OP_NE:
		return c->wildcard ? !has_prefix(version, c->version, (size_t)-1)
				   : cenv_version_cmp(version, c->version) != 0;
	case CENV_OP_LE:
		return cenv_version_cmp(version, c->version) <= 0;
	case CENV_OP_GE:
		return cenv_version_cmp(version, c->version) >= 0;
	case CENV_OP_LT:
		return cenv_version_cmp(version, c->version) < 0;
	case CENV_OP_GT:
		return cenv_version_cmp(version, c->version) > 0;
	case CENV_OP_COMPATIBLE:
		return cenv_version_cmp(version, c->version) >= 0 &&
		       has_prefix(version, c->version, count_release_parts(c->version) - 1);
	case CENV_OP_IDENTICAL:
		return !strcmp(version, c->version);
	}
	return false;
}

bool cenv_specifier_match(const struct cenv_specifier *spec, const char *version)
{
	for (size_t i = 0; i < spec->n; i++)
		if (!clause_matches(&spec->clauses[i], version))
			return false;
	return true;
}

bool cenv_specifier_names_prerelease(const struct cenv_specifier *spec)
{
	/* who shuts one out with != has not asked for the others */
	for (size_t i = 0; i < spec->n; i++)
		if (spec->clauses[i].op != CENV_OP_NE &&
		    cenv_version_is_prerelease(spec->clauses[i].version))
			return true;
	return false;
}

const char *cenv_specifier_pinned(const struct cenv_specifier *spec)
{
	const struct cenv_clause *c = spec->clauses;

	if (spec->n != 1 || c->wildcard || (c->op != CENV_OP_EQ && c->op != CENV_OP_IDENTICAL))
		return NULL;
	return c->version;
}

void cenv_specifier_format(const struct cenv_specifier *spec, struct cenv_buf *out)
{
	for (size_t i = 0; i < spec->n; i++) {
		const struct cenv_clause *c = &spec->clauses[i];

		cenv_buf_addf(out, "%s%s%s%s", i ? "," : "", op_text[c->op], c->version,
			      c->wildcard ? ".*" : "");
	}
}

void cenv_specifier_copy(struct cenv_specifier *to, const struct cenv_specifier *from)
{
	*to = (struct cenv_specifier){0};
	if (!from->n)
		return;
	to->clauses = cenv_xreallocarray(NULL, from->n, sizeof(*to->clauses));
	to->n = to->cap = from->n;
	for (size_t i = 0; i < from->n; i++) {
		to->clauses[i] = from->clauses[i];
		to->clauses[i].version = cenv_xstrdup(from->clauses[i].version);
	}
}

void cenv_specifier_release(struct cenv_specifier *spec)
{
	for (size_t i = 0; i < spec->n; i++)
		free(spec->clauses[i].version);
	free(spec->clauses);
	*spec = (struct cenv_specifier){0};
}

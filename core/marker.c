/* SPDX-License-Identifier: MIT */
#include "core/marker.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/specifier.h"
#include "core/version.h"

/* Deep enough for anything written by hand; bounds recursion and the stack of
 * truth values: each level holds at most one value of "or" and one of "and". */
enum { MAX_DEPTH = 32, MAX_TERMS = 1024, STACK_SIZE = 2 * MAX_DEPTH + 4 };

static const struct {
	const char *name;
	size_t offset;
} variables[] = {
	{"target_system", offsetof(struct cenv_marker_env, target_system)},
	{"target_machine", offsetof(struct cenv_marker_env, target_machine)},
	{"target_libc", offsetof(struct cenv_marker_env, target_libc)},
	{"compiler", offsetof(struct cenv_marker_env, compiler)},
	{"platform_system", offsetof(struct cenv_marker_env, platform_system)},
	{"platform_machine", offsetof(struct cenv_marker_env, platform_machine)},
};
enum { NVARIABLES = sizeof(variables) / sizeof(*variables), COMPILER = 3 };

enum marker_op { OP_VERSION, OP_IN, OP_NOT_IN }; /* OP_VERSION: an enum cenv_op */

struct operand {
	char *text;   /* of a literal, or NULL */
	int variable; /* index, when text is NULL */
};

enum step_kind { STEP_COMPARE, STEP_AND, STEP_OR };

struct step {
	enum step_kind kind;
	enum marker_op op;
	enum cenv_op compare;
	struct operand left, right;
};

/* The expression with operators behind what they join, run on a small stack. */
struct cenv_marker {
	struct step *steps;
	size_t n, cap;
};

struct parser {
	const char *text;
	size_t len, pos;
	unsigned depth;
	struct cenv_marker *out;
};

static int syntax(struct cenv_err *err, const char *msg)
{
	return cenv_err_set(err, CENV_E_SYNTAX, "%s", msg);
}

static void skip_blanks(struct parser *p)
{
	while (p->pos < p->len && (p->text[p->pos] == ' ' || p->text[p->pos] == '\t'))
		p->pos++;
}

static bool is_word_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || c == '.';
}

/* Length of the identifier at pos. */
static size_t word_len(const struct parser *p)
{
	size_t n = 0;

	while (p->pos + n < p->len && is_word_char(p->text[p->pos + n]))
		n++;
	return n;
}

static bool take_word(struct parser *p, const char *word)
{
	size_t n = word_len(p);

	if (n != strlen(word) || memcmp(p->text + p->pos, word, n))
		return false;
	p->pos += n;
	skip_blanks(p);
	return true;
}

static struct step *add_step(struct parser *p, enum step_kind kind)
{
	struct cenv_marker *m = p->out;

	CENV_GROW(m->steps, m->n, m->cap);
	m->steps[m->n] = (struct step){.kind = kind};
	return &m->steps[m->n++];
}

static int parse_literal(struct parser *p, struct operand *out, struct cenv_err *err)
{
	const char *start = p->text + p->pos + 1;
	const char *end = memchr(start, p->text[p->pos], p->len - p->pos - 1);

	if (!end)
		return syntax(err, "this quote is never closed");
	out->text = cenv_xstrndup(start, (size_t)(end - start));
	p->pos = (size_t)(end - p->text) + 1;
	return 0;
}

static int unknown_variable(const char *word, size_t len, struct cenv_err *err)
{
	return cenv_err_set(err, CENV_E_SYNTAX,
			    "unknown marker variable '%.*s': target_system, target_machine, "
			    "target_libc, compiler, platform_system and platform_machine are known",
			    (int)(len > 64 ? 64 : len), word);
}

static int parse_operand(struct parser *p, struct operand *out, struct cenv_err *err)
{
	size_t len = word_len(p);
	const char *word = p->text + p->pos;

	if (p->pos < p->len && (*word == '"' || *word == '\''))
		return parse_literal(p, out, err);
	for (int i = 0; i < NVARIABLES; i++) {
		if (len == strlen(variables[i].name) && !memcmp(word, variables[i].name, len)) {
			out->variable = i;
			p->pos += len;
			return 0;
		}
	}
	if (len)
		return unknown_variable(word, len, err);
	return syntax(err, "expected a marker variable or a quoted text");
}

static int parse_operator(struct parser *p, struct step *step, struct cenv_err *err)
{
	static const enum cenv_op ops[] = {CENV_OP_IDENTICAL,  CENV_OP_EQ, CENV_OP_NE, CENV_OP_LE,
					   CENV_OP_GE, CENV_OP_COMPATIBLE, CENV_OP_LT, CENV_OP_GT};

	skip_blanks(p);
	if (take_word(p, "in")) {
		step->op = OP_IN;
		return 0;
	}
	if (take_word(p, "not")) {
		step->op = OP_NOT_IN;
		return take_word(p, "in") ? 0 : syntax(err, "expected 'in' after 'not'");
	}
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		const char *text = cenv_op_text(ops[i]);

		if (p->len - p->pos >= strlen(text) &&
		    !memcmp(p->text + p->pos, text, strlen(text))) {
			step->compare = ops[i];
			p->pos += strlen(text);
			skip_blanks(p);
			return 0;
		}
	}
	return syntax(err, "expected an operator: == != <= >= < > ~= === in, not in");
}

static int parse_or(struct parser *p, struct cenv_err *err);

static int parse_group(struct parser *p, struct cenv_err *err)
{
	size_t open = p->pos++;

	if (++p->depth > MAX_DEPTH)
		return cenv_err_set(err, CENV_E_SYNTAX, "parentheses nested deeper than %d",
				    MAX_DEPTH);
	skip_blanks(p);
	if (parse_or(p, err) < 0)
		return -1;
	if (p->pos >= p->len || p->text[p->pos] != ')') {
		if (p->pos >= p->len)
			p->pos = open;
		return syntax(err, p->pos == open ? "this '(' is never closed"
						  : "expected 'and', 'or' or ')'");
	}
	p->depth--;
	p->pos++;
	skip_blanks(p);
	return 0;
}

static int parse_comparison(struct parser *p, struct cenv_err *err)
{
	struct step *step;

	if (p->pos < p->len && p->text[p->pos] == '(')
		return parse_group(p, err);
	if (p->out->n >= MAX_TERMS)
		return cenv_err_set(err, CENV_E_SYNTAX, "a marker with more than %d parts",
				    MAX_TERMS);
	step = add_step(p, STEP_COMPARE);
	if (parse_operand(p, &step->left, err) < 0 || parse_operator(p, step, err) < 0 ||
	    parse_operand(p, &step->right, err) < 0)
		return -1;
	skip_blanks(p);
	return 0;
}

static int parse_and(struct parser *p, struct cenv_err *err)
{
	if (parse_comparison(p, err) < 0)
		return -1;
	while (take_word(p, "and")) {
		if (parse_comparison(p, err) < 0)
			return -1;
		add_step(p, STEP_AND);
	}
	return 0;
}

static int parse_or(struct parser *p, struct cenv_err *err)
{
	if (parse_and(p, err) < 0)
		return -1;
	while (take_word(p, "or")) {
		if (parse_and(p, err) < 0)
			return -1;
		add_step(p, STEP_OR);
	}
	return 0;
}

int cenv_marker_parse(struct cenv_marker **out, const char *text, size_t len, size_t *errpos,
		      struct cenv_err *err)
{
	struct parser p = {.text = text, .len = len, .out = cenv_xcalloc(1, sizeof(**out))};
	int ret;

	*out = NULL;
	skip_blanks(&p);
	ret = parse_or(&p, err);
	if (ret == 0 && p.pos < len)
		ret = syntax(err, "expected 'and' or 'or'");
	if (ret == 0) {
		*out = p.out;
		return 0;
	}
	if (errpos)
		*errpos = p.pos;
	cenv_marker_free(p.out);
	return -1;
}

void cenv_marker_free(struct cenv_marker *marker)
{
	if (!marker)
		return;
	for (size_t i = 0; i < marker->n; i++) {
		free(marker->steps[i].left.text);
		free(marker->steps[i].right.text);
	}
	free(marker->steps);
	free(marker);
}

static const char *value_of(const struct operand *operand, const struct cenv_marker_env *env)
{
	if (operand->text)
		return operand->text;
	return *(const char *const *)((const char *)env + variables[operand->variable].offset);
}

static bool is_version(const char *text)
{
	return *text >= '0' && *text <= '9';
}

static bool order_holds(enum cenv_op op, int order)
{
	switch (op) {
	case CENV_OP_EQ:
	case CENV_OP_IDENTICAL:
		return order == 0;
	case CENV_OP_NE:
		return order != 0;
	case CENV_OP_LE:
		return order <= 0;
	case CENV_OP_GE:
		return order >= 0;
	case CENV_OP_LT:
		return order < 0;
	case CENV_OP_GT:
		return order > 0;
	case CENV_OP_COMPATIBLE:
		return false; /* not for texts that are no versions */
	}
	return false;
}

/* Both start with a digit. Texts that are no versions after all compare as texts. */
static bool versions_compare(enum cenv_op op, const char *left, const char *right)
{
	char *text = cenv_strf("%s%s", cenv_op_text(op), right);
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_specifier spec;
	bool holds;

	if (cenv_version_valid(left) &&
	    cenv_specifier_parse(&spec, text, strlen(text), NULL, &err) == 0) {
		holds = cenv_specifier_match(&spec, left);
		cenv_specifier_release(&spec);
	} else {
		holds = order_holds(op, strcmp(left, right));
	}
	cenv_err_release(&err);
	free(text);
	return holds;
}

static bool texts_compare(enum cenv_op op, const char *left, const char *right)
{
	if (is_version(left) && is_version(right))
		return versions_compare(op, left, right);
	return order_holds(op, strcmp(left, right));
}

/* "gcc 12.2.0" compares with "12" by its version, with "gcc" by its name. */
static void trim_compiler(const char **compiler, const char *other, char **name)
{
	const char *blank = strchr(*compiler, ' ');

	if (!blank || strchr(other, ' '))
		return;
	if (is_version(other))
		*compiler = blank + 1;
	else
		*compiler = *name = cenv_xstrndup(*compiler, (size_t)(blank - *compiler));
}

static bool is_compiler(const struct operand *operand)
{
	return !operand->text && operand->variable == COMPILER;
}

static bool comparison_holds(const struct step *step, const struct cenv_marker_env *env)
{
	const char *left = value_of(&step->left, env), *right = value_of(&step->right, env);
	char *name = NULL;
	bool holds;

	if (step->op != OP_VERSION)
		return (strstr(right, left) != NULL) == (step->op == OP_IN);
	if (is_compiler(&step->left) && !is_compiler(&step->right))
		trim_compiler(&left, right, &name);
	else if (is_compiler(&step->right) && !is_compiler(&step->left))
		trim_compiler(&right, left, &name);
	holds = texts_compare(step->compare, left, right);
	free(name);
	return holds;
}

bool cenv_marker_eval(const struct cenv_marker *marker, const struct cenv_marker_env *env)
{
	bool stack[STACK_SIZE];
	size_t top = 0;

	for (size_t i = 0; i < marker->n; i++) {
		const struct step *step = &marker->steps[i];

		if (step->kind == STEP_COMPARE) {
			stack[top++] = comparison_holds(step, env);
			continue;
		}
		top--;
		if (step->kind == STEP_AND)
			stack[top - 1] = stack[top - 1] && stack[top];
		else
			stack[top - 1] = stack[top - 1] || stack[top];
	}
	return stack[0];
}

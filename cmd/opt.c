/* SPDX-License-Identifier: MIT */
#include "cmd/opt.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"

const struct cmd_opt cmd_common_opts[] = {
	{'h', "help", CMD_FLAG, offsetof(struct cmd_common, help), NULL, 0, false,
	 "print this help"},
	{'q', "quiet", CMD_FLAG, offsetof(struct cmd_common, quiet), NULL, 0, false,
	 "print only errors and warnings"},
	{'v', "verbose", CMD_FLAG, offsetof(struct cmd_common, verbose), NULL, 0, false,
	 "say more about what is done"},
	{0, "color", CMD_STRING, offsetof(struct cmd_common, color), "auto|always|never",
	 CMD_COMPLETE_WORDS, true, "colour of messages; NO_COLOR also turns it off"},
	CMD_OPT_END,
};

/* A row together with the structure it fills. */
struct target {
	const struct cmd_opt *opt;
	void *base;
};

static const struct cmd_opt *find_long(const struct cmd_opt *opts, const char *name, size_t len)
{
	for (; opts->name; opts++)
		if (!strncmp(opts->name, name, len) && !opts->name[len])
			return opts;
	return NULL;
}

static const struct cmd_opt *find_letter(const struct cmd_opt *opts, char letter)
{
	for (; opts->name; opts++)
		if (opts->letter && opts->letter == letter)
			return opts;
	return NULL;
}

static int bad_value(const struct cmd_def *def, const struct cmd_opt *opt, const char *value,
		     const char *want, struct cenv_err *err)
{
	cenv_err_set(err, CENV_E_USAGE, "%s: option '--%s' takes %s, not '%s'", def->name,
		     opt->name, want, value);
	cenv_err_hint(err, "see 'cenv %s --help'", def->name);
	return -1;
}

static bool is_one_of(const char *words, const char *value)
{
	size_t len = strlen(value);

	while (*words) {
		size_t n = strcspn(words, "|");

		if (n == len && !memcmp(words, value, n))
			return true;
		words += n + (words[n] == '|');
	}
	return false;
}

static int store_value(const struct cmd_def *def, struct target t, const char *value,
		       struct cenv_err *err)
{
	char *member = (char *)t.base + t.opt->offset, *end;
	unsigned long number;

	if (t.opt->complete == CMD_COMPLETE_WORDS && value && !is_one_of(t.opt->arg, value))
		return bad_value(def, t.opt, value, t.opt->arg, err);
	switch (t.opt->type) {
	case CMD_FLAG:
		*(bool *)(void *)member = true;
		break;
	case CMD_STRING:
		*(const char **)(void *)member = value;
		break;
	case CMD_LIST:
		cenv_strv_add((struct cenv_strv *)(void *)member, value);
		break;
	case CMD_ORDERED:
		cenv_strv_addf((struct cenv_strv *)(void *)member, "%c:%s", t.opt->letter, value);
		break;
	case CMD_NUMBER:
		number = strtoul(value, &end, 10);
		if (!isdigit((unsigned char)*value) || *end || number > 1000000000)
			return bad_value(def, t.opt, value, "a number", err);
		*(unsigned *)(void *)member = (unsigned)number;
		break;
	}
	return 0;
}

static int unknown_option(const struct cmd_def *def, const char *arg, size_t len,
			  struct cenv_err *err)
{
	const char *known[128], *near[1];
	char *name = cenv_xstrndup(arg, len);
	size_t n = 0;

	cenv_err_set(err, CENV_E_USAGE, "%s: unknown option '%s'", def->name, name);
	for (const struct cmd_opt *o = def->opts; o->name && n < 120; o++)
		known[n++] = o->name;
	for (const struct cmd_opt *o = cmd_common_opts; o->name && n < 128; o++)
		known[n++] = o->name;
	if (len > 3 && cenv_suggest(name + 2, known, n, near, 1))
		cenv_err_hint(err, "did you mean '--%s'? See 'cenv %s --help'", near[0], def->name);
	else
		cenv_err_hint(err, "see 'cenv %s --help'", def->name);
	free(name);
	return -1;
}

static int missing_value(const struct cmd_def *def, const struct cmd_opt *opt, struct cenv_err *err)
{
	cenv_err_set(err, CENV_E_USAGE, "%s: option '--%s' needs a value: %s", def->name, opt->name,
		     opt->arg);
	cenv_err_hint(err, "see 'cenv %s --help'", def->name);
	return -1;
}

struct parser {
	const struct cmd_def *def;
	void *opts;
	struct cmd_common *common;
	int argc, next;
	char **argv;
};

static struct target lookup(const struct parser *p, const char *name, size_t len)
{
	const struct cmd_opt *opt = find_long(p->def->opts, name, len);

	if (opt)
		return (struct target){opt, p->opts};
	return (struct target){find_long(cmd_common_opts, name, len), p->common};
}

static struct target lookup_letter(const struct parser *p, char letter)
{
	const struct cmd_opt *opt = find_letter(p->def->opts, letter);

	if (opt)
		return (struct target){opt, p->opts};
	return (struct target){find_letter(cmd_common_opts, letter), p->common};
}

static int parse_long(struct parser *p, const char *arg, struct cenv_err *err)
{
	const char *value = strchr(arg, '=');
	size_t len = value ? (size_t)(value - arg) : strlen(arg);
	struct target t = lookup(p, arg + 2, len - 2);

	if (!t.opt)
		return unknown_option(p->def, arg, len, err);
	if (t.opt->type == CMD_FLAG && value)
		return cenv_err_set(err, CENV_E_USAGE, "%s: option '--%s' takes no value",
				    p->def->name, t.opt->name);
	if (value)
		value++;
	else if (t.opt->type != CMD_FLAG && p->next < p->argc)
		value = p->argv[p->next++];
	if (t.opt->type != CMD_FLAG && !value)
		return missing_value(p->def, t.opt, err);
	return store_value(p->def, t, value, err);
}

/* -rFILE, -r FILE, and clusters such as -qU */
static int parse_letters(struct parser *p, const char *arg, struct cenv_err *err)
{
	for (const char *letter = arg + 1; *letter; letter++) {
		struct target t = lookup_letter(p, *letter);
		const char *value = NULL;

		if (!t.opt) {
			char shown[3] = {'-', *letter, '\0'};

			return unknown_option(p->def, shown, 2, err);
		}
		if (t.opt->type != CMD_FLAG) {
			value = letter[1] ? letter + 1 : p->next < p->argc ? p->argv[p->next++] : NULL;
			if (!value)
				return missing_value(p->def, t.opt, err);
		}
		if (store_value(p->def, t, value, err) < 0)
			return -1;
		if (value)
			break;
	}
	return 0;
}

/* CENV_FIND_LINKS for find-links; lists are separated by blanks. Single values are set before the
 * command line, which replaces them; lists after it, so that what it names comes first. */
static int from_environment(const struct cmd_def *def, const struct cmd_opt *table, void *base,
			    bool lists, struct cenv_err *err)
{
	for (const struct cmd_opt *o = table; o->name; o++) {
		struct target t = {o, base};
		char name[64] = "CENV_";
		const char *value;

		if (!o->from_config || (o->type == CMD_LIST) != lists)
			continue;
		for (size_t i = 0; o->name[i] && i < 50; i++)
			name[i + 5] = o->name[i] == '-' ? '_' : (char)toupper(o->name[i]);
		value = getenv(name);
		if (!value || !*value || (o->type == CMD_FLAG && !strcmp(value, "0")))
			continue;
		if (o->type != CMD_LIST) {
			if (store_value(def, t, value, err) < 0)
				return cenv_err_wrap(err, "environment variable %s", name);
			continue;
		}
		while (*value) {
			size_t n = strcspn(value, " \t");

			if (n)
				cenv_strv_addn((struct cenv_strv *)(void *)((char *)base + o->offset),
					       value, n);
			value += n + (value[n] != '\0');
		}
	}
	return 0;
}

static int check_count(const struct cmd_def *def, unsigned n, struct cenv_err *err)
{
	unsigned max = def->max_args == CMD_NO_ARGS ? 0 : def->max_args ? def->max_args : ~0u;

	if (n < def->min_args)
		cenv_err_set(err, CENV_E_USAGE, "%s: expected %s", def->name, def->args);
	else if (n > max)
		cenv_err_set(err, CENV_E_USAGE, max ? "%s: too many arguments" : "%s: takes no arguments",
			     def->name);
	else
		return 0;
	cenv_err_hint(err, "see 'cenv %s --help'", def->name);
	return -1;
}

int cmd_opt_parse(const struct cmd_def *def, void *opts, struct cmd_common *common, int *argc,
		  char **argv, struct cenv_err *err)
{
	struct parser p = {def, opts, common, *argc, 1, argv};
	int kept = 1;
	bool ended = false;

	if (from_environment(def, def->opts, opts, false, err) < 0 ||
	    from_environment(def, cmd_common_opts, common, false, err) < 0)
		return -1;
	while (p.next < p.argc) {
		char *arg = argv[p.next++];

		if (ended || arg[0] != '-' || !arg[1]) {
			argv[kept++] = arg;
			ended = ended || def->stop_at_arg;
			continue;
		}
		if (!strcmp(arg, "--")) {
			ended = true;
			continue;
		}
		if ((arg[1] == '-' ? parse_long(&p, arg, err) : parse_letters(&p, arg, err)) < 0)
			return -1;
	}
	*argc = kept - 1;
	argv[kept] = NULL;
	if (from_environment(def, def->opts, opts, true, err) < 0)
		return -1;
	return common->help ? 0 : check_count(def, (unsigned)*argc, err);
}

void cmd_opt_release(const struct cmd_def *def, void *opts)
{
	for (const struct cmd_opt *o = def->opts; o->name; o++)
		if (o->type == CMD_LIST || o->type == CMD_ORDERED)
			cenv_strv_release((struct cenv_strv *)(void *)((char *)opts + o->offset));
}

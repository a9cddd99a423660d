/* SPDX-License-Identifier: MIT */
#include "cmd/generate.h"

#include <string.h>

typedef void (*put_option_fn)(FILE *out, const struct cmd_def *def, const struct cmd_opt *opt);

static void each_option(FILE *out, const struct cmd_def *def, put_option_fn put)
{
	for (const struct cmd_opt *o = def->opts; o->name; o++)
		if (o->help)
			put(out, def, o);
	for (const struct cmd_opt *o = cmd_common_opts; o->name; o++)
		put(out, def, o);
}

/* Words of "a|b|c" with blanks between. */
static void put_words(FILE *out, const char *words)
{
	for (; *words; words++)
		fputc(*words == '|' ? ' ' : *words, out);
}

/* Inside single quotes of any of the three shells. */
static void put_quoted(FILE *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\'')
			fputs("'\\''", out);
		else
			fputc(*s, out);
	}
}

/* ---- bash ---- */

static void bash_names(FILE *out, const struct cmd_def *def, const struct cmd_opt *opt)
{
	(void)def;
	fprintf(out, " --%s", opt->name);
	if (opt->letter)
		fprintf(out, " -%c", opt->letter);
}

static const char *bash_action(enum cmd_complete complete)
{
	switch (complete) {
	case CMD_COMPLETE_FILE:
		return "COMPREPLY=($(compgen -f -- \"$cur\"))";
	case CMD_COMPLETE_DIR:
		return "COMPREPLY=($(compgen -d -- \"$cur\"))";
	case CMD_COMPLETE_INSTALLED:
		return "COMPREPLY=($(compgen -W \"$(cenv _names installed 2>/dev/null)\" -- \"$cur\"))";
	case CMD_COMPLETE_KNOWN:
		return "COMPREPLY=($(compgen -W \"$(cenv _names known 2>/dev/null)\" -- \"$cur\") "
		       "$(compgen -f -- \"$cur\"))";
	case CMD_COMPLETE_COMMAND:
		return "COMPREPLY=($(compgen -c -- \"$cur\"))";
	case CMD_COMPLETE_NONE:
	case CMD_COMPLETE_WORDS:
		break;
	}
	return "COMPREPLY=()";
}

static void bash_put_action(FILE *out, enum cmd_complete complete, const char *words)
{
	if (complete == CMD_COMPLETE_WORDS) {
		fputs("COMPREPLY=($(compgen -W '", out);
		put_words(out, words);
		fputs("' -- \"$cur\"))", out);
	} else {
		fputs(bash_action(complete), out);
	}
}

static void bash_value(FILE *out, const struct cmd_def *def, const struct cmd_opt *opt)
{
	if (!opt->arg)
		return;
	fprintf(out, "\t\t%s:--%s", def->name, opt->name);
	if (opt->letter)
		fprintf(out, "|%s:-%c", def->name, opt->letter);
	fputs(") ", out);
	bash_put_action(out, opt->complete, opt->arg);
	fputs("; return ;;\n", out);
}

void generate_bash(FILE *out)
{
	fputs("# bash completion for cenv, made from its option tables\n"
	      "_cenv() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} "
	      "command=${COMP_WORDS[1]-}\n"
	      "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W '--help --version",
	      out);
	for (const struct cmd_def *const *def = cmd_table; *def; def++)
		if (!(*def)->is_hidden)
			fprintf(out, " %s", (*def)->name);
	fputs("' -- \"$cur\"))\n\t\treturn\n\tfi\n\tcase $command:$prev in\n", out);
	for (const struct cmd_def *const *def = cmd_table; *def; def++)
		if (!(*def)->is_hidden)
			each_option(out, *def, bash_value);
	fputs("\tesac\n\tcase $command:$cur in\n", out);
	for (const struct cmd_def *const *def = cmd_table; *def; def++) {
		if ((*def)->is_hidden)
			continue;
		fprintf(out, "\t\t%s:-*) COMPREPLY=($(compgen -W '", (*def)->name);
		each_option(out, *def, bash_names);
		fprintf(out, "' -- \"$cur\")) ;;\n\t\t%s:*) ", (*def)->name);
		bash_put_action(out, (*def)->complete, (*def)->args);
		fputs(" ;;\n", out);
	}
	fputs("\tesac\n}\ncomplete -o filenames -F _cenv cenv\n", out);
}

/* ---- zsh ---- */

/* Text inside [...] of an _arguments specification. */
static void zsh_text(FILE *out, const char *s)
{
	for (; *s; s++) {
		if (strchr("[]:\\", *s))
			fputc('\\', out);
		if (*s == '\'')
			fputs("'\\''", out);
		else
			fputc(*s, out);
	}
}

static void zsh_put_action(FILE *out, enum cmd_complete complete, const char *words)
{
	switch (complete) {
	case CMD_COMPLETE_NONE:
		fputc(' ', out);
		break;
	case CMD_COMPLETE_FILE:
		fputs("_files", out);
		break;
	case CMD_COMPLETE_DIR:
		fputs("_directories", out);
		break;
	case CMD_COMPLETE_INSTALLED:
		fputs("_cenv_installed", out);
		break;
	case CMD_COMPLETE_KNOWN:
		fputs("_cenv_known", out);
		break;
	case CMD_COMPLETE_COMMAND:
		fputs("_command_names -e", out);
		break;
	case CMD_COMPLETE_WORDS:
		fputc('(', out);
		put_words(out, words);
		fputc(')', out);
		break;
	}
}

static void zsh_spec(FILE *out, const struct cmd_opt *opt, const char *dashes, const char *name)
{
	fprintf(out, " \\\n\t\t\t'%s%s%s[", opt->type == CMD_LIST || opt->type == CMD_ORDERED ? "*" : "",
		dashes, name);
	zsh_text(out, opt->help);
	fputc(']', out);
	if (opt->arg) {
		fputc(':', out);
		zsh_text(out, opt->complete == CMD_COMPLETE_WORDS ? opt->name : opt->arg);
		fputc(':', out);
		zsh_put_action(out, opt->complete, opt->arg);
	}
	fputc('\'', out);
}

static void zsh_option(FILE *out, const struct cmd_def *def, const struct cmd_opt *opt)
{
	char letter[2] = {opt->letter, '\0'};

	(void)def;
	zsh_spec(out, opt, "--", opt->name);
	if (opt->letter)
		zsh_spec(out, opt, "-", letter);
}

void generate_zsh(FILE *out)
{
	fputs("#compdef cenv\n"
	      "# zsh completion for cenv, made from its option tables\n"
	      "_cenv_installed() { compadd -- ${(f)\"$(cenv _names installed 2>/dev/null)\"} }\n"
	      "_cenv_known() { compadd -- ${(f)\"$(cenv _names known 2>/dev/null)\"}; _files }\n"
	      "_cenv() {\n"
	      "\tlocal -a commands\n"
	      "\tcommands=(\n",
	      out);
	for (const struct cmd_def *const *def = cmd_table; *def; def++) {
		if ((*def)->is_hidden)
			continue;
		fprintf(out, "\t\t'%s:", (*def)->name);
		put_quoted(out, (*def)->summary);
		fputs("'\n", out);
	}
	fputs("\t)\n"
	      "\tif (( CURRENT == 2 )); then\n"
	      "\t\t_describe command commands\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tlocal command=$words[2]\n"
	      "\tshift words\n"
	      "\t(( CURRENT-- ))\n"
	      "\tcase $command in\n",
	      out);
	for (const struct cmd_def *const *def = cmd_table; *def; def++) {
		if ((*def)->is_hidden)
			continue;
		fprintf(out, "\t%s)\n\t\t_arguments -s", (*def)->name);
		each_option(out, *def, zsh_option);
		fputs(" \\\n\t\t\t'*:argument:", out);
		zsh_put_action(out, (*def)->complete, (*def)->args);
		fputs("' ;;\n", out);
	}
	fputs("\tesac\n}\nif [ \"$funcstack[1]\" = _cenv ]; then _cenv \"$@\"; else compdef _cenv cenv; "
	      "fi\n",
	      out);
}

/* ---- fish ---- */

static void fish_put_action(FILE *out, enum cmd_complete complete, const char *words)
{
	switch (complete) {
	case CMD_COMPLETE_FILE:
		fputs(" -F", out);
		break;
	case CMD_COMPLETE_DIR:
		fputs(" -x -a '(__fish_complete_directories)'", out);
		break;
	case CMD_COMPLETE_INSTALLED:
		fputs(" -x -a '(cenv _names installed 2>/dev/null)'", out);
		break;
	case CMD_COMPLETE_KNOWN:
		fputs(" -a '(cenv _names known 2>/dev/null)'", out);
		break;
	case CMD_COMPLETE_COMMAND:
		fputs(" -x -a '(__fish_complete_command)'", out);
		break;
	case CMD_COMPLETE_WORDS:
		fputs(" -x -a '", out);
		put_words(out, words);
		fputc('\'', out);
		break;
	case CMD_COMPLETE_NONE:
		fputs(" -f", out);
		break;
	}
}

static void fish_option(FILE *out, const struct cmd_def *def, const struct cmd_opt *opt)
{
	fprintf(out, "complete -c cenv -n '__fish_seen_subcommand_from %s' -l %s", def->name, opt->name);
	if (opt->letter)
		fprintf(out, " -s %c", opt->letter);
	if (opt->arg) {
		fputs(" -r", out);
		fish_put_action(out, opt->complete, opt->arg);
	}
	fputs(" -d '", out);
	put_quoted(out, opt->help);
	fputs("'\n", out);
}

void generate_fish(FILE *out)
{
	fputs("# fish completion for cenv, made from its option tables\n"
	      "complete -c cenv -n __fish_use_subcommand -l help -d 'print help'\n"
	      "complete -c cenv -n __fish_use_subcommand -l version -d 'print the version'\n",
	      out);
	for (const struct cmd_def *const *def = cmd_table; *def; def++) {
		if ((*def)->is_hidden)
			continue;
		fprintf(out, "complete -c cenv -n __fish_use_subcommand -f -a %s -d '", (*def)->name);
		put_quoted(out, (*def)->summary);
		fprintf(out, "'\ncomplete -c cenv -n '__fish_seen_subcommand_from %s'", (*def)->name);
		fish_put_action(out, (*def)->complete, (*def)->args);
		fputc('\n', out);
		each_option(out, *def, fish_option);
	}
}

/* SPDX-License-Identifier: MIT */
#include "cmd/generate.h"

#include <string.h>

/* Text for roff: backslashes and hyphens escaped, no line starts with a control character. */
static void put_text(FILE *out, const char *s)
{
	bool line_start = true;

	for (; *s; s++) {
		if (line_start && (*s == '.' || *s == '\''))
			fputs("\\&", out);
		line_start = *s == '\n';
		if (*s == '\\')
			fputs("\\e", out);
		else if (*s == '-')
			fputs("\\-", out);
		else if (*s == '\n' && s[1] == '\n') {
			fputs("\n.PP\n", out);
			s++;
			line_start = true;
		} else {
			fputc(*s, out);
		}
	}
}

static void put_header(FILE *out, const char *name, const char *summary)
{
	fprintf(out, ".TH \"%s\" 1 \"\" \"cenv %s\" \"cenv manual\"\n.SH NAME\n", name, CENV_VERSION);
	put_text(out, name);
	fputs(" \\- ", out);
	put_text(out, summary);
	fputc('\n', out);
}

static void put_option(FILE *out, const struct cmd_opt *opt)
{
	if (!opt->help)
		return;
	fputs(".TP\n", out);
	if (opt->letter)
		fprintf(out, "\\fB\\-%c\\fR, ", opt->letter);
	fputs("\\fB\\-\\-", out);
	put_text(out, opt->name);
	fputs("\\fR", out);
	if (opt->arg) {
		fputs(" \\fI", out);
		put_text(out, opt->arg);
		fputs("\\fR", out);
	}
	fputc('\n', out);
	put_text(out, opt->help);
	if (opt->from_config) {
		fputs(" (default from \\fBCENV_", out);
		for (const char *p = opt->name; *p; p++)
			fputc(*p == '-' ? '_' : *p >= 'a' && *p <= 'z' ? *p - 32 : *p, out);
		fputs("\\fR)", out);
	}
	fputc('\n', out);
}

static void put_options(FILE *out, const struct cmd_opt *opts)
{
	for (; opts->name; opts++)
		put_option(out, opts);
}

static void put_command_page(FILE *out, const struct cmd_def *def)
{
	char name[64];

	snprintf(name, sizeof(name), "cenv-%s", def->name);
	put_header(out, name, def->summary);
	fputs(".SH SYNOPSIS\n\\fBcenv ", out);
	put_text(out, def->name);
	fputs("\\fR [\\fIOPTION\\fR...] ", out);
	put_text(out, def->args);
	fputs("\n.SH DESCRIPTION\n", out);
	put_text(out, def->description);
	fputs("\n.SH OPTIONS\n", out);
	put_options(out, def->opts);
	put_options(out, cmd_common_opts);
	if (def->examples)
		fputs(".SH EXAMPLES\n", out);
	for (const struct cmd_example *e = def->examples; e && e->line; e++) {
		fputs(".TP\n\\fB", out);
		put_text(out, e->line);
		fputs("\\fR\n", out);
		put_text(out, e->what);
		fputc('\n', out);
	}
	fputs(".SH EXIT STATUS\nAs \\fBcenv\\fR(1) lists.\n"
	      ".SH SEE ALSO\n\\fBcenv\\fR(1)\n",
	      out);
}

static const char *const exit_rows[][2] = {
	{"0", "done"},
	{"1", "failed, or the answer is no: damage found, lock out of date, full disk"},
	{"2", "command line misused; requirements, recipe or configuration malformed"},
	{"3", "the requirements contradict each other, or nothing provides them"},
	{"4", "download or verification failed; unsafe archive"},
	{"5", "a build failed, or a tool it needs is missing"},
	{"6", "no environment"},
	{"130", "interrupted; the signal is raised again. \\fBcenv run\\fR passes on the status of "
		"what it ran"},
};

static const char *const variable_rows[][2] = {
	{"CENV", "the active environment; set by activation"},
	{"CENV_HOME", "the store; default ${XDG_CACHE_HOME:\\-~/.cache}/cenv"},
	{"CENV_MIRROR", "folders and URLs, separated by blanks, where archives are looked for by "
			"sha256 and by file name"},
	{"CENV_INDEX", "folders and URLs of recipes before the shipped ones"},
	{"CENV_OFFLINE", "1: use only the store and local folders"},
	{"CENV_DISABLE_PROMPT", "not empty: activation leaves the prompt as it is"},
	{"CENV_NETRC", "1: take user names and passwords from ~/.netrc"},
	{"NO_COLOR", "not empty: no colour"},
};

static void put_overview_page(FILE *out)
{
	put_header(out, "cenv", "isolated environments and a dependency lock for C");
	fputs(".SH SYNOPSIS\n\\fBcenv\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIARG\\fR...]\n"
	      ".SH DESCRIPTION\n"
	      "cenv gives a C project a private prefix to build against, libraries installed\n"
	      "into it by one command, and a text file that pins all of it exactly.\n"
	      ".PP\n.RS 4\n.nf\n"
	      "cenv create test_env\n"
	      "source test_env/bin/activate\n"
	      "cenv install zlib \\(dqlibpng>=1.6\\(dq\n"
	      "cc hello.c $(pkg\\-config \\-\\-cflags \\-\\-libs libpng) && ./a.out\n"
	      "cenv freeze > requirements.txt\n"
	      "deactivate\n"
	      ".fi\n.RE\n.SH COMMANDS\n",
	      out);
	for (const struct cmd_def *const *def = cmd_table; *def; def++) {
		if ((*def)->is_hidden)
			continue;
		fputs(".TP\n\\fBcenv\\-", out);
		put_text(out, (*def)->name);
		fputs("\\fR(1)\n", out);
		put_text(out, (*def)->summary);
		fputc('\n', out);
	}
	fputs(".SH EXIT STATUS\n", out);
	for (size_t i = 0; i < sizeof(exit_rows) / sizeof(*exit_rows); i++)
		fprintf(out, ".TP\n%s\n%s\n", exit_rows[i][0], exit_rows[i][1]);
	fputs(".SH ENVIRONMENT\n", out);
	for (size_t i = 0; i < sizeof(variable_rows) / sizeof(*variable_rows); i++)
		fprintf(out, ".TP\n\\fB%s\\fR\n%s\n", variable_rows[i][0], variable_rows[i][1]);
}

void generate_man(FILE *out, const struct cmd_def *def)
{
	if (def)
		put_command_page(out, def);
	else
		put_overview_page(out);
}

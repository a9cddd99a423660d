/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/cmd.h"
#include "core/base/buf.h"

void cmd_print_usage(FILE *out, const struct cmd_def *def)
{
	fprintf(out, "usage: cenv %s [OPTION...]%s%s\n", def->name, *def->args ? " " : "", def->args);
}

static void print_row(FILE *out, const struct cmd_opt *opt)
{
	struct cenv_buf left = CENV_BUF_INIT;

	if (opt->letter)
		cenv_buf_addf(&left, "-%c, ", opt->letter);
	else
		cenv_buf_adds(&left, "    ");
	cenv_buf_addf(&left, "--%s", opt->name);
	if (opt->arg)
		cenv_buf_addf(&left, " %s", opt->arg);
	if (left.len > 28)
		fprintf(out, "  %s\n  %-28s  %s\n", left.buf, "", opt->help);
	else
		fprintf(out, "  %-28s  %s\n", left.buf, opt->help);
	cenv_buf_release(&left);
}

static void print_table(FILE *out, const struct cmd_opt *opts)
{
	for (; opts->name; opts++)
		if (opts->help)
			print_row(out, opts);
}

void cmd_print_help(FILE *out, const struct cmd_def *def)
{
	cmd_print_usage(out, def);
	fprintf(out, "\n%s.\n\n%s\n", def->summary, def->description);
	fputs("\noptions:\n", out);
	print_table(out, def->opts);
	print_table(out, cmd_common_opts);
	if (def->examples) {
		fputs("\nexamples:\n", out);
		for (const struct cmd_example *e = def->examples; e->line; e++)
			fprintf(out, "  %s\n      %s\n", e->line, e->what);
	}
}

void cmd_print_overview(FILE *out)
{
	fputs("usage: cenv COMMAND [OPTION...] [ARG...]\n\n"
	      "Isolated environments and a dependency lock for C.\n\n"
	      "commands:\n",
	      out);
	for (const struct cmd_def *const *def = cmd_table; *def; def++)
		if (!(*def)->is_hidden)
			fprintf(out, "  %-12s  %s\n", (*def)->name, (*def)->summary);
	fputs("\noptions:\n"
	      "  -h, --help      print this help\n"
	      "      --version   print the version\n\n"
	      "start with:\n"
	      "  cenv create test_env\n"
	      "  source test_env/bin/activate\n"
	      "  cenv install zlib \"libpng>=1.6\"\n"
	      "  cenv freeze > requirements.txt\n\n"
	      "'cenv COMMAND --help' and 'man cenv-COMMAND' tell more.\n",
	      out);
}

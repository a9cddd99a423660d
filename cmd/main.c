/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/term.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/proc/proc.h"

const struct cmd_def *cmd_find(const char *name)
{
	for (const struct cmd_def *const *def = cmd_table; *def; def++)
		if (!strcmp((*def)->name, name))
			return *def;
	return NULL;
}

static int unknown_command(const char *name, struct cenv_err *err)
{
	const char *known[64], *near[1];
	size_t n = 0;

	cenv_err_set(err, CENV_E_USAGE, "unknown command '%s'", name);
	for (const struct cmd_def *const *def = cmd_table; *def && n < 64; def++)
		if (!(*def)->is_hidden)
			known[n++] = (*def)->name;
	if (cenv_suggest(name, known, n, near, 1))
		cenv_err_hint(err, "did you mean 'cenv %s'?", near[0]);
	else
		cenv_err_hint(err, "'cenv --help' lists the commands");
	return -1;
}

static int unknown_option(const char *arg, struct cenv_err *err)
{
	static const char *const known[] = {"--help", "--version"};
	const char *near[1];

	cenv_err_set(err, CENV_E_USAGE, "unknown option '%s' before the command", arg);
	if (cenv_suggest(arg, known, sizeof(known) / sizeof(*known), near, 1))
		cenv_err_hint(err, "did you mean 'cenv %s'?", near[0]);
	else
		cenv_err_hint(err, "options follow the command: 'cenv COMMAND %s'", arg);
	return -1;
}

static int run_command(struct cmd_ctx *ctx, int argc, char **argv, struct cenv_err *err)
{
	void *opts = cenv_xcalloc(1, ctx->def->opts_size);
	int ret;

	if (ctx->def->defaults)
		memcpy(opts, ctx->def->defaults, ctx->def->opts_size);
	ret = cmd_opt_parse(ctx->def, opts, &ctx->common, &argc, argv, err);

	if (ret < 0 && ctx->common.help) {
		/* help was asked for: whatever else is wrong can be read there */
		cenv_err_release(err);
		ret = 0;
	}
	term_setup(ctx);
	if (ret == 0 && ctx->common.help)
		cmd_print_help(stdout, ctx->def);
	else if (ret == 0)
		ret = ctx->def->run(ctx, opts, argc, argv + 1, err);
	cmd_opt_release(ctx->def, opts);
	free(opts);
	return ret;
}

static bool is_word(const char *arg, const char *a, const char *b)
{
	return !strcmp(arg, a) || !strcmp(arg, b);
}

static int dispatch(struct cmd_ctx *ctx, int argc, char **argv, struct cenv_err *err)
{
	if (argc < 2) {
		cmd_print_overview(stderr);
		return cenv_err_set(err, CENV_E_USAGE, "no command given");
	}
	if (is_word(argv[1], "--version", "-V")) {
		puts("cenv " CENV_VERSION);
		return 0;
	}
	if (is_word(argv[1], "--help", "-h") || !strcmp(argv[1], "help")) {
		if (argc < 3) {
			cmd_print_overview(stdout);
			return 0;
		}
		ctx->def = cmd_find(argv[2]);
		if (!ctx->def)
			return unknown_command(argv[2], err);
		cmd_print_help(stdout, ctx->def);
		return 0;
	}
	if (argv[1][0] == '-') {
		return unknown_option(argv[1], err);
	}
	ctx->def = cmd_find(argv[1]);
	if (!ctx->def)
		return unknown_command(argv[1], err);
	return run_command(ctx, argc - 1, argv + 1, err);
}

/* A full disk or a closed pipe must not look like success. */
static int close_stdout(struct cenv_err *err)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	if (errno == EPIPE)
		return -1;
	return cenv_err_sys(err, errno, "cannot write to standard output");
}

static _Noreturn void raise_again(int sig)
{
	signal(sig, SIG_DFL);
	raise(sig);
	_exit(128 + sig);
}

/* A short command gives its memory back by ending: not page by page on the way there. */
static void keep_memory(void)
{
#ifdef M_TRIM_THRESHOLD
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
	mallopt(M_TOP_PAD, 512 << 10);
#endif
}

int main(int argc, char **argv)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cmd_ctx ctx = {0};
	int status;

	keep_memory();
	cenv_interrupt_catch();
	if (dispatch(&ctx, argc, argv, &err) == 0)
		close_stdout(&err);
	else
		fflush(stdout);
	status = cenv_exit_status(err.code);
	if (err.code != CENV_OK && err.msg && *err.msg)
		term_error(&ctx, &err);
	if (err.code == CENV_E_INTERRUPT && cenv_interrupted())
		raise_again(cenv_interrupted());
	cenv_err_release(&err);
	return status;
}

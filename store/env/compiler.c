/* SPDX-License-Identifier: MIT */
#include "store/env/compiler.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/env/cfg.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"

/** The Debian package that has a compiler of this name, or NULL. Caller frees. */
static char *debian_package(const char *name)
{
	size_t len = strlen(name);
	char *package;

	if (!strcmp(name, "cc"))
		return cenv_xstrdup("gcc");
	if (!strcmp(name, "musl-gcc"))
		return cenv_xstrdup("musl-tools");
	if (!strcmp(name, "tcc") || cenv_str_starts(name, "gcc") || cenv_str_starts(name, "clang"))
		return cenv_xstrdup(name);
	if (!cenv_str_ends(name, "-gcc"))
		return NULL;
	/* x86_64-w64-mingw32-gcc is in gcc-x86-64-..., since package names have no '_' */
	package = cenv_strf("gcc-%.*s", (int)(len - 4), name);
	for (char *p = package; *p; p++)
		if (*p == '_')
			*p = '-';
	return package;
}

static int missing(const char *compiler, struct cenv_err *err)
{
	char *package = debian_package(cenv_path_base(compiler));

	cenv_err_set(err, CENV_E_BUILD, "there is no compiler '%s'", compiler);
	if (package)
		cenv_err_hint(err, "install it with 'apt install %s', or name another with --compiler",
			      package);
	else
		cenv_err_hint(err, "name a C compiler in PATH, or the path of one, with --compiler");
	free(package);
	return -1;
}

static char *program_path(const char *compiler)
{
	const char *path = getenv("PATH");

	return cenv_proc_find(compiler, path && *path ? path : "/usr/local/bin:/usr/bin:/bin");
}

/** "x86_64-linux-gnu\n", and nothing that would not do as a file name. */
static bool take_target(struct cenv_buf *out)
{
	while (out->len && out->buf[out->len - 1] == '\n')
		cenv_buf_truncate(out, out->len - 1);
	return out->len > 2 && out->len <= 64 && strchr(out->buf, '-') &&
	       strspn(out->buf, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
		       out->len;
}

static int ask_target(char **target, const char *compiler, const char *program,
		      struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	const char *argv[] = {program, "-dumpmachine", NULL};
	struct cenv_proc proc = {.argv = argv, .stdin_fd = -1, .out_fd = -1, .out = &text,
				 .timeout_s = 30};
	struct cenv_proc_status status;
	int ret = cenv_proc_run(&proc, &status, err);

	if (ret == 0 && (status.exited != 0 || !take_target(&text))) {
		ret = cenv_err_set(err, CENV_E_BUILD,
				   "'%s' does not tell its target: '%s -dumpmachine' gave no answer",
				   compiler, program);
		cenv_err_hint(err, "name a C compiler such as gcc or clang with --compiler");
	}
	if (ret == 0)
		*target = cenv_buf_detach(&text);
	cenv_buf_release(&text);
	return ret;
}

int cenv_compiler_probe(char **recorded, char **target, const char *compiler, struct cenv_err *err)
{
	char *program;
	int ret = -1;

	*recorded = *target = NULL;
	if (!cenv_cfg_value_valid(compiler))
		return cenv_err_set(err, CENV_E_USAGE, "not the name of a compiler: '%s'", compiler);
	program = program_path(compiler);
	if (!program)
		return missing(compiler, err);
	if (ask_target(target, compiler, program, err) == 0) {
		/* what was given relative to this folder must mean the same from any other */
		*recorded = strchr(compiler, '/') ? cenv_fs_absolute(compiler, err)
						  : cenv_xstrdup(compiler);
		ret = *recorded ? 0 : -1;
	}
	if (ret < 0) {
		free(*target);
		*target = NULL;
	}
	free(program);
	return ret;
}

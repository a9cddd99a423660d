/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the activation scripts need of cenv, without the command line:
 *
 *     tool create [--system-libs] [--prompt P] [--compiler CC] DIR
 *     tool run DIR CMD [ARG...]   with the variables of cenv_env_variables()
 *     tool dump FILE              our environment, sorted, one NUL-terminated string each
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/base/strv.h"
#include "store/env/env.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"
#include "store/store.h"

static int create(char **argv, struct cenv_err *err)
{
	struct cenv_create_options options = {0};
	struct cenv_store store;
	char *home = cenv_store_default_path(err);
	int ret;

	for (; *argv; argv++) {
		if (!strcmp(*argv, "--system-libs"))
			options.system_libs = true;
		else if (!strcmp(*argv, "--prompt"))
			options.prompt = *++argv;
		else if (!strcmp(*argv, "--compiler"))
			options.compiler = *++argv;
		else
			options.path = *argv;
	}
	if (!home || cenv_store_open(&store, home, err) < 0) {
		free(home);
		return -1;
	}
	ret = cenv_env_create(&options, &store, err);
	cenv_store_release(&store);
	free(home);
	return ret;
}

/** The program as the variables' own PATH has it. Caller frees; NULL: none. */
static char *find_program(const char *name, const struct cenv_strv *vars)
{
	for (size_t i = 0; i < vars->n; i++)
		if (cenv_str_starts(vars->v[i], "PATH="))
			return cenv_proc_find(name, vars->v[i] + 5);
	return NULL;
}

static int run(char **argv, struct cenv_err *err)
{
	struct cenv_strv vars = {0};
	struct cenv_env env;

	if (cenv_env_open(&env, argv[0], err) < 0)
		return -1;
	if (cenv_env_variables(&env, false, &vars, err) == 0) {
		char *program = find_program(argv[1], &vars);

		if (program)
			execve(program, argv + 1, vars.v);
		free(program);
		cenv_err_set(err, CENV_E_FAIL, "cannot run '%s'", argv[1]);
	}
	cenv_strv_release(&vars);
	cenv_env_release(&env);
	return -1;
}

/** Variables that shells set by themselves, and the tests' own. */
static bool is_of_interest(const char *var)
{
	static const char *const others[] = {
		"_=", "PWD=", "OLDPWD=", "SHLVL=", "A__z=", "_AST_FEATURES=", /* ksh */
		"GROUP=", "HOST=", "HOSTTYPE=", "MACHTYPE=", "NLSPATH=", "OSTYPE=", "VENDOR=", /* tcsh */
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (cenv_str_starts(var, others[i]))
			return false;
	return !cenv_str_starts(var, "T_");
}

static int dump(const char *file, struct cenv_err *err)
{
	struct cenv_strv vars = {0};
	struct cenv_buf out = CENV_BUF_INIT;
	int ret;

	for (char **e = environ; *e; e++)
		if (is_of_interest(*e))
			cenv_strv_add(&vars, *e);
	cenv_strv_sort(&vars);
	for (size_t i = 0; i < vars.n; i++)
		cenv_buf_add(&out, vars.v[i], strlen(vars.v[i]) + 1);
	ret = cenv_fs_write(AT_FDCWD, file, out.buf, out.len, 0644, 0, err);
	cenv_buf_release(&out);
	cenv_strv_release(&vars);
	return ret;
}

int main(int argc, char **argv)
{
	struct cenv_err err = CENV_ERR_INIT;
	int ret = -1;

	if (argc > 2 && !strcmp(argv[1], "create"))
		ret = create(argv + 2, &err);
	else if (argc > 3 && !strcmp(argv[1], "run"))
		ret = run(argv + 2, &err);
	else if (argc == 3 && !strcmp(argv[1], "dump"))
		ret = dump(argv[2], &err);
	if (ret < 0)
		fprintf(stderr, "tool: %s\n", err.msg ? err.msg : "usage: create|run|dump ...");
	cenv_err_release(&err);
	return ret < 0;
}

/* SPDX-License-Identifier: MIT */
#include "store/build/wrapper.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/strv.h"
#include "store/build/tools.h"
#include "store/fs/fs.h"
#include "store/object/object.h"
#include "store/proc/proc.h"

/* clang warns of what an assembler or a linker has no use for, unless told where it stands. */
static bool has_brackets(const char *compiler)
{
	return cenv_str_starts(compiler, "clang ") && atoi(compiler + strlen("clang ")) >= 14;
}

void cenv_wrapper_text(const char *program, const char *compiler, const char *map_from,
		       const char *map_to, struct cenv_buf *out)
{
	bool brackets = has_brackets(compiler);

	cenv_buf_adds(out, "#!/bin/sh\nexec ");
	cenv_shell_quote(out, program);
	if (brackets)
		cenv_buf_adds(out, " --start-no-unused-arguments");
	cenv_buf_adds(out, " " CENV_RELOCATABLE_CFLAGS);
	if (map_from) {
		char *map = cenv_strf("-ffile-prefix-map=%s=%s", map_from, map_to);

		cenv_buf_addc(out, ' ');
		cenv_shell_quote(out, map);
		free(map);
	}
	if (brackets)
		cenv_buf_adds(out, " --end-no-unused-arguments");
	cenv_buf_adds(out, " \"$@\"\n");
}

/* Is the program that PATH has under this name the compiler, by another name? */
static bool is_same(const char *name, const char *real)
{
	char *found = cenv_proc_find(name, CENV_BUILD_PATH);
	char *other = found ? realpath(found, NULL) : NULL;
	bool same = other && !strcmp(other, real);

	free(found);
	free(other);
	return same;
}

static int write_all(const char *folder, const char *program, const struct cenv_strv *names,
		     const char *text, struct cenv_err *err)
{
	char *real = realpath(program, NULL);
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < names->n; i++) {
		char *path = cenv_path_join(folder, names->v[i]);

		if (i == 0 || (real && is_same(names->v[i], real)))
			ret = cenv_fs_write(AT_FDCWD, path, text, strlen(text), 0755, 0, err);
		free(path);
	}
	free(real);
	return ret;
}

static int write_one(const char *folder, const struct cenv_toolchain *tc, const char *program,
		     const char *const *others, const char *map_from, const char *map_to,
		     struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_strv names = {0};
	int ret;

	cenv_strv_add(&names, cenv_path_base(program));
	for (; *others; others++) {
		if (!cenv_strv_has(&names, *others))
			cenv_strv_add(&names, *others);
		cenv_strv_addf(&names, "%s-%s", tc->target, *others);
	}
	cenv_wrapper_text(program, tc->compiler, map_from, map_to, &text);
	ret = write_all(folder, program, &names, text.buf, err);
	cenv_buf_release(&text);
	cenv_strv_release(&names);
	return ret;
}

int cenv_wrapper_write(const char *folder, const struct cenv_toolchain *tc, const char *map_from,
		       const char *map_to, struct cenv_err *err)
{
	static const char *const c[] = {"cc", "gcc", "clang", NULL};
	static const char *const cxx[] = {"c++", "g++", "clang++", NULL};

	if (write_one(folder, tc, tc->cc, c, map_from, map_to, err) < 0)
		return -1;
	return tc->cxx ? write_one(folder, tc, tc->cxx, cxx, map_from, map_to, err) : 0;
}

/* SPDX-License-Identifier: MIT */
#include "store/build/tools.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/base/strv.h"
#include "store/proc/proc.h"

static const struct {
	const char *program, *package;
} packages[] = {
	{"cc", "gcc"},
	{"c++", "g++"},
	{"clang++", "clang"},
	{"ninja", "ninja-build"},
	{"pkg-config", "pkgconf"},
	{"bwrap", "bubblewrap"},
	{"musl-gcc", "musl-tools"},
	{"tclsh", "tcl"},
	{"msgfmt", "gettext"},
	{"xgettext", "gettext"},
	{"autoreconf", "autoconf"},
	{"aclocal", "automake"},
	{"libtoolize", "libtool"},
	{"makeinfo", "texinfo"},
	{"ar", "binutils"},
	{"ld", "binutils"},
	{"as", "binutils"},
	{"strip", "binutils"},
	{"xz", "xz-utils"},
	{"python", "python3"},
};

const char *cenv_tool_package(const char *program)
{
	for (size_t i = 0; i < sizeof(packages) / sizeof(*packages); i++)
		if (!strcmp(packages[i].program, program))
			return packages[i].package;
	return program;
}

static void need(struct cenv_strv *missing, const char *program)
{
	char *found = cenv_proc_find(program, CENV_BUILD_PATH);

	if (!found && !cenv_strv_has(missing, program))
		cenv_strv_add(missing, program);
	free(found);
}

static void need_for_system(struct cenv_strv *missing, enum cenv_build_system system)
{
	switch (system) {
	case CENV_BUILD_MESON:
		need(missing, "meson");
		need(missing, "ninja");
		break;
	case CENV_BUILD_CMAKE:
		need(missing, "cmake");
		need(missing, "make");
		break;
	case CENV_BUILD_AUTOTOOLS:
	case CENV_BUILD_CONFIGURE:
	case CENV_BUILD_MAKE:
		need(missing, "make");
		break;
	case CENV_BUILD_DETECT:
	case CENV_BUILD_COMMANDS:
		break;
	}
}

static int report(const struct cenv_strv *missing, struct cenv_err *err)
{
	struct cenv_strv names = {0};
	char *programs = cenv_strv_join(missing, "', '"), *joined;

	for (size_t i = 0; i < missing->n; i++)
		cenv_strv_add(&names, cenv_tool_package(missing->v[i]));
	cenv_strv_sort_unique(&names);
	joined = cenv_strv_join(&names, " ");
	cenv_err_set(err, CENV_E_BUILD, "the build needs '%s', which %s not installed", programs,
		     missing->n == 1 ? "is" : "are");
	cenv_err_hint(err, "on Debian and Ubuntu: apt install %s", joined);
	free(programs);
	free(joined);
	cenv_strv_release(&names);
	return -1;
}

int cenv_tools_check(enum cenv_build_system system, const struct cenv_build_section *section,
		     bool with_deps, struct cenv_err *err)
{
	struct cenv_strv missing = {0};
	int ret = 0;

	need_for_system(&missing, system);
	if (with_deps && system != CENV_BUILD_DETECT && system != CENV_BUILD_COMMANDS)
		need(&missing, "pkg-config");
	for (size_t i = 0; i < section->tools.n; i++)
		need(&missing, section->tools.v[i]);
	if (missing.n > 0)
		ret = report(&missing, err);
	cenv_strv_release(&missing);
	return ret;
}

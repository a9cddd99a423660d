/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_BUILD_TOOLS_H
#define CENV_STORE_BUILD_TOOLS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/recipe.h"

/* Programs of the machine that builds need, and who has them when they are missing. */

/** Where every build looks for programs, after its own folders. */
#define CENV_BUILD_PATH "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"

/** The Debian package that has a program; the program's own name when nothing else is known. */
const char *cenv_tool_package(const char *program);

/**
 * Are the programs there that this build system and this section need?
 *
 * @param with_deps libraries are to be found, so pkg-config is needed too.
 * @return 0, or -1 with CENV_E_BUILD naming every missing program and the packages.
 */
int cenv_tools_check(enum cenv_build_system system, const struct cenv_build_section *section,
		     bool with_deps, struct cenv_err *err);

#endif

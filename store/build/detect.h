/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_BUILD_DETECT_H
#define CENV_STORE_BUILD_DETECT_H

#include "core/base/err.h"
#include "core/recipe.h"

/**
 * Which build system does a source folder use? In this order: meson, a configure made by
 * Autoconf, cmake, another configure, make. CMake before Autoconf gives wrong SONAMEs and no
 * .pc files for several libraries that have both.
 *
 * @param label the sources' name for messages.
 * @return 0, or -1 with CENV_E_BUILD when nothing is recognised.
 */
int cenv_build_detect(int dirfd, const char *label, enum cenv_build_system *out,
		      struct cenv_err *err);

/** Are the files there that a build system starts from? CENV_BUILD_COMMANDS needs none.
 *  @return 0, or -1 with CENV_E_BUILD naming what is missing. */
int cenv_build_verify(int dirfd, const char *label, enum cenv_build_system system,
		      struct cenv_err *err);

#endif

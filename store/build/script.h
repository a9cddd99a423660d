/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_BUILD_SCRIPT_H
#define CENV_STORE_BUILD_SCRIPT_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/recipe.h"
#include "store/build/toolchain.h"

/*
 * The shell scripts that a build runs. They are made as text, so that what a build does can
 * be read, tested and repeated by hand. The folder ROOT that a build works in holds:
 *
 *     env.sh     the environment           src/     the sources
 *     build.sh   the steps                 obj/     build folder of cmake and meson
 *     bin/       first in PATH: compilers  stage/   DESTDIR
 *     home/      $HOME                     tmp/     $TMPDIR
 */

/** A line of the log that starts with this begins a step: "MARKstep | what runs". */
#define CENV_STEP_MARK "### cenv: "

struct cenv_script {
	const struct cenv_build_section *section;
	enum cenv_build_system system; /* never CENV_BUILD_DETECT */
	const struct cenv_toolchain *toolchain;
	const char *root;   /* ROOT as the build sees it */
	const char *prefix; /* what it is configured with; dependencies are inside */
	unsigned jobs;
	const struct cenv_jobserver *jobserver; /* where make takes more from; NULL: it has `jobs` */
	bool isolated; /* system libraries are out of sight; else cmake is told not to look */
};

/** env.sh: exports, to be sourced by sh. */
void cenv_script_env(const struct cenv_script *script, struct cenv_buf *out);

/** build.sh: sources env.sh and runs every step; stops at the first that fails. */
void cenv_script_steps(const struct cenv_script *script, struct cenv_buf *out);

/**
 * Put values in place of ${PREFIX}, ${DESTDIR}, ${JOBS} and ${TARGET} in a recipe's word.
 * Other text, `$` included, stays as it is. Caller frees.
 */
char *cenv_script_expand(const struct cenv_script *script, const char *word);

#endif

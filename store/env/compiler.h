/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_COMPILER_H
#define CENV_STORE_ENV_COMPILER_H

#include "core/base/err.h"

/* The compiler that `create --compiler` names. */

/**
 * What cenv.cfg records: a bare name stays one, a path becomes absolute; and the target that the
 * compiler itself tells (-dumpmachine). Caller frees both.
 * @return -1 with CENV_E_BUILD, hinting at the Debian package, when there is no such program or
 *         it does not answer as a C compiler does.
 */
int cenv_compiler_probe(char **recorded, char **target, const char *compiler,
			struct cenv_err *err);

#endif

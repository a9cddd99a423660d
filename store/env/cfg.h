/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_CFG_H
#define CENV_STORE_ENV_CFG_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "store/env/env.h"

/* cenv.cfg: what store/env/env.h declares of it is for everybody, this for who writes it. */

#define CENV_CFG_NAME "cenv.cfg"
#define CENV_CFG_MAX 65536       /* bytes of the whole file */
#define CENV_CFG_VALUE_MAX 4096  /* bytes of one value */

/** Can it stand behind "key = "? Not empty, no blanks around it, no control characters. */
bool cenv_cfg_value_valid(const char *value);

/** Append the file's text; cenv_cfg_parse reads it back. version, target and compiler are set. */
void cenv_cfg_format(const struct cenv_cfg *cfg, struct cenv_buf *out);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_CMD_GENERATE_H
#define CENV_CMD_GENERATE_H

#include <stdio.h>

#include "cmd/cmd.h"

/* Texts made from the command tables: completions and manual pages. */

void generate_bash(FILE *out);
void generate_zsh(FILE *out);
void generate_fish(FILE *out);

/** cenv-NAME(1), or cenv(1) when def is NULL. */
void generate_man(FILE *out, const struct cmd_def *def);

#endif

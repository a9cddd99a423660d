/* SPDX-License-Identifier: MIT */
#ifndef CENV_CMD_CHANGES_H
#define CENV_CMD_CHANGES_H

#include "cmd/cmd.h"
#include "core/base/buf.h"
#include "store/pipeline/diff.h"

/* The words for what differs between two sets of pins: answer of diff, talk of lock and add. */

/** "added", "up", ... */
const char *changes_word(enum cenv_diff_kind kind);

/** "up        zlib 1.2 -> 1.3". The caller frees it. */
char *changes_line(const struct cenv_diff_row *row);

/** Say which pins of a lock file moved: a line each; nothing for one that had no text before. */
void changes_say(struct cmd_ctx *ctx, const char *file, const struct cenv_buf *before,
		 const struct cenv_buf *after);

#endif

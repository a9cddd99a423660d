/* SPDX-License-Identifier: MIT */
#ifndef CENV_CMD_TERM_H
#define CENV_CMD_TERM_H

#include "cmd/cmd.h"
#include "store/event.h"

/*
 * What is said on standard error: talk, progress, errors. Standard output is
 * the answer and belongs to the commands. All text from outside is escaped.
 */

/** Decide about colour and progress lines once the common options are known. */
void term_setup(struct cmd_ctx *ctx);

/** One line on standard error unless quiet; a newline is added. */
void term_say(const struct cmd_ctx *ctx, const char *fmt, ...) CENV_PRINTF(2, 3);
/** One line that stays even when quiet: "cenv: warning: ...". */
void term_warn(const struct cmd_ctx *ctx, const char *fmt, ...) CENV_PRINTF(2, 3);
/** Print an error with its detail and hint. */
void term_error(const struct cmd_ctx *ctx, const struct cenv_err *err);

/** Remove a progress line that stands on the terminal. */
void term_clear_progress(const struct cmd_ctx *ctx);

/** An event handler that prints; payload is the struct cmd_ctx. */
void term_event(void *payload, const struct cenv_event *event);

/** "1.4 s", "12 ms", "2 m 03 s" into a static-size buffer. */
void term_duration(char *out, size_t size, double seconds);
/** "1.3 MB" (powers of ten). */
void term_size(char *out, size_t size, unsigned long long bytes);

/**
 * Ask a yes/no question on the terminal.
 * @return the answer; true without asking when standard input is no terminal.
 */
bool term_confirm(const char *question);

#endif

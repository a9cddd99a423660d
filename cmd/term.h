/* SPDX-License-Identifier: MIT */
#ifndef CENV_CMD_TERM_H
#define CENV_CMD_TERM_H

#include "cmd/cmd.h"
#include "core/base/buf.h"
#include "store/event.h"

/*
 * What is said on standard error: talk, progress, errors; and the answer on standard output.
 * All text from outside is escaped: nothing that a package, server or environment made up
 * steers the terminal. Credentials in URLs are masked, also where the user wrote them.
 */

/** Decide about colour and progress lines once the common options are known. */
void term_setup(struct cmd_ctx *ctx);

/** One line on standard error unless quiet; a newline is added. */
void term_say(const struct cmd_ctx *ctx, const char *fmt, ...) CENV_PRINTF(2, 3);
/** One line that stays even when quiet: "cenv: warning: ...". */
void term_warn(const struct cmd_ctx *ctx, const char *fmt, ...) CENV_PRINTF(2, 3);

/** Print to standard output, for people: escaped, newlines and tabs apart. */
void term_print(const char *fmt, ...) CENV_PRINTF(1, 2);
/** The same of text as it is. */
void term_write(const char *text);
/** A file's contents on standard output: byte by byte, except on a terminal. */
void term_document(const struct cenv_buf *text);

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

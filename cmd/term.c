/* SPDX-License-Identifier: MIT */
#include "cmd/term.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/secret.h"

void term_setup(struct cmd_ctx *ctx)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	const char *when = ctx->common.color ? ctx->common.color : "auto";
	bool smart = term && *term && strcmp(term, "dumb") != 0;

	ctx->err_is_terminal = smart && isatty(STDERR_FILENO);
	if (!strcmp(when, "always"))
		ctx->color = true;
	else
		ctx->color = !strcmp(when, "auto") && ctx->err_is_terminal && !(no_color && *no_color);
}

/* What takes the progress line away, where there may be one. */
static const char *clearing(const struct cmd_ctx *ctx)
{
	return ctx->err_is_terminal && !ctx->common.quiet ? "\r\033[K" : "";
}

void term_clear_progress(const struct cmd_ctx *ctx)
{
	fputs(clearing(ctx), stderr);
}

/* What may be printed of a text: nothing that steers a terminal, and no credentials. */
static void make_safe(struct cenv_buf *out, const char *text, bool keep_lines)
{
	struct cenv_buf masked = CENV_BUF_INIT;

	cenv_secrets_mask(&masked, text, strlen(text), 0);
	cenv_escape(out, masked.buf, masked.len, keep_lines);
	cenv_buf_release(&masked);
}

/* One line of already composed text, or who wrote a name could add lines of ours. */
static void add_line(struct cenv_buf *out, const struct cmd_ctx *ctx, const char *style,
		     const char *label, const char *text)
{
	cenv_buf_adds(out, clearing(ctx));
	if (*label)
		cenv_buf_addf(out, "%s%s%s ", ctx->color ? style : "", label,
			      ctx->color && *style ? "\033[0m" : "");
	make_safe(out, text, false);
	cenv_buf_addc(out, '\n');
}

/* A message is one call: what other processes say does not come in between. */
static void say_whole(struct cenv_buf *message)
{
	fwrite(message->buf, 1, message->len, stderr);
	cenv_buf_release(message);
}

static void print_line(const struct cmd_ctx *ctx, const char *style, const char *label,
		       const char *text)
{
	struct cenv_buf line = CENV_BUF_INIT;

	add_line(&line, ctx, style, label, text);
	say_whole(&line);
}

void term_write(const char *text)
{
	struct cenv_buf safe = CENV_BUF_INIT;

	make_safe(&safe, text, true);
	fwrite(safe.buf, 1, safe.len, stdout);
	cenv_buf_release(&safe);
}

void term_print(const char *fmt, ...)
{
	struct cenv_buf text = CENV_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	cenv_buf_vaddf(&text, fmt, ap);
	va_end(ap);
	term_write(text.buf);
	cenv_buf_release(&text);
}

void term_document(const struct cenv_buf *text)
{
	if (isatty(STDOUT_FILENO))
		term_write(text->buf);
	else
		fwrite(text->buf, 1, text->len, stdout);
}

void term_say(const struct cmd_ctx *ctx, const char *fmt, ...)
{
	struct cenv_buf text = CENV_BUF_INIT;
	va_list ap;

	if (ctx->common.quiet)
		return;
	va_start(ap, fmt);
	cenv_buf_vaddf(&text, fmt, ap);
	va_end(ap);
	print_line(ctx, "", "", text.buf);
	cenv_buf_release(&text);
}

void term_warn(const struct cmd_ctx *ctx, const char *fmt, ...)
{
	struct cenv_buf text = CENV_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	cenv_buf_vaddf(&text, fmt, ap);
	va_end(ap);
	print_line(ctx, "\033[33m", "cenv: warning:", text.buf);
	cenv_buf_release(&text);
}

void term_error(const struct cmd_ctx *ctx, const struct cenv_err *err)
{
	struct cenv_buf message = CENV_BUF_INIT;

	add_line(&message, ctx, "\033[1;31m", "cenv:", err->msg ? err->msg : "unknown error");
	if (err->detail)
		make_safe(&message, err->detail, true);
	if (err->hint)
		add_line(&message, ctx, "\033[36m", "hint:", err->hint);
	say_whole(&message);
}

void term_duration(char *out, size_t size, double seconds)
{
	if (seconds < 1)
		snprintf(out, size, "%.0f ms", seconds * 1000);
	else if (seconds < 100)
		snprintf(out, size, "%.1f s", seconds);
	else
		snprintf(out, size, "%u m %02u s", (unsigned)seconds / 60, (unsigned)seconds % 60);
}

void term_size(char *out, size_t size, unsigned long long bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 999.5 && unit < 4) {
		value /= 1000;
		unit++;
	}
	snprintf(out, size, value < 10 && unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

/* A line that the next one overwrites; only on a terminal. */
static void progress(const struct cmd_ctx *ctx, const char *text)
{
	struct cenv_buf safe = CENV_BUF_INIT;

	if (!ctx->err_is_terminal || ctx->common.quiet)
		return;
	make_safe(&safe, text, false);
	fprintf(stderr, "\r\033[K%.78s", safe.buf);
	fflush(stderr);
	cenv_buf_release(&safe);
}

/* "zlib 1.3", or the name alone while the version is not known. */
static char *label(const struct cenv_event *e)
{
	bool has_version = e->version && *e->version;

	return cenv_strf("%s%s%s", e->name, has_version ? " " : "", has_version ? e->version : "");
}

static void say_fetched(const struct cmd_ctx *ctx, const struct cenv_event *e)
{
	char size[32], time[32], *what = label(e);

	term_size(size, sizeof(size), e->done);
	term_duration(time, sizeof(time), e->seconds);
	term_say(ctx, "  fetched   %s  %s in %s%s%s", what, size, time,
		 ctx->common.verbose && e->text ? " from " : "",
		 ctx->common.verbose && e->text ? e->text : "");
	free(what);
}

static void say_timed(const struct cmd_ctx *ctx, const char *verb, const struct cenv_event *e)
{
	char time[32];

	term_duration(time, sizeof(time), e->seconds);
	term_say(ctx, "  %-9s %s %s  in %s", verb, e->name, e->version, time);
}

static void show_transfer(const struct cmd_ctx *ctx, const struct cenv_event *e)
{
	char done[32], total[32];
	char *what = label(e), *text;

	term_size(done, sizeof(done), e->done);
	term_size(total, sizeof(total), e->total);
	text = cenv_strf("  fetching  %s  %s%s%s", what, done, e->total ? " of " : "",
			 e->total ? total : "");
	progress(ctx, text);
	free(text);
	free(what);
}

static void say_about(const struct cmd_ctx *ctx, const char *verb, const char *join,
		      const struct cenv_event *e)
{
	char *what = label(e);

	term_say(ctx, "  %-9s %s%s%s", verb, what, join, e->text);
	free(what);
}

static void show_step(const struct cmd_ctx *ctx, const struct cenv_event *e)
{
	char *text = cenv_strf("  building  %s %s  %s", e->name, e->version, e->text ? e->text : ""),
	     *more = e->count ? cenv_strf("%s, and %zu more", text, e->count) : NULL;

	progress(ctx, more ? more : text);
	free(more);
	free(text);
}

void term_event(void *payload, const struct cenv_event *e)
{
	const struct cmd_ctx *ctx = payload;
	char time[32];

	switch (e->kind) {
	case CENV_EV_RESOLVED:
		term_duration(time, sizeof(time), e->seconds);
		term_say(ctx, "resolved %zu package%s in %s", e->count, cenv_plural(e->count), time);
		break;
	case CENV_EV_FETCH_START:
		if (ctx->common.verbose)
			say_about(ctx, "fetching", " from ", e);
		break;
	case CENV_EV_FETCH_PROGRESS:
		show_transfer(ctx, e);
		break;
	case CENV_EV_FETCH_DONE:
		say_fetched(ctx, e);
		break;
	case CENV_EV_FETCH_RETRY:
		say_about(ctx, "retrying", ": ", e);
		break;
	case CENV_EV_BUILD_WAIT:
		term_say(ctx, "  waiting   %s %s is being built by another cenv", e->name, e->version);
		break;
	case CENV_EV_BUILD_START:
	case CENV_EV_BUILD_STEP:
		show_step(ctx, e);
		break;
	case CENV_EV_BUILD_DONE:
		say_timed(ctx, "built", e);
		break;
	case CENV_EV_REUSED:
		if (ctx->common.verbose)
			term_say(ctx, "  reused    %s %s from the store", e->name, e->version);
		break;
	case CENV_EV_LINKED:
		term_say(ctx, "  installed %s %s  (%zu file%s)", e->name, e->version, e->count,
			 cenv_plural(e->count));
		break;
	case CENV_EV_REMOVED:
		term_say(ctx, "  removed   %s %s  (%zu file%s)", e->name, e->version, e->count,
			 cenv_plural(e->count));
		break;
	case CENV_EV_NOTE:
		term_say(ctx, "%s", e->text);
		break;
	case CENV_EV_WARNING:
		term_warn(ctx, "%s", e->text);
		break;
	case CENV_EV_WAIT_LOCK:
		term_say(ctx, "waiting for %s", e->text);
		break;
	}
}

bool term_confirm(const char *question)
{
	struct cenv_buf safe = CENV_BUF_INIT;
	char answer[16] = "";

	if (!isatty(STDIN_FILENO))
		return true;
	make_safe(&safe, question, false);
	fprintf(stderr, "%s [y/N] ", safe.buf);
	cenv_buf_release(&safe);
	fflush(stderr);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	return answer[0] == 'y' || answer[0] == 'Y';
}

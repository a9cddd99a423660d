/* SPDX-License-Identifier: MIT */
#include "store/build/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/strv.h"
#include "store/build/script.h"
#include "store/fs/fs.h"

#define LOG_MAX_DEFAULT (64ULL << 20)
#define LINE_READ 8192 /* bytes of one line that are looked at */
#define LINE_SHOWN 400 /* and of those, that an excerpt shows */

/* ---- writing ---- */

static char *file_name(const char *name, const char *version, const char *key)
{
	char *file = cenv_strf("%s-%s-%.8s.log", name, version, key);

	for (char *p = file; *p; p++)
		if (*p == '/' || (unsigned char)*p < 0x21)
			*p = '_';
	return file;
}

int cenv_log_open(struct cenv_log *log, const struct cenv_store *store, const char *name,
		  const char *version, const char *key, unsigned long long max,
		  const struct cenv_events *events, struct cenv_err *err)
{
	char *file = file_name(name, version, key), *folder = cenv_path_join(store->path, "logs");

	*log = (struct cenv_log){
		.fd = -1, .max = max ? max : LOG_MAX_DEFAULT, .name = name, .version = version,
		.events = events, .step = "start", .what = "the shell",
	};
	log->path = cenv_path_join(folder, file);
	unlink(log->path); /* somebody may still read the old one */
	log->fd = open(log->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (log->fd < 0) {
		cenv_err_sys(err, errno, "cannot create '%s'", log->path);
		cenv_log_close(log);
	}
	free(file);
	free(folder);
	return log->fd < 0 ? -1 : 0;
}

void cenv_log_close(struct cenv_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	free(log->path);
	log->fd = -1;
	log->path = NULL;
}

static void end_line(struct cenv_log *log)
{
	size_t mark = strlen(CENV_STEP_MARK);
	char *bar;

	log->line[log->line_len] = '\0';
	if (cenv_str_starts(log->line, CENV_STEP_MARK) && (bar = strstr(log->line, " | "))) {
		*bar = '\0';
		snprintf(log->step, sizeof(log->step), "%s", log->line + mark);
		snprintf(log->what, sizeof(log->what), "%s", bar + 3);
		cenv_emit(log->events, &(struct cenv_event){.kind = CENV_EV_BUILD_STEP,
							    .name = log->name,
							    .version = log->version,
							    .text = log->step});
	}
	log->line_len = 0;
}

static void watch_lines(struct cenv_log *log, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n')
			end_line(log);
		else if (log->line_len + 1 < sizeof(log->line))
			log->line[log->line_len++] = data[i];
	}
}

bool cenv_log_write(void *payload, const char *data, size_t len)
{
	struct cenv_log *log = payload;
	size_t room = log->size + len > log->max ? (size_t)(log->max - log->size) : len;

	if (cenv_fs_write_all(log->fd, data, room) < 0) {
		log->sys = errno;
		return false;
	}
	log->size += room;
	log->full = room < len;
	watch_lines(log, data, room);
	return !log->full;
}

/* ---- reading ---- */

/* "word" where no letter, digit or dash stands before it: not in -Werror or strerror. */
static bool has_word(const char *line, const char *word)
{
	for (const char *at = strstr(line, word); at; at = strstr(at + 1, word)) {
		unsigned char before = at == line ? ' ' : (unsigned char)at[-1];

		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
			    before))
			return true;
	}
	return false;
}

bool cenv_log_is_error(const char *line)
{
	static const char *const words[] = {
		"error: ",     "fatal error: ",           "Error: ",      "ERROR: ",
		"CMake Error", "undefined reference to ", "multiple definition of ",
	};
	static const char *const anywhere[] = {
		"*** No rule to make target", "*** missing separator", ": not found",
		"cannot find -l",             ": No such file or directory", "cannot find ",
		": Permission denied",        ": Read-only file system", "No space left on device",
	};

	if (cenv_str_starts(line, "+ ") || cenv_str_starts(line, "checking "))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (has_word(line, words[i]))
			return true;
	for (size_t i = 0; i < sizeof(anywhere) / sizeof(*anywhere); i++)
		if (strstr(line, anywhere[i]))
			return true;
	return false;
}

struct excerpt {
	char *first;      /* the first error of the step so far */
	char *first_more; /* the line after it, where the message stands (CMake) */
	bool want_more;
	char **ring; /* the last lines */
	size_t tail, seen;
	const char *prefix; /* to be shortened, or NULL */
};

static void forget_error(struct excerpt *ex)
{
	free(ex->first);
	free(ex->first_more);
	ex->first = ex->first_more = NULL;
	ex->want_more = false;
}

/* The line as it is shown, with the long prefix by its short name. Caller frees. */
static char *shown_line(const struct excerpt *ex, const char *line)
{
	size_t len = ex->prefix ? strlen(ex->prefix) : 0;
	struct cenv_buf out = CENV_BUF_INIT;
	const char *at;

	for (; len && (at = strstr(line, ex->prefix)); line = at + len) {
		cenv_buf_add(&out, line, (size_t)(at - line));
		cenv_buf_adds(&out, "$PREFIX");
	}
	cenv_buf_adds(&out, line);
	if (out.len > LINE_SHOWN) {
		cenv_buf_truncate(&out, LINE_SHOWN);
		cenv_buf_adds(&out, "...");
	}
	return cenv_buf_detach(&out);
}

static void take_line(struct excerpt *ex, const char *line)
{
	char **slot = &ex->ring[ex->seen++ % ex->tail];

	free(*slot);
	*slot = shown_line(ex, line);
	line = *slot;
	if (cenv_str_starts(line, CENV_STEP_MARK)) {
		forget_error(ex); /* a step that failed is the last */
	} else if (ex->want_more && *line) {
		ex->first_more = cenv_xstrdup(line);
		ex->want_more = false;
	} else if (!ex->first && cenv_log_is_error(line)) {
		ex->first = cenv_xstrdup(line);
		ex->want_more = cenv_str_ends(line, ":");
	}
}

static void read_lines(FILE *file, struct excerpt *ex)
{
	char line[LINE_READ];
	size_t len = 0;
	int c;

	while ((c = getc_unlocked(file)) != EOF) {
		if (c != '\n' && c != '\0' && len + 1 < sizeof(line))
			line[len++] = (char)c;
		if (c != '\n')
			continue;
		line[len] = '\0';
		take_line(ex, line);
		len = 0;
	}
	line[len] = '\0';
	if (len > 0)
		take_line(ex, line);
}

static void format_excerpt(const struct excerpt *ex, struct cenv_buf *out)
{
	size_t shown = ex->seen < ex->tail ? ex->seen : ex->tail;

	if (ex->first) {
		cenv_buf_addf(out, "first error: %s\n", ex->first);
		if (ex->first_more)
			cenv_buf_addf(out, "             %s\n", ex->first_more);
	}
	cenv_buf_addf(out, "last lines of the log:\n");
	for (size_t i = ex->seen - shown; i < ex->seen; i++)
		cenv_buf_addf(out, "  %s\n", ex->ring[i % ex->tail]);
}

int cenv_log_excerpt(int dirfd, const char *path, const char *prefix, size_t tail,
		     struct cenv_buf *out, struct cenv_err *err)
{
	struct excerpt ex = {.tail = tail, .prefix = prefix};
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (!file) {
		cenv_err_sys(err, errno, "cannot read '%s'", path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	ex.ring = cenv_xcalloc(tail, sizeof(*ex.ring));
	read_lines(file, &ex);
	fclose(file);
	format_excerpt(&ex, out);
	for (size_t i = 0; i < tail; i++)
		free(ex.ring[i]);
	free(ex.ring);
	forget_error(&ex);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "store/env/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "store/fs/fs.h"
#include "store/object/manifest.h"

#define JOURNAL "lib/cenv/journal"
#define JOURNAL_DONE "lib/cenv/journal.done"
#define UNDO "lib/cenv/undo"
#define HISTORY "lib/cenv/history"
#define JOURNAL_MAX (512u << 20)

static const char header[] = "cenv-journal 1\n";
static const char footer[] = "end\n";

static bool is_synced(void)
{
	const char *off = getenv("CENV_NO_FSYNC");

	return !off || strcmp(off, "1");
}

int cenv_env_fsync(int fd)
{
	return is_synced() ? fsync(fd) : 0;
}

static int sync_all(const struct cenv_env *env, struct cenv_err *err)
{
	if (is_synced() && syncfs(env->fd) < 0)
		return cenv_err_sys(err, errno, "cannot put the changes of '%s' on disk", env->path);
	return 0;
}

struct cenv_step *cenv_journal_add(struct cenv_journal *journal, enum cenv_step_kind kind,
				   const char *path)
{
	CENV_GROW(journal->steps, journal->n, journal->cap);
	journal->steps[journal->n] = (struct cenv_step){.kind = kind, .path = cenv_xstrdup(path)};
	return &journal->steps[journal->n++];
}

void cenv_journal_release(struct cenv_journal *journal)
{
	for (size_t i = 0; i < journal->n; i++)
		free(journal->steps[i].path);
	free(journal->steps);
	free(journal->command);
	*journal = (struct cenv_journal){0};
}

char *cenv_step_neighbour(const struct cenv_step *step)
{
	size_t dirlen = (size_t)(cenv_path_base(step->path) - step->path);

	return cenv_strf("%.*s.cenv-new-%u", (int)dirlen, step->path, step->number);
}

/* ---- the file ---- */

void cenv_journal_format(const struct cenv_journal *journal, struct cenv_buf *out)
{
	cenv_buf_adds(out, header);
	cenv_buf_addf(out, "c\t%lld\t", journal->history_size);
	for (const char *p = journal->command; *p; p++)
		cenv_buf_addc(out, (unsigned char)*p < 0x20 ? ' ' : *p);
	cenv_buf_addc(out, '\n');
	for (size_t i = 0; i < journal->n; i++) {
		const struct cenv_step *s = &journal->steps[i];

		cenv_buf_addc(out, (char)s->kind);
		if (s->number || s->mode)
			cenv_buf_addf(out, "\t%u\t%o\t", s->number, (unsigned)s->mode);
		else /* thousands of these */
			cenv_buf_adds(out, "\t0\t0\t");
		cenv_buf_adds(out, s->path);
		cenv_buf_addc(out, '\n');
	}
	cenv_buf_adds(out, footer);
}

/* Digits and a TAB, which *at is moved behind. */
static bool take_number(const char **at, const char *end, unsigned base, unsigned long long max,
			unsigned long long *out)
{
	const char *p = *at;

	*out = 0;
	for (; p < end && *p >= '0' && *p < (char)('0' + base); p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (*out > (max - digit) / base)
			return false;
		*out = *out * base + digit;
	}
	if (p == *at || p == end || *p != '\t')
		return false;
	*at = p + 1;
	return true;
}

static bool parse_first(struct cenv_journal *out, const char *line, const char *end)
{
	unsigned long long size;

	if (end - line < 4 || line[0] != 'c' || line[1] != '\t')
		return false;
	line += 2;
	if (!take_number(&line, end, 10, LLONG_MAX, &size))
		return false;
	out->history_size = (long long)size;
	out->command = cenv_xstrndup(line, (size_t)(end - line));
	return true;
}

static bool parse_step(struct cenv_journal *out, const char *line, const char *end)
{
	char kind = line[0];
	unsigned long long number, mode;
	struct cenv_step *step;
	char *path;

	if (end - line < 7 || !strchr("rsekmadx", kind) || line[1] != '\t')
		return false;
	line += 2;
	if (!take_number(&line, end, 10, UINT32_MAX, &number) ||
	    !take_number(&line, end, 8, 0777, &mode) ||
	    !cenv_manifest_path_valid(line, (size_t)(end - line)))
		return false;
	path = cenv_xstrndup(line, (size_t)(end - line));
	step = cenv_journal_add(out, (enum cenv_step_kind)kind, path);
	free(path);
	step->done = true;
	step->number = (unsigned)number;
	step->mode = (mode_t)mode;
	return (step->kind == CENV_STEP_REPLACE || step->kind == CENV_STEP_TAKE) == (number > 0);
}

size_t cenv_journal_parse(struct cenv_journal *out, const struct cenv_buf *text)
{
	const char *p = text->buf, *end = p + text->len;
	size_t line = 1;

	if (text->len < sizeof(header) - 1 || memcmp(p, header, sizeof(header) - 1))
		return line;
	for (p += sizeof(header) - 1; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		line++;
		if (!nl)
			return line;
		if (line > 2 && nl + 1 == end && !strcmp(p, footer))
			return 0;
		if (line == 2 ? !parse_first(out, p, nl) : !parse_step(out, p, nl))
			return line;
		p = nl + 1;
	}
	return line + 1; /* the footer is missing */
}

static bool is_whole(const struct cenv_buf *text)
{
	size_t len = sizeof(footer) - 1;

	return text->len > len && !strcmp(text->buf + text->len - len, footer) &&
	       text->buf[text->len - len - 1] == '\n';
}

/* The command was stopped while it wrote its journal, before it changed anything. */
static int drop_unfinished(const struct cenv_env *env, struct cenv_err *err)
{
	if (unlinkat(env->fd, JOURNAL, 0) == 0)
		return 0;
	return cenv_err_sys(err, errno, "cannot remove '%s/" JOURNAL "'", env->path);
}

static int read_journal(struct cenv_journal *out, const struct cenv_env *env, const char *name,
			struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	size_t line;
	int ret = -1;

	if (cenv_fs_read(env->fd, name, JOURNAL_MAX, &text, err) < 0) {
		if (err->sys == ENOENT) {
			cenv_err_release(err);
			ret = 0;
		}
		goto out;
	}
	if (!strcmp(name, JOURNAL) && !is_whole(&text)) {
		ret = drop_unfinished(env, err);
		goto out;
	}
	line = cenv_journal_parse(out, &text);
	if (line == 0) {
		ret = 1;
		goto out;
	}
	cenv_journal_release(out);
	cenv_err_set(err, CENV_E_INTEGRITY, "journal '%s/%s' is damaged in line %zu", env->path, name,
		     line);
	cenv_err_hint(err, "it says how to undo a change that was stopped; restore it, or make the "
			   "environment anew: 'cenv create --clear'");
out:
	cenv_buf_release(&text);
	return ret;
}

int cenv_journal_load(struct cenv_journal *out, enum cenv_journal_state *state,
		      const struct cenv_env *env, struct cenv_err *err)
{
	int found;

	*out = (struct cenv_journal){0};
	*state = CENV_JOURNAL_OPEN;
	found = read_journal(out, env, JOURNAL, err);
	if (found == 0) {
		*state = CENV_JOURNAL_FINAL;
		found = read_journal(out, env, JOURNAL_DONE, err);
	}
	if (found == 0)
		*state = CENV_JOURNAL_NONE;
	return found < 0 ? -1 : 0;
}

bool cenv_journal_exists(const struct cenv_env *env)
{
	return faccessat(env->fd, JOURNAL, F_OK, 0) == 0 ||
	       faccessat(env->fd, JOURNAL_DONE, F_OK, 0) == 0;
}

/* ---- carrying out steps ---- */

static int copy_link(const struct cenv_env *env, const char *from, const char *to,
		     struct cenv_err *err)
{
	struct cenv_buf target = CENV_BUF_INIT;
	int ret = cenv_fs_readlink(env->fd, from, &target, err);

	if (ret == 0 && symlinkat(target.buf, env->fd, to) < 0)
		ret = cenv_err_sys(err, errno, "cannot create link '%s/%s'", env->path, to);
	cenv_buf_release(&target);
	return ret;
}

int cenv_journal_link(const struct cenv_env *env, const char *from, const char *to,
		      struct cenv_err *err)
{
	struct stat st;

	if (linkat(env->fd, from, env->fd, to, 0) == 0)
		return 0;
	if (errno != EPERM && errno != ENOTSUP && errno != EMLINK && errno != ENOSYS)
		return cenv_err_sys(err, errno, "cannot keep '%s/%s'", env->path, from);
	if (fstatat(env->fd, from, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return cenv_err_sys(err, errno, "cannot examine '%s/%s'", env->path, from);
	if (S_ISLNK(st.st_mode))
		return copy_link(env, from, to, err);
	return cenv_fs_copy(env->fd, from, env->fd, to, st.st_mode & 0777, err);
}

static int sync_named(const struct cenv_env *env, const char *name, struct cenv_err *err)
{
	int fd, ret = 0;

	if (!is_synced())
		return 0;
	fd = cenv_fs_open_dir(env->fd, name, err);
	if (fd < 0)
		return -1;
	if (fsync(fd) < 0)
		ret = cenv_err_sys(err, errno, "cannot put '%s/%s' on disk", env->path, name);
	close(fd);
	return ret;
}

static char *saved_path(const struct cenv_step *step)
{
	return cenv_strf(UNDO "/%u", step->number);
}

int cenv_journal_save(struct cenv_journal *journal, const struct cenv_env *env,
		      struct cenv_err *err)
{
	bool any = false;

	for (size_t i = 0; i < journal->n; i++) {
		struct cenv_step *step = &journal->steps[i];
		char *saved;
		int ret;

		if (step->kind != CENV_STEP_REPLACE && step->kind != CENV_STEP_TAKE)
			continue;
		saved = saved_path(step);
		ret = cenv_journal_link(env, step->path, saved, err);
		free(saved);
		if (ret < 0)
			return -1;
		step->done = any = true;
	}
	return any ? sync_named(env, UNDO, err) : 0;
}

int cenv_journal_take(const struct cenv_step *step, const struct cenv_env *env, struct cenv_err *err)
{
	if (unlinkat(env->fd, step->path, 0) < 0)
		return cenv_err_sys(err, errno, "cannot move '%s/%s' away", env->path, step->path);
	return 0;
}

static int write_new(const struct cenv_env *env, const char *path, const void *data, size_t len,
		     bool synced, struct cenv_err *err)
{
	int fd = openat(env->fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	int ret = 0;

	if (fd < 0)
		return cenv_err_sys(err, errno, "cannot create '%s/%s'", env->path, path);
	if (cenv_fs_write_all(fd, data, len) < 0 || (synced && cenv_env_fsync(fd) < 0))
		ret = cenv_err_sys(err, errno, "cannot write '%s/%s'", env->path, path);
	if (close(fd) < 0 && ret == 0)
		ret = cenv_err_sys(err, errno, "cannot write '%s/%s'", env->path, path);
	if (ret < 0)
		unlinkat(env->fd, path, 0);
	return ret;
}

int cenv_journal_put(struct cenv_step *step, const struct cenv_env *env, const void *data,
		     size_t len, struct cenv_err *err)
{
	char *neighbour;
	int ret;

	if (step->kind == CENV_STEP_ADD) {
		ret = write_new(env, step->path, data, len, false, err);
		step->done = ret == 0;
		return ret;
	}
	neighbour = cenv_step_neighbour(step);
	ret = write_new(env, neighbour, data, len, false, err);
	if (ret == 0 && renameat(env->fd, neighbour, env->fd, step->path) < 0)
		ret = cenv_err_sys(err, errno, "cannot replace '%s/%s'", env->path, step->path);
	free(neighbour);
	return ret;
}

/* A change that only adds has nothing to save, and is spared a folder on its way to the disk. */
static bool saves_files(const struct cenv_journal *journal)
{
	for (size_t i = 0; i < journal->n; i++)
		if (journal->steps[i].number)
			return true;
	return false;
}

/* Undoing removes the neighbours of replaced files: none may be somebody else's. */
static int refuse_neighbours(const struct cenv_journal *journal, const struct cenv_env *env,
			     struct cenv_err *err)
{
	for (size_t i = 0; i < journal->n; i++) {
		const struct cenv_step *step = &journal->steps[i];
		char *neighbour = step->kind == CENV_STEP_REPLACE ? cenv_step_neighbour(step) : NULL;
		bool taken = neighbour && cenv_fs_exists(env->fd, neighbour);

		if (taken) {
			cenv_err_set(err, CENV_E_FAIL, "'%s/%s' belongs to no package, and its name is "
				     "needed while '%s' is replaced", env->path, neighbour,
				     cenv_path_base(step->path));
			cenv_err_hint(err, "nothing was changed; move the file away");
		}
		free(neighbour);
		if (taken)
			return -1;
	}
	return 0;
}

int cenv_journal_write(const struct cenv_journal *journal, const struct cenv_env *env,
		       struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	int ret;

	if (refuse_neighbours(journal, env, err) < 0)
		return -1;
	/* left by a command that was stopped just after its change */
	if (cenv_fs_remove_tree(env->fd, UNDO, err) < 0)
		return -1;
	cenv_journal_format(journal, &text);
	ret = write_new(env, JOURNAL, text.buf, text.len, true, err);
	cenv_buf_release(&text);
	if (ret == 0 && saves_files(journal) && mkdirat(env->fd, UNDO, 0755) < 0)
		ret = cenv_err_sys(err, errno, "cannot create '%s/" UNDO "'", env->path);
	if (ret == 0)
		ret = sync_named(env, "lib/cenv", err);
	if (ret < 0) { /* nothing has happened yet */
		unlinkat(env->fd, JOURNAL, 0);
		unlinkat(env->fd, UNDO, AT_REMOVEDIR);
	}
	return ret;
}

/* ---- the end of a change ---- */

int cenv_journal_commit(const struct cenv_env *env, struct cenv_err *err)
{
	if (sync_all(env, err) < 0)
		return -1;
	if (renameat(env->fd, JOURNAL, env->fd, JOURNAL_DONE) < 0)
		return cenv_err_sys(err, errno, "cannot write '%s/" JOURNAL_DONE "'", env->path);
	return 0;
}

static bool is_fine(int error)
{
	/* gone already, of another type since an earlier attempt, or a folder with a user's files */
	return error == ENOENT || error == ENOTDIR || error == EISDIR || error == ENOTEMPTY ||
	       error == EEXIST;
}

static int remove_name(const struct cenv_env *env, const char *path, int flags, struct cenv_err *err)
{
	if (unlinkat(env->fd, path, flags) == 0 || is_fine(errno))
		return 0;
	return cenv_err_sys(err, errno, "cannot remove '%s/%s'", env->path, path);
}

static int put_back(const struct cenv_env *env, const struct cenv_step *step, struct cenv_err *err)
{
	char *saved = saved_path(step);
	int ret = 0;

	/* of two names of one file, which means that nothing had happened yet, both stay: fine */
	if (renameat(env->fd, saved, env->fd, step->path) < 0 && errno != ENOENT)
		ret = cenv_err_sys(err, errno, "cannot put '%s/%s' back", env->path, step->path);
	free(saved);
	return ret;
}

static int undo_replace(const struct cenv_env *env, const struct cenv_step *step,
			struct cenv_err *err)
{
	char *neighbour = cenv_step_neighbour(step);
	int ret = remove_name(env, neighbour, 0, err);

	free(neighbour);
	return ret == 0 ? put_back(env, step, err) : -1;
}

static int undo_step(const struct cenv_env *env, const struct cenv_step *step, struct cenv_err *err)
{
	switch (step->kind) {
	case CENV_STEP_REPLACE:
		return undo_replace(env, step, err);
	case CENV_STEP_TAKE:
		return put_back(env, step, err);
	case CENV_STEP_UNMAKE:
		if (mkdirat(env->fd, step->path, step->mode) < 0 && errno != EEXIST)
			return cenv_err_sys(err, errno, "cannot create folder '%s/%s'", env->path,
					    step->path);
		return 0;
	case CENV_STEP_MAKE:
		return remove_name(env, step->path, AT_REMOVEDIR, err);
	case CENV_STEP_ADD:
	case CENV_STEP_COPY:
		return remove_name(env, step->path, 0, err);
	case CENV_STEP_DELETE:
	case CENV_STEP_RMDIR:
		break;
	}
	return 0;
}

static int undo_history(const struct cenv_env *env, long long size, struct cenv_err *err)
{
	int fd, ret = 0;
	struct stat st;

	if (!size) /* the first change makes the file */
		return remove_name(env, HISTORY, 0, err);
	fd = openat(env->fd, HISTORY, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? 0
				       : cenv_err_sys(err, errno, "cannot open '%s/" HISTORY "'",
						      env->path);
	if (fstat(fd, &st) < 0 || (st.st_size > size && ftruncate(fd, size) < 0))
		ret = cenv_err_sys(err, errno, "cannot shorten '%s/" HISTORY "'", env->path);
	close(fd);
	return ret;
}

static int drop(const struct cenv_env *env, const char *journal, struct cenv_err *err)
{
	if (cenv_fs_remove_tree(env->fd, UNDO, err) < 0)
		return -1;
	return remove_name(env, journal, 0, err);
}

int cenv_journal_undo(const struct cenv_journal *journal, const struct cenv_env *env,
		      struct cenv_err *err)
{
	for (size_t i = journal->n; i > 0; i--)
		if (journal->steps[i - 1].done && undo_step(env, &journal->steps[i - 1], err) < 0)
			return -1;
	if (undo_history(env, journal->history_size, err) < 0 || sync_all(env, err) < 0)
		return -1;
	return drop(env, JOURNAL, err);
}

void cenv_journal_abandon(const struct cenv_journal *journal, const struct cenv_env *env,
			  struct cenv_err *err)
{
	struct cenv_err second = CENV_ERR_INIT;

	if (cenv_journal_undo(journal, env, &second) < 0)
		cenv_err_detail(err, "undoing it failed as well (%s): the next command tries again",
				second.msg);
	cenv_err_release(&second);
}

int cenv_journal_finish(const struct cenv_journal *journal, const struct cenv_env *env,
			struct cenv_err *err)
{
	bool removes = false;

	if (sync_named(env, "lib/cenv", err) < 0) /* the rename that made it final */
		return -1;
	for (size_t i = 0; i < journal->n; i++) {
		const struct cenv_step *s = &journal->steps[i];

		if (s->kind == CENV_STEP_DELETE && remove_name(env, s->path, 0, err) < 0)
			return -1;
		removes |= s->kind == CENV_STEP_DELETE;
	}
	/* folders are listed before what they hold */
	for (size_t i = journal->n; i > 0; i--) {
		const struct cenv_step *s = &journal->steps[i - 1];

		if (s->kind == CENV_STEP_RMDIR && remove_name(env, s->path, AT_REMOVEDIR, err) < 0)
			return -1;
	}
	if (removes && sync_all(env, err) < 0)
		return -1;
	return drop(env, JOURNAL_DONE, err);
}

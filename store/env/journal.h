/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_ENV_JOURNAL_H
#define CENV_STORE_ENV_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "store/env/env.h"

/*
 * The journal of a change: what is about to happen to an environment, so that it can be undone
 * or finished by whoever comes next. The file's name says how far the change got:
 *
 *     lib/cenv/journal        the change may be half done: undo it
 *     lib/cenv/journal.done   the new state is whole and on disk: remove what is left of the old
 *     lib/cenv/undo/<number>  files as they were before
 *
 * Why this survives a power cut at any moment, with a file system that orders nothing by itself:
 *
 * 1. The journal is written and synced, and its folder as well, before the first change (on a file
 *    system with a journal of its own both go to the disk together). Whatever
 *    part of the change reached the disk, the journal did before it, whole. One whose last line
 *    is missing therefore means that nothing had begun. (Written under its own name: a rename
 *    would cost a second round to the disk.)
 * 2. Every file that will be replaced, or makes room for a folder, gets a second name in undo/, and
 *    undo/ is synced, before the first one goes. So the old contents have a name on the disk at all
 *    times.
 * 3. Files are only added and replaced by rename; what just goes away is deleted in step 5. Undoing
 *    is therefore removing the additions and renaming undo/ back. Each step of it may be done
 *    again, so that undoing can be stopped and repeated as well.
 * 4. syncfs() puts everything on disk, then one rename of the journal, and a sync of its folder,
 *    makes the change final.
 * 5. Only now are old files deleted, folders that became empty removed and undo/ emptied. This
 *    can be repeated, too, and is synced before journal.done goes: what it lists cannot come back.
 *
 * Paths that the journal lists belong to the change until it is undone or finished.
 */

enum cenv_step_kind {
	CENV_STEP_REPLACE = 'r', /* linked to undo/<number>, then another renamed over it */
	CENV_STEP_COPY = 's',    /* a user's changed file gets this second name and stays */
	CENV_STEP_TAKE = 'e',    /* linked to undo/<number>, then removed to make room */
	CENV_STEP_UNMAKE = 'k',  /* folder removed before: a file will have its name */
	CENV_STEP_MAKE = 'm',    /* folder made */
	CENV_STEP_ADD = 'a',     /* file or link made where nothing was */
	CENV_STEP_DELETE = 'd',  /* deleted once the change is final */
	CENV_STEP_RMDIR = 'x',   /* folder removed once the change is final, if it is empty */
};

struct cenv_step {
	enum cenv_step_kind kind;
	bool done;       /* it was, or may have been, carried out */
	unsigned number; /* of undo/<number>, from 1; 0: none */
	mode_t mode;     /* of the folder that UNMAKE removed */
	char *path;
};

struct cenv_journal {
	char *command;          /* for messages */
	long long history_size; /* before the change */
	struct cenv_step *steps; /* in the order of their execution */
	size_t n, cap;
};

/** Appends; the path is copied. @return the step, valid until the next one is added. */
struct cenv_step *cenv_journal_add(struct cenv_journal *journal, enum cenv_step_kind kind,
				   const char *path);
void cenv_journal_release(struct cenv_journal *journal);

/** The name in the same folder under which the new file of a REPLACE step is made. Caller frees. */
char *cenv_step_neighbour(const struct cenv_step *step);

/** Write the journal, durably, and make undo/ if a step needs it. */
int cenv_journal_write(const struct cenv_journal *journal, const struct cenv_env *env,
		       struct cenv_err *err);

/** The file's text. */
void cenv_journal_format(const struct cenv_journal *journal, struct cenv_buf *out);
/** @return the first line that is damaged, or 0; what was read until then is in *out. */
size_t cenv_journal_parse(struct cenv_journal *out, const struct cenv_buf *text);

enum cenv_journal_state { CENV_JOURNAL_NONE, CENV_JOURNAL_OPEN, CENV_JOURNAL_FINAL };

/** What a stopped command left. Every step read is marked as done. */
int cenv_journal_load(struct cenv_journal *out, enum cenv_journal_state *state,
		      const struct cenv_env *env, struct cenv_err *err);
/** Is there one, whatever is in it? */
bool cenv_journal_exists(const struct cenv_env *env);

/* ---- carrying out steps ---- */

/** Give every file of a REPLACE or TAKE step its second name in undo/, durably. */
int cenv_journal_save(struct cenv_journal *journal, const struct cenv_env *env,
		      struct cenv_err *err);
/** Carry out a TAKE step, which was saved. */
int cenv_journal_take(const struct cenv_step *step, const struct cenv_env *env, struct cenv_err *err);
/** Write a file of cenv's own, by an ADD or REPLACE step. */
int cenv_journal_put(struct cenv_step *step, const struct cenv_env *env, const void *data,
		     size_t len, struct cenv_err *err);
/** A second name for a file or link, or a copy where the file system has no hard links. */
int cenv_journal_link(const struct cenv_env *env, const char *from, const char *to,
		      struct cenv_err *err);

/** Everything to disk, then make the change final. */
int cenv_journal_commit(const struct cenv_env *env, struct cenv_err *err);
/** Back to the old state, as far as steps are done; ends with the journal gone. */
int cenv_journal_undo(const struct cenv_journal *journal, const struct cenv_env *env,
		      struct cenv_err *err);
/** The same for a change that failed with err, which gets a line when undoing fails as well: then
 *  the next command does it. */
void cenv_journal_abandon(const struct cenv_journal *journal, const struct cenv_env *env,
			  struct cenv_err *err);
/** Remove what is left of the old state; ends with the journal gone. */
int cenv_journal_finish(const struct cenv_journal *journal, const struct cenv_env *env,
			struct cenv_err *err);

/** fsync, unless CENV_NO_FSYNC is set, which exists to measure what syncing costs. */
int cenv_env_fsync(int fd);

#endif

/* SPDX-License-Identifier: MIT */
#include "store/env/lock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/env/journal.h"
#include "store/env/rehome.h"
#include "store/env/transaction.h"
#include "store/fs/fs.h"

/* The locks of an environment, and what is mended before a command may trust what it sees. */

#define TURN "lib/cenv/" CENV_ENV_LOCK_TURN
#define CHANGING "lib/cenv/" CENV_ENV_LOCK_CHANGING

struct waiting {
	const struct cenv_env *env;
	const struct cenv_events *events;
};

static void tell_waiting(void *payload)
{
	const struct waiting *w = payload;

	cenv_emit(w->events, &(struct cenv_event){.kind = CENV_EV_WAIT_LOCK, .text = w->env->path});
}

static int tell(const struct cenv_events *events, enum cenv_event_kind kind, char *text)
{
	cenv_emit(events, &(struct cenv_event){.kind = kind, .text = text});
	free(text);
	return 0;
}

static int recover(const struct cenv_env *env, const struct cenv_events *events,
		   struct cenv_err *err)
{
	enum cenv_journal_state state;
	struct cenv_journal journal;
	int ret = 0;

	if (cenv_journal_load(&journal, &state, env, err) < 0)
		return -1;
	if (state == CENV_JOURNAL_OPEN)
		ret = cenv_journal_undo(&journal, env, err);
	else if (state == CENV_JOURNAL_FINAL)
		ret = cenv_journal_finish(&journal, env, err);
	if (ret < 0)
		cenv_err_wrap(err, "cannot %s '%s', which was stopped",
			      state == CENV_JOURNAL_OPEN ? "undo" : "finish", journal.command);
	else if (state != CENV_JOURNAL_NONE)
		tell(events, CENV_EV_NOTE,
		     cenv_strf("%s '%s', which was stopped half way",
			       state == CENV_JOURNAL_OPEN ? "undid" : "finished", journal.command));
	cenv_journal_release(&journal);
	return ret;
}

static bool is_whole(const struct cenv_env *env)
{
	return !cenv_journal_exists(env) && cenv_env_is_home(env);
}

static int mend(const struct cenv_env *env, const struct cenv_events *events, struct cenv_err *err)
{
	if (cenv_journal_exists(env) && recover(env, events, err) < 0)
		return -1;
	if (!cenv_env_is_home(env))
		return cenv_env_rehome(env, events, err);
	return 0;
}

static int lock_name(const struct cenv_env *env, const char *name, bool alone,
		     const struct cenv_events *events, int *fd, struct cenv_err *err)
{
	struct waiting waiting = {env, events};

	*fd = -1;
	if (cenv_fs_mkdirs(env->fd, "lib/cenv", 0755, err) == 0)
		*fd = cenv_fs_lock(env->fd, name, alone, tell_waiting, &waiting, err);
	return *fd >= 0 ? 0 : cenv_err_wrap(err, "cannot use '%s'", env->path);
}

int cenv_env_lock_turn(const struct cenv_env *env, const struct cenv_events *events, int *fd,
		       struct cenv_err *err)
{
	return lock_name(env, TURN, true, events, fd, err);
}

int cenv_env_lock_files(const struct cenv_env *env, bool alone, const struct cenv_events *events,
			int *fd, struct cenv_err *err)
{
	return lock_name(env, CHANGING, alone, events, fd, err);
}

/*
 * Share the files with others that look. When there is something to mend, let go, wait until they
 * are ours alone, and go on with that: another process may have mended it in between, so everything
 * is looked at again.
 */
static int settle(const struct cenv_env *env, const struct cenv_events *events, int *fd,
		  struct cenv_err *err)
{
	if (cenv_env_lock_files(env, false, events, fd, err) < 0)
		return -1;
	if (is_whole(env))
		return 0;
	close(*fd);
	if (cenv_env_lock_files(env, true, events, fd, err) < 0)
		return -1;
	if (mend(env, events, err) == 0) {
		flock(*fd, LOCK_SH); /* if that fails, others wait for longer */
		return 0;
	}
	close(*fd);
	*fd = -1;
	return -1;
}

static bool is_read_only(int error)
{
	return error == EROFS || error == EACCES || error == EPERM;
}

static int look_only(const struct cenv_env *env, const struct cenv_events *events)
{
	if (cenv_journal_exists(env))
		tell(events, CENV_EV_WARNING,
		     cenv_strf("a command was stopped while it changed '%s', which cannot be written "
			       "now: what is shown may be half changed", env->path));
	return 0;
}

static int lock_to_change(const struct cenv_env *env, const struct cenv_events *events, int *turn,
			  struct cenv_err *err)
{
	int files;

	if (cenv_env_lock_turn(env, events, turn, err) < 0)
		return -1;
	if (settle(env, events, &files, err) == 0) {
		close(files);
		return 0;
	}
	close(*turn);
	*turn = -1;
	return -1;
}

int cenv_env_lock(const struct cenv_env *env, bool exclusive, const struct cenv_events *events,
		  int *fd, struct cenv_err *err)
{
	if (exclusive)
		return lock_to_change(env, events, fd, err);
	if (settle(env, events, fd, err) == 0)
		return 0;
	if (!is_read_only(err->sys))
		return -1;
	cenv_err_release(err);
	return look_only(env, events);
}

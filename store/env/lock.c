/* SPDX-License-Identifier: MIT */
#include "store/env/transaction.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/env/journal.h"
#include "store/env/rehome.h"
#include "store/fs/fs.h"

/*
 * The lock of an environment, and what has to be mended before a command may trust what it sees.
 *
 * Commands that only look share the lock. When there is something to mend, they let go, take it
 * for themselves, and go on with that: another process may have mended it in between, so
 * everything is looked at again.
 */

#define LOCK "lib/cenv/lock"

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

static int mend(const struct cenv_env *env, const struct cenv_events *events, struct cenv_err *err)
{
	if (cenv_journal_exists(env) && recover(env, events, err) < 0)
		return -1;
	if (!cenv_env_is_home(env))
		return cenv_env_rehome(env, events, err);
	return 0;
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

int cenv_env_lock(const struct cenv_env *env, bool exclusive, const struct cenv_events *events,
		  int *fd, struct cenv_err *err)
{
	struct waiting waiting = {env, events};

	*fd = -1;
	if (cenv_fs_mkdirs(env->fd, "lib/cenv", 0755, err) < 0 ||
	    (*fd = cenv_fs_lock(env->fd, LOCK, exclusive, tell_waiting, &waiting, err)) < 0) {
		if (exclusive || !is_read_only(err->sys))
			return cenv_err_wrap(err, "cannot use '%s'", env->path);
		cenv_err_release(err);
		return look_only(env, events);
	}
	if (exclusive || (!cenv_journal_exists(env) && cenv_env_is_home(env))) {
		if (!exclusive || mend(env, events, err) == 0)
			return 0;
	} else {
		close(*fd);
		*fd = cenv_fs_lock(env->fd, LOCK, true, tell_waiting, &waiting, err);
		if (*fd >= 0 && mend(env, events, err) == 0)
			return 0;
	}
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return -1;
}

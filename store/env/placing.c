/* SPDX-License-Identifier: MIT */
#include "store/env/placing.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"

/* Linking waits for the file system's locks, mostly those of the folder: few threads suffice. */
enum { THREADS_MAX = 3, FILES_PER_THREAD = 200 };

#define DAMAGED_HINT "run 'cenv cache verify', then the command again"

struct job {
	struct cenv_placings *list;
	struct cenv_journal *journal;
	const struct cenv_env *env;
	const struct cenv_change *change;
	pthread_mutex_t lock;
	size_t next; /* first placing that no thread has taken; under lock */
	bool failed; /* under lock */
	struct cenv_err err; /* the first failure; under lock */
};

/* A folder being filled. */
struct folder {
	int dst, src;
	size_t add; /* whose folder src is */
	char *path;
};

static int open_source(struct folder *f, const struct job *job, size_t add, struct cenv_err *err)
{
	const struct cenv_object *object = job->change->add[add].object;

	if (f->src >= 0 && f->add == add)
		return 0;
	if (f->src >= 0)
		close(f->src);
	f->add = add;
	f->src = openat(object->treefd, f->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (f->src < 0) {
		cenv_err_sys(err, errno, "cannot open folder '%s' of '%s %s' in the store", f->path,
			     object->name, object->version);
		cenv_err_hint(err, DAMAGED_HINT);
		return -1;
	}
	return 0;
}

static int swap_in(const struct folder *f, const char *neighbour, const char *name,
		   struct cenv_err *err)
{
	if (renameat(f->dst, neighbour, f->dst, name) < 0)
		return cenv_err_sys(err, errno, "cannot replace '%s'", name);
	/* of two names of one file, rename leaves both */
	if (unlinkat(f->dst, neighbour, 0) < 0 && errno != ENOENT)
		return cenv_err_sys(err, errno, "cannot remove '%s'", neighbour);
	return 0;
}

/* A patched file has a hash and size of its own, which the record takes over. */
static int note_patched(struct cenv_placing *p, const struct folder *f, const char *name,
			const char *sha256, struct cenv_err *err)
{
	struct stat st;

	if (fstatat(f->dst, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return cenv_err_sys(err, errno, "cannot examine '%s'", name);
	p->sha256 = cenv_xstrdup(sha256);
	p->size = (uint64_t)st.st_size;
	return 0;
}

static int place_one(struct job *job, struct folder *f, struct cenv_placing *p,
		     struct cenv_err *err)
{
	struct cenv_step *step = &job->journal->steps[p->step];
	const char *name = cenv_path_base(p->entry->path);
	char *neighbour = step->kind == CENV_STEP_REPLACE ? cenv_step_neighbour(step) : NULL;
	const char *first = neighbour ? cenv_path_base(neighbour) : name;
	char sha256[CENV_SHA256_HEX] = "";
	int ret = open_source(f, job, p->add, err);

	if (ret == 0)
		ret = cenv_object_place(f->src, p->entry, f->dst, first, job->env->path,
					job->change->link_mode, sha256, err);
	if (ret == 0)
		step->done = true;
	if (ret == 0 && neighbour)
		ret = swap_in(f, first, name, err);
	if (ret == 0 && *sha256)
		ret = note_patched(p, f, name, sha256, err);
	free(neighbour);
	if (ret == 0)
		return 0;
	if (err->sys == ENOENT && !err->hint && !cenv_fs_exists(f->src, name))
		cenv_err_hint(err, DAMAGED_HINT);
	return cenv_err_wrap(err, "cannot put '%s' in place", p->entry->path);
}

static int fill_folder(struct job *job, size_t first, size_t last, struct cenv_err *err)
{
	const struct cenv_placing *p = &job->list->v[first];
	struct folder f = {
		.src = -1,
		.path = p->dirlen ? cenv_xstrndup(p->entry->path, p->dirlen) : cenv_xstrdup("."),
	};
	int ret = cenv_interrupt_check(err);

	f.dst = ret < 0 ? -1
			: openat(job->env->fd, f.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (ret == 0 && f.dst < 0)
		ret = cenv_err_sys(err, errno, "cannot open folder '%s/%s'", job->env->path, f.path);
	for (size_t i = first; ret == 0 && i < last; i++)
		ret = place_one(job, &f, &job->list->v[i], err);
	if (f.dst >= 0)
		close(f.dst);
	if (f.src >= 0)
		close(f.src);
	free(f.path);
	return ret;
}

static bool in_one_folder(const struct cenv_placing *a, const struct cenv_placing *b)
{
	return a->dirlen == b->dirlen && !memcmp(a->entry->path, b->entry->path, a->dirlen);
}

/* Takes the next folder; false when there is none, or another thread failed. */
static bool take(struct job *job, size_t *first, size_t *last)
{
	const struct cenv_placings *list = job->list;
	bool taken;

	pthread_mutex_lock(&job->lock);
	*first = *last = job->next;
	taken = !job->failed && *first < list->n;
	if (taken) {
		while (*last < list->n && in_one_folder(&list->v[*first], &list->v[*last]))
			++*last;
		job->next = *last;
	}
	pthread_mutex_unlock(&job->lock);
	return taken;
}

static void *work(void *payload)
{
	struct job *job = payload;
	size_t first, last;

	while (take(job, &first, &last)) {
		struct cenv_err err = CENV_ERR_INIT;

		if (fill_folder(job, first, last, &err) == 0)
			continue;
		pthread_mutex_lock(&job->lock);
		if (job->failed)
			cenv_err_release(&err);
		else
			cenv_err_move(&job->err, &err);
		job->failed = true;
		pthread_mutex_unlock(&job->lock);
	}
	return NULL;
}

int cenv_placings_run(struct cenv_placings *list, struct cenv_journal *journal,
		      const struct cenv_env *env, const struct cenv_change *change,
		      struct cenv_err *err)
{
	struct job job = {.list = list, .journal = journal, .env = env, .change = change};
	bool replaces = list->n && journal->steps[list->v[0].step].kind == CENV_STEP_REPLACE;
	size_t want = replaces ? 1 : list->n / FILES_PER_THREAD + 1, n = 0;
	pthread_t threads[THREADS_MAX - 1];

	if (want > THREADS_MAX)
		want = THREADS_MAX;
	pthread_mutex_init(&job.lock, NULL);
	/* without further threads this one does it all */
	while (n + 1 < want && pthread_create(&threads[n], NULL, work, &job) == 0)
		n++;
	work(&job);
	while (n > 0)
		pthread_join(threads[--n], NULL);
	pthread_mutex_destroy(&job.lock);
	if (!job.failed)
		return 0;
	cenv_err_move(err, &job.err);
	return -1;
}

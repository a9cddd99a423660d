/* SPDX-License-Identifier: MIT */
#include "store/env/check.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/requirement.h"
#include "store/env/check_elf.h"
#include "store/env/intact.h"
#include "store/proc/proc.h"

/* Hashing is all work for the CPU once files are cached, and waits for the disk until then. */
enum { THREADS_MAX = 4, FILES_PER_THREAD = 64 };

void cenv_check_result_release(struct cenv_check_result *result)
{
	cenv_strv_release(&result->problems);
	*result = (struct cenv_check_result){0};
}

static void complain(struct cenv_check_result *out, const struct cenv_record *record,
		     const char *what)
{
	cenv_strv_addf(&out->problems, "%s %s: %s", record->name, record->version, what);
}

/* ---- files ---- */

/* The files of one package, shared among threads. */
struct job {
	const struct cenv_env *env;
	const struct cenv_manifest *files;
	pthread_mutex_t lock;
	size_t next;      /* under lock */
	size_t elf_files; /* under lock */
	char **problems;  /* one for each file, or NULL */
};

static char *describe(enum cenv_intact intact, const struct cenv_manifest_entry *e, mode_t mode)
{
	static const char *const types[] = {['f' - 'd'] = "file", ['l' - 'd'] = "link", [0] = "folder"};

	switch (intact) {
	case CENV_INTACT_MISSING:
		return cenv_strf("%s: missing", e->path);
	case CENV_INTACT_TYPE:
		return cenv_strf("%s: is not the %s that was installed", e->path,
				 types[e->type - 'd']);
	case CENV_INTACT_CONTENT:
		return cenv_strf("%s: was changed since it was installed", e->path);
	case CENV_INTACT:
		break;
	}
	if (e->type == 'f' && mode != e->mode)
		return cenv_strf("%s: has mode %03o instead of %03o", e->path, (unsigned)mode,
				 (unsigned)e->mode);
	return NULL;
}

/* An error about one file is a finding, not the end. */
static char *as_problem(const struct cenv_manifest_entry *e, struct cenv_err *err)
{
	char *problem = cenv_strf("%s: %s", e->path, err->msg);

	cenv_err_release(err);
	return problem;
}

static void check_file(struct job *job, size_t at)
{
	const struct cenv_manifest_entry *e = &job->files->entries[at];
	struct cenv_err err = CENV_ERR_INIT;
	enum cenv_intact intact;
	mode_t mode = 0;
	int elf = 0;

	if (cenv_intact_check(&intact, job->env->fd, e->path, e, &mode, &err) < 0) {
		job->problems[at] = as_problem(e, &err);
		return;
	}
	job->problems[at] = describe(intact, e, mode);
	if (e->type == 'f' && intact == CENV_INTACT) {
		elf = cenv_check_elf(&job->problems[at], job->env, e->path, &err);
		if (elf < 0 && !job->problems[at])
			job->problems[at] = as_problem(e, &err);
		cenv_err_release(&err);
	}
	if (elf > 0) {
		pthread_mutex_lock(&job->lock);
		job->elf_files++;
		pthread_mutex_unlock(&job->lock);
	}
}

static void *work(void *payload)
{
	struct job *job = payload;

	while (!cenv_interrupted()) {
		size_t at;

		pthread_mutex_lock(&job->lock);
		at = job->next < job->files->n ? job->next++ : SIZE_MAX;
		pthread_mutex_unlock(&job->lock);
		if (at == SIZE_MAX)
			break;
		check_file(job, at);
	}
	return NULL;
}

static void run(struct job *job)
{
	size_t want = job->files->n / FILES_PER_THREAD + 1, n = 0;
	pthread_t threads[THREADS_MAX - 1];

	if (want > THREADS_MAX)
		want = THREADS_MAX;
	pthread_mutex_init(&job->lock, NULL);
	while (n + 1 < want && pthread_create(&threads[n], NULL, work, job) == 0)
		n++;
	work(job);
	while (n > 0)
		pthread_join(threads[--n], NULL);
	pthread_mutex_destroy(&job->lock);
}

static int check_files(struct cenv_check_result *out, const struct cenv_env *env,
		       const struct cenv_record *record, struct cenv_err *err)
{
	struct cenv_manifest files;
	struct job job = {.env = env, .files = &files};

	if (cenv_record_files(&files, env, record->key, err) < 0)
		return -1;
	job.problems = cenv_xcalloc(files.n + 1, sizeof(*job.problems));
	run(&job);
	for (size_t i = 0; i < files.n; i++) {
		if (job.problems[i])
			complain(out, record, job.problems[i]);
		out->files += files.entries[i].type != 'd';
		free(job.problems[i]);
	}
	out->elf_files += job.elf_files;
	free(job.problems);
	cenv_manifest_release(&files);
	return cenv_interrupt_check(err);
}

/* ---- requirements ---- */

static char *unsatisfied(const struct cenv_requirement *req, const struct cenv_records *records)
{
	const struct cenv_record *found = req->key ? cenv_records_find(records, req->key) : NULL;

	if (!req->key)
		return NULL; /* a bare URL: only its archive knows the name */
	if (!found)
		return cenv_strf("needs '%s', which is not installed", req->text);
	if (req->kind == CENV_REQ_NAME && !cenv_specifier_match(&req->spec, found->version))
		return cenv_strf("needs '%s', but %s %s is installed", req->text, found->name,
				 found->version);
	for (size_t i = 0; i < req->features_on.n; i++)
		if (!cenv_strv_has(&found->features, req->features_on.v[i]))
			return cenv_strf("needs '%s', but %s %s was built without '%s'", req->text,
					 found->name, found->version, req->features_on.v[i]);
	return NULL;
}

static void check_requirements(struct cenv_check_result *out, const struct cenv_record *record,
			       const struct cenv_records *records)
{
	for (size_t i = 0; i < record->requires.n; i++) {
		struct cenv_err err = CENV_ERR_INIT;
		struct cenv_requirement req;
		char *problem;

		if (cenv_requirement_parse(&req, record->requires.v[i], NULL, NULL, &err) < 0) {
			problem = cenv_strf("its record is damaged: %s", err.msg);
			cenv_err_release(&err);
		} else {
			problem = unsatisfied(&req, records);
			cenv_requirement_release(&req);
		}
		if (problem)
			complain(out, record, problem);
		free(problem);
	}
}

int cenv_env_check(struct cenv_check_result *out, const struct cenv_env *env,
		   const struct cenv_records *records, struct cenv_err *err)
{
	*out = (struct cenv_check_result){.packages = records->n};
	for (size_t i = 0; i < records->n; i++) {
		struct cenv_err damage = CENV_ERR_INIT;

		check_requirements(out, &records->v[i], records);
		if (check_files(out, env, &records->v[i], &damage) == 0)
			continue;
		if (damage.code != CENV_E_INTEGRITY) {
			cenv_err_move(err, &damage);
			cenv_check_result_release(out);
			return -1;
		}
		complain(out, &records->v[i], damage.msg); /* its list of files */
		cenv_err_release(&damage);
	}
	return 0;
}

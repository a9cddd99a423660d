/* SPDX-License-Identifier: MIT */
#include "store/fetch/fetch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/mem.h"
#include "store/fetch/job.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"

/* How often signals and pauses are looked at. */
#define TICK_MS 100
/* Transfers at once. A text takes one round trip and next to no bytes: more of them help. */
#define PARALLEL_FILES 8
#define PARALLEL_TEXTS 32

char *cenv_source_path(const char *sha256)
{
	return cenv_strf("sources/%s", sha256);
}

int cenv_source_blame(const struct cenv_store *store, const char *sha256, struct cenv_err *err)
{
	struct cenv_err ignored = CENV_ERR_INIT;
	char *path = cenv_source_path(sha256), actual[CENV_SHA256_HEX];

	if (err->code != CENV_E_INTERRUPT &&
	    cenv_sha256_file(store->fd, path, actual, &ignored) == 0 && strcmp(actual, sha256) != 0) {
		cenv_err_wrap(err, "the source '%s' in the store is damaged", sha256);
		err->code = CENV_E_INTEGRITY;
		cenv_err_hint(err, "run 'cenv cache verify', then the command again");
	}
	cenv_err_release(&ignored);
	free(path);
	return -1;
}

/* ---- all jobs, in turn ---- */

/* @return -1 when all the others have to stop, too */
static int failed(struct cenv_job *job, struct cenv_err *err)
{
	if (!job->own_err)
		return -1;
	cenv_err_move(job->own_err, err);
	job->state = CENV_JOB_DONE;
	return 0;
}

static size_t most_at_once(const struct cenv_job *job)
{
	unsigned wanted = job->run->options->parallel;

	return wanted ? wanted : job->text ? PARALLEL_TEXTS : PARALLEL_FILES;
}

static int step_all(struct cenv_job *jobs, size_t n, size_t *running, size_t *waiting,
		    struct cenv_err *err)
{
	size_t parallel = n ? most_at_once(&jobs[0]) : 0;

	*running = *waiting = 0;
	for (size_t i = 0; i < n; i++)
		*running += jobs[i].state == CENV_JOB_RUNNING;
	for (size_t i = 0; i < n; i++) {
		if (jobs[i].state != CENV_JOB_READY)
			continue;
		if (*running < parallel && cenv_job_step(&jobs[i], err) < 0 &&
		    failed(&jobs[i], err) < 0)
			return -1;
		*running += jobs[i].state == CENV_JOB_RUNNING;
		*waiting += jobs[i].state == CENV_JOB_READY;
	}
	return 0;
}

static int wait_for_any(struct cenv_fetch_run *run, size_t running, struct cenv_err *err)
{
	struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};
	struct cenv_net_result result;
	int timeout_ms = TICK_MS, ret;

	if (!running) {
		nanosleep(&tick, NULL);
		return 0;
	}
	/* all that have ended by now, then back to starting others */
	while ((ret = run->module->wait(run->net, timeout_ms, &result, err)) > 0) {
		if (cenv_job_result(result.payload, &result, err) < 0 &&
		    failed(result.payload, err) < 0)
			return -1;
		timeout_ms = 0;
	}
	return ret;
}

static int run_jobs(struct cenv_fetch_run *run, struct cenv_job *jobs, size_t n,
		    struct cenv_err *err)
{
	size_t running, waiting;

	for (;;) {
		if (cenv_interrupt_check(err) < 0 || step_all(jobs, n, &running, &waiting, err) < 0)
			return -1;
		if (!running && !waiting)
			return 0;
		if (wait_for_any(run, running, err) < 0)
			return -1;
	}
}

static void release_run(struct cenv_fetch_run *run, struct cenv_job *jobs, size_t n)
{
	if (run->net)
		run->module->free(run->net); /* first: transfers point at jobs */
	for (size_t i = 0; i < n; i++)
		cenv_job_release(&jobs[i]);
	cenv_strv_release(&run->dead_mirrors);
	free(jobs);
}

/* ---- files ---- */

static bool is_in_store(const struct cenv_store *store, struct cenv_fetch_item *item)
{
	for (size_t i = 0; item->sha256 && i < item->sha256->n; i++) {
		char *name = cenv_source_path(item->sha256->v[i]);
		/* its time is that of its last use: what is old can be told from what is not */
		bool found = utimensat(store->fd, name, NULL, AT_SYMLINK_NOFOLLOW) == 0 ||
			     cenv_fs_exists(store->fd, name);

		free(name);
		if (found) {
			memcpy(item->got_sha256, item->sha256->v[i], CENV_SHA256_HEX);
			return true;
		}
	}
	return false;
}

static int check_hashes(const struct cenv_fetch_item *item, struct cenv_err *err)
{
	for (size_t i = 0; item->sha256 && i < item->sha256->n; i++) {
		const char *hex = item->sha256->v[i];

		/* it becomes a file name */
		if (strlen(hex) != 64 || strspn(hex, "0123456789abcdef") != 64)
			return cenv_err_set(err, CENV_E_SYNTAX,
					    "'%s' is not a sha256 in lower-case hex", hex);
	}
	return 0;
}

int cenv_fetch(const struct cenv_store *store, struct cenv_fetch_item *items, size_t n,
	       const struct cenv_fetch_options *options, struct cenv_err *err)
{
	static const struct cenv_fetch_options defaults;
	struct cenv_fetch_run run = {.store = store, .options = options ? options : &defaults};
	struct cenv_job *jobs = cenv_xcalloc(n + 1, sizeof(*jobs));
	size_t njobs = 0;
	int ret = 0;

	for (size_t i = 0; i < n && ret == 0; i++) {
		items[i].got_from = NULL;
		items[i].got_sha256[0] = '\0';
		ret = check_hashes(&items[i], err);
		if (ret < 0 || is_in_store(store, &items[i]))
			continue;
		cenv_job_init(&jobs[njobs], &run, &items[i]);
		cenv_candidates_list(&jobs[njobs++].list, &items[i], run.options->mirrors);
	}
	if (ret == 0)
		ret = run_jobs(&run, jobs, njobs, err);
	release_run(&run, jobs, njobs);
	return ret;
}

/* ---- texts ---- */

void cenv_fetch_session_close(struct cenv_fetch_session *session)
{
	if (session->net)
		session->module->free(session->net);
	*session = (struct cenv_fetch_session){0};
}

int cenv_fetch_texts(struct cenv_fetch_session *session, struct cenv_fetch_text_item *items,
		     size_t n, size_t max, const struct cenv_fetch_options *options,
		     struct cenv_err *err)
{
	struct cenv_fetch_run run = {
		.options = options, .module = session->module, .net = session->net};
	struct cenv_strv *urls = cenv_xcalloc(n, sizeof(*urls));
	struct cenv_fetch_item *sources = cenv_xcalloc(n, sizeof(*sources));
	struct cenv_job *jobs = cenv_xcalloc(n + 1, sizeof(*jobs));
	int ret;

	for (size_t i = 0; i < n; i++) {
		cenv_strv_add(&urls[i], items[i].url);
		sources[i].urls = &urls[i];
		cenv_job_init(&jobs[i], &run, &sources[i]);
		jobs[i].text = &items[i].text;
		jobs[i].own_err = &items[i].err;
		jobs[i].max = max;
		cenv_candidates_list(&jobs[i].list, &sources[i], NULL);
	}
	ret = run_jobs(&run, jobs, n, err);
	*session = (struct cenv_fetch_session){run.module, run.net};
	if (ret < 0) /* what is still under way ends here */
		cenv_fetch_session_close(session);
	run.net = NULL;
	release_run(&run, jobs, n);
	for (size_t i = 0; i < n; i++) {
		if (ret < 0 || items[i].err.code != CENV_OK)
			cenv_buf_reset(&items[i].text);
		cenv_strv_release(&urls[i]);
	}
	free(urls);
	free(sources);
	return ret;
}

void cenv_fetch_text_items_free(struct cenv_fetch_text_item *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(items[i].url);
		cenv_buf_release(&items[i].text);
		cenv_err_release(&items[i].err);
	}
	free(items);
}

int cenv_fetch_text(const char *url, size_t max, const struct cenv_fetch_options *options,
		    struct cenv_buf *out, struct cenv_err *err)
{
	static const struct cenv_fetch_options defaults;
	struct cenv_fetch_text_item item = {.url = (char *)url, .text = *out};
	struct cenv_fetch_session session = {0};
	int ret;

	cenv_buf_reset(&item.text);
	ret = cenv_fetch_texts(&session, &item, 1, max, options ? options : &defaults, err);
	cenv_fetch_session_close(&session);
	*out = item.text;
	if (ret < 0 || item.err.code == CENV_OK)
		return ret;
	cenv_err_move(err, &item.err);
	return -1;
}

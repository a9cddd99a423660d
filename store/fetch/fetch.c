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

char *cenv_source_path(const char *sha256)
{
	return cenv_strf("sources/%s", sha256);
}

/* ---- all jobs, in turn ---- */

static int step_all(struct cenv_job *jobs, size_t n, size_t *running, size_t *waiting,
		    struct cenv_err *err)
{
	const struct cenv_fetch_options *options = n ? jobs[0].run->options : NULL;
	size_t parallel = options && options->parallel ? options->parallel : 8;

	*running = *waiting = 0;
	for (size_t i = 0; i < n; i++)
		*running += jobs[i].state == CENV_JOB_RUNNING;
	for (size_t i = 0; i < n; i++) {
		if (jobs[i].state != CENV_JOB_READY)
			continue;
		if (*running < parallel && cenv_job_step(&jobs[i], err) < 0)
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
		if (cenv_job_result(result.payload, &result, err) < 0)
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

int cenv_fetch_text(const char *url, size_t max, const struct cenv_fetch_options *options,
		    struct cenv_buf *out, struct cenv_err *err)
{
	static const struct cenv_fetch_options defaults;
	struct cenv_fetch_run run = {.options = options ? options : &defaults};
	struct cenv_strv urls = {0};
	struct cenv_fetch_item item = {.urls = &urls};
	struct cenv_job *job = cenv_xcalloc(1, sizeof(*job));
	int ret;

	cenv_buf_reset(out);
	cenv_strv_add(&urls, url);
	cenv_job_init(job, &run, &item);
	job->text = out;
	job->max = max;
	cenv_candidates_list(&job->list, &item, NULL);
	ret = run_jobs(&run, job, 1, err);
	if (ret < 0)
		cenv_buf_reset(out);
	release_run(&run, job, 1);
	cenv_strv_release(&urls);
	return ret;
}

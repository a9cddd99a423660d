/* SPDX-License-Identifier: MIT */
#include "store/fetch/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/secret.h"
#include "store/fetch/url.h"
#include "store/fs/fs.h"

#define MAX_REDIRECTS 10
#define MAX_PAUSE_S 60 /* a server that asks for more patience is given up */

double cenv_fetch_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void cenv_job_init(struct cenv_job *job, struct cenv_fetch_run *run, struct cenv_fetch_item *item)
{
	unsigned long long max = run->options->max_bytes;

	*job = (struct cenv_job){.run = run,
				 .item = item,
				 .all_not_found = true,
				 .mismatches = CENV_BUF_INIT,
				 .sink = {.fd = -1}};
	job->max = max ? max : 4ULL << 30;
}

void cenv_job_release(struct cenv_job *job)
{
	cenv_candidates_release(&job->list);
	free(job->url);
	if (job->has_sink)
		cenv_sink_close(&job->sink);
	cenv_strv_release(&job->failures);
	cenv_buf_release(&job->mismatches);
	cenv_err_release(&job->stop);
}

const struct cenv_candidate *cenv_job_candidate(const struct cenv_job *job)
{
	return &job->list.v[job->at];
}

bool cenv_job_is_pinned(const struct cenv_job *job)
{
	return cenv_job_has_sha256(job) || (job->item->tree_hashes && job->item->tree_hashes->n);
}

bool cenv_job_has_sha256(const struct cenv_job *job)
{
	return job->item->sha256 && job->item->sha256->n;
}

/* ---- from one candidate to the next ---- */

int cenv_job_next(struct cenv_job *job, struct cenv_err *err)
{
	job->at++;
	job->tries = job->redirects = 0;
	job->restarted = false;
	free(job->url);
	job->url = NULL;
	job->state = CENV_JOB_READY;
	job->not_before = 0;
	/* what an unpinned file has so far may belong to another version of it */
	if (job->has_sink && job->sink.size && !cenv_job_has_sha256(job))
		return cenv_sink_restart(&job->sink, err);
	return 0;
}

/* A mirror that is down must not cost its time for every file and every guess. */
static void bury_mirror(struct cenv_job *job, const char *why)
{
	const char *mirror = cenv_job_candidate(job)->mirror;
	char *label, *text;

	if (cenv_strv_has(&job->run->dead_mirrors, mirror))
		return;
	cenv_strv_add(&job->run->dead_mirrors, mirror);
	label = cenv_url_redact(mirror);
	text = cenv_strf("mirror '%s' is left out: %s", label, why);
	cenv_job_emit(job, CENV_EV_WARNING, text);
	free(label);
	free(text);
}

static int fail(struct cenv_job *job, enum cenv_net_outcome outcome, const char *why,
		struct cenv_err *err)
{
	cenv_job_note_failure(job, outcome, why);
	if (cenv_job_candidate(job)->mirror &&
	    (outcome == CENV_NET_UNREACHABLE || outcome == CENV_NET_TRANSIENT))
		bury_mirror(job, why);
	return cenv_job_next(job, err);
}

/* ---- local files ---- */

static int open_sink(struct cenv_job *job, const char *sha256, struct cenv_err *err)
{
	if (job->has_sink)
		return 0;
	job->has_sink = true;
	if (job->text) {
		cenv_sink_open_text(&job->sink, job->text, job->max);
		return 0;
	}
	if (cenv_sink_open(&job->sink, job->run->store, sha256, job->max, err) < 0)
		return -1;
	job->mixed = job->sink.size > 0;
	return 0;
}

/* A copy, not a link: the file's owner may change it in place, and sources are trusted by name. */
static int copy_in(struct cenv_job *job, int fd, struct cenv_err *err)
{
	char chunk[65536];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cenv_err_set(err, CENV_E_NETWORK, "cannot read it: %s",
					    strerror(errno));
		if (cenv_sink_write(&job->sink, chunk, (size_t)n, err) < 0)
			return -1;
	}
	return 0;
}

static int take_local(struct cenv_job *job, struct cenv_err *err)
{
	const struct cenv_candidate *c = cenv_job_candidate(job);
	struct cenv_err why = CENV_ERR_INIT;
	int fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), ret;

	if (fd < 0)
		return fail(job, errno == ENOENT ? CENV_NET_NOT_FOUND : CENV_NET_REFUSED,
			    strerror(errno), err);
	if (job->has_sink) { /* a partial download stays for the next time */
		cenv_sink_close(&job->sink);
		job->has_sink = false;
	}
	cenv_job_announce(job);
	ret = open_sink(job, NULL, err);
	if (ret == 0 && copy_in(job, fd, &why) < 0) {
		/* a full disk is ours; a folder, or a file that is too large, is the candidate's */
		if (why.code == CENV_E_IO) {
			cenv_err_move(err, &why);
			ret = -1;
		} else {
			ret = fail(job, CENV_NET_REFUSED, why.msg, err);
		}
	} else if (ret == 0 && job->text) {
		job->state = CENV_JOB_DONE;
	} else if (ret == 0) {
		ret = cenv_job_verify(job, err);
	}
	close(fd);
	cenv_err_release(&why);
	return ret;
}

/* ---- remote ones ---- */

static const char *why_not_allowed(const struct cenv_job *job, const char *from, const char *to)
{
	if (!cenv_url_is_remote(to))
		return from ? "it redirects to something that is neither http nor https"
			    : "its scheme is none of https, http and file";
	if (cenv_url_has_scheme(to, "https"))
		return NULL;
	if (from && cenv_url_has_scheme(from, "https"))
		return "it redirects from https to http, which is refused";
	if (cenv_job_is_pinned(job) || job->run->options->insecure_http || cenv_url_is_loopback(to))
		return NULL;
	return "plain http is refused for what has no hash";
}

static bool on_begin(void *payload, bool resumed, unsigned long long total)
{
	struct cenv_job *job = payload;

	job->total = total;
	if (total > job->max)
		cenv_err_set(&job->stop, CENV_E_NETWORK, "it is larger than %llu bytes", job->max);
	else if (!resumed && job->sink.size)
		cenv_sink_restart(&job->sink, &job->stop);
	job->mixed = resumed;
	return job->stop.code == CENV_OK;
}

static bool on_data(void *payload, const void *data, size_t len)
{
	struct cenv_job *job = payload;

	if (cenv_sink_write(&job->sink, data, len, &job->stop) < 0)
		return false;
	cenv_job_tell_progress(job);
	return true;
}

static const char *set_and_not_empty(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static int need_net(struct cenv_fetch_run *run, struct cenv_err *err)
{
	const char *netrc = set_and_not_empty("CENV_NETRC");
	struct cenv_net_settings settings = {
		.user_agent = "cenv/" CENV_VERSION,
		.ca_file = set_and_not_empty("CURL_CA_BUNDLE"),
		.ca_dir = set_and_not_empty("SSL_CERT_DIR"),
		.netrc = netrc && !strcmp(netrc, "1"),
	};

	if (run->net)
		return 0;
	if (!settings.ca_file)
		settings.ca_file = set_and_not_empty("SSL_CERT_FILE");
	run->module = cenv_module_load("net", err);
	if (run->module)
		run->net = run->module->new (&settings, err);
	return run->net ? 0 : -1;
}

static int start_exchange(struct cenv_job *job, struct cenv_err *err)
{
	const struct cenv_fetch_options *options = job->run->options;
	struct cenv_net_request request = {
		.stall_s = options->stall_s ? options->stall_s : 30,
		.begin = on_begin,
		.data = on_data,
		.payload = job,
	};

	if (open_sink(job, !cenv_job_has_sha256(job) ? NULL : job->item->sha256->v[0], err) < 0 ||
	    need_net(job->run, err) < 0)
		return -1;
	cenv_job_announce(job);
	request.url = job->url;
	request.offset = job->sink.size;
	if (job->run->module->add(job->run->net, &request, err) < 0)
		return -1;
	job->state = CENV_JOB_RUNNING;
	return 0;
}

static int ask_remote(struct cenv_job *job, struct cenv_err *err)
{
	const struct cenv_candidate *c = cenv_job_candidate(job);
	const char *why;

	if (job->run->options->offline) {
		job->was_offline = true;
		return fail(job, CENV_NET_REFUSED, "not asked", err);
	}
	why = why_not_allowed(job, NULL, c->url);
	if (why) {
		job->was_plain_http |= cenv_url_has_scheme(c->url, "http");
		return fail(job, CENV_NET_REFUSED, why, err);
	}
	if (!job->url)
		job->url = cenv_xstrdup(c->url);
	return start_exchange(job, err);
}

int cenv_job_step(struct cenv_job *job, struct cenv_err *err)
{
	while (job->state == CENV_JOB_READY && job->not_before <= cenv_fetch_now()) {
		int ret;

		if (job->at == job->list.n)
			return cenv_job_exhausted(job, err);
		if (cenv_job_candidate(job)->mirror &&
		    cenv_strv_has(&job->run->dead_mirrors, cenv_job_candidate(job)->mirror))
			ret = cenv_job_next(job, err);
		else
			ret = cenv_job_candidate(job)->path ? take_local(job, err)
							    : ask_remote(job, err);
		if (ret < 0)
			return -1;
	}
	return 0;
}

/* ---- what came of an exchange ---- */

static int redirect(struct cenv_job *job, const char *to, struct cenv_err *err)
{
	const char *why = why_not_allowed(job, job->url, to);

	if (!why && ++job->redirects > MAX_REDIRECTS)
		why = "it redirects without end";
	if (why)
		return fail(job, CENV_NET_REFUSED, why, err);
	free(job->url);
	job->url = cenv_xstrdup(to);
	job->state = CENV_JOB_READY;
	return 0;
}

/* Doubled each time, and up to half as much again, so that many clients do not come back at once.
 */
static double pause_s(const struct cenv_job *job, unsigned retry_after_s)
{
	unsigned first_ms = job->run->options->retry_ms ? job->run->options->retry_ms : 500;
	double s = (double)first_ms / 1000 * (double)(1u << (job->tries < 6 ? job->tries : 6));
	unsigned char random = 0;

	if (getrandom(&random, 1, GRND_NONBLOCK) != 1)
		random = 128;
	s *= 1 + (double)random / 512;
	if (s > MAX_PAUSE_S)
		s = MAX_PAUSE_S;
	return s > retry_after_s ? s : retry_after_s;
}

/* "2 hours": people count on from the largest unit that says enough. */
static char *wait_text(unsigned s)
{
	static const struct {
		const char *name;
		unsigned s;
	} units[] = {{"days", 86400}, {"hours", 3600}, {"minutes", 60}};

	if (s > 366 * units[0].s)
		return cenv_xstrdup("more than a year");
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (s >= 2 * units[i].s)
			return cenv_strf("%u %s", (s + units[i].s - 1) / units[i].s, units[i].name);
	return cenv_strf("%u seconds", s);
}

static int retry(struct cenv_job *job, const struct cenv_net_result *result, struct cenv_err *err)
{
	unsigned retries = job->run->options->retries ? job->run->options->retries : 3;
	double pause = pause_s(job, result->retry_after_s);
	char *text, *wait;
	int ret = 0;

	if (job->tries >= retries)
		return fail(job, CENV_NET_TRANSIENT, result->text, err);
	if (result->retry_after_s > MAX_PAUSE_S) {
		wait = wait_text(result->retry_after_s);
		text = cenv_strf("%s and asks to wait %s", result->text, wait);
		ret = fail(job, CENV_NET_TRANSIENT, text, err);
		free(text);
		free(wait);
		return ret;
	}
	job->tries++;
	text = cenv_strf("'%s': %s; trying again in %.1f s", cenv_job_candidate(job)->label,
			 result->text, pause);
	cenv_job_emit(job, CENV_EV_FETCH_RETRY, text);
	free(text);
	free(job->url); /* where it was redirected to may have expired */
	job->url = NULL;
	job->redirects = 0;
	job->not_before = cenv_fetch_now() + pause;
	job->state = CENV_JOB_READY;
	/* without a hash nothing proves that the rest belongs to the beginning */
	return !cenv_job_has_sha256(job) ? cenv_sink_restart(&job->sink, err) : 0;
}

static int stopped(struct cenv_job *job, struct cenv_err *err)
{
	int ret;

	if (job->stop.code != CENV_E_NETWORK) {
		cenv_err_move(err, &job->stop);
		return -1;
	}
	ret = cenv_sink_restart(&job->sink, err);
	if (ret == 0)
		ret = fail(job, CENV_NET_REFUSED, job->stop.msg, err);
	cenv_err_release(&job->stop);
	return ret;
}

int cenv_job_result(struct cenv_job *job, const struct cenv_net_result *result,
		    struct cenv_err *err)
{
	if (job->stop.code != CENV_OK)
		return stopped(job, err);
	job->wants_login |= result->wants_login;
	job->is_unvouched |= result->is_unvouched;
	switch (result->outcome) {
	case CENV_NET_DONE:
		if (!job->text)
			return cenv_job_verify(job, err);
		job->state = CENV_JOB_DONE;
		return 0;
	case CENV_NET_REDIRECT:
		return redirect(job, result->location, err);
	case CENV_NET_TRANSIENT:
		return retry(job, result, err);
	case CENV_NET_BAD_RANGE:
		if (job->sink.size) {
			job->state = CENV_JOB_READY;
			return cenv_sink_restart(&job->sink, err);
		}
		break;
	case CENV_NET_NOT_FOUND:
	case CENV_NET_REFUSED:
	case CENV_NET_UNREACHABLE:
		break;
	}
	return fail(job, result->outcome, result->text, err);
}

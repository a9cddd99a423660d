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
#include "store/fetch/url.h"
#include "store/fs/fs.h"
#include "store/unpack/sniff.h"
#include "store/unpack/unpack.h"

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

	*job = (struct cenv_job){.run = run, .item = item, .all_not_found = true,
				 .mismatches = CENV_BUF_INIT, .sink = {.fd = -1}};
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

static const struct cenv_candidate *candidate(const struct cenv_job *job)
{
	return &job->list.v[job->at];
}

static bool is_empty(const struct cenv_strv *sv)
{
	return !sv || !sv->n;
}

static bool is_pinned(const struct cenv_job *job)
{
	return !is_empty(job->item->sha256) || !is_empty(job->item->tree_hashes);
}

/* ---- telling ---- */

static void emit(struct cenv_job *job, enum cenv_event_kind kind, const char *text)
{
	struct cenv_event event = {
		.kind = kind,
		.name = job->item->name,
		.version = job->item->version,
		.text = text,
		.done = job->sink.size,
		.total = job->total,
		.seconds = job->announced ? cenv_fetch_now() - job->started : 0,
	};

	if (!job->text || kind == CENV_EV_WARNING)
		cenv_emit(job->run->options->events, &event);
}

static void announce(struct cenv_job *job)
{
	if (job->announced)
		return;
	emit(job, CENV_EV_FETCH_START, candidate(job)->label);
	job->announced = true;
	job->started = cenv_fetch_now();
}

static void tell_progress(struct cenv_job *job)
{
	double now = cenv_fetch_now();

	if (now - job->last_progress < 0.1)
		return;
	job->last_progress = now;
	emit(job, CENV_EV_FETCH_PROGRESS, NULL);
}

/* "'zlib' 1.3.1", or the URL of what has no name. Caller frees. */
static char *subject(const struct cenv_job *job)
{
	if (!job->item->name)
		return cenv_strf("'%s'", job->list.n ? job->list.v[job->list.n - 1].label : "");
	if (!job->item->version)
		return cenv_strf("'%s'", job->item->name);
	return cenv_strf("'%s' %s", job->item->name, job->item->version);
}

/* ---- giving up on a candidate, or on all ---- */

static int next_candidate(struct cenv_job *job, struct cenv_err *err)
{
	job->at++;
	job->tries = job->redirects = 0;
	job->restarted = false;
	free(job->url);
	job->url = NULL;
	job->state = CENV_JOB_READY;
	job->not_before = 0;
	/* what an unpinned file has so far may belong to another version of it */
	if (job->has_sink && job->sink.size && is_empty(job->item->sha256))
		return cenv_sink_restart(&job->sink, err);
	return 0;
}

static void note_failure(struct cenv_job *job, enum cenv_net_outcome outcome, const char *why)
{
	const struct cenv_candidate *c = candidate(job);
	char *now = job->url ? cenv_url_redact(job->url) : NULL;

	if (c->mirror && outcome == CENV_NET_NOT_FOUND)
		goto out;
	if (outcome != CENV_NET_NOT_FOUND)
		job->all_not_found = false;
	if (now && strcmp(now, c->label))
		cenv_strv_addf(&job->failures, "'%s': redirected to '%s': %s", c->label, now, why);
	else
		cenv_strv_addf(&job->failures, "'%s': %s", c->label, why);
out:
	free(now);
}

/* A mirror that is down must not cost its time for every file and every guess. */
static void bury_mirror(struct cenv_job *job, const char *why)
{
	const char *mirror = candidate(job)->mirror;
	char *label, *text;

	if (cenv_strv_has(&job->run->dead_mirrors, mirror))
		return;
	cenv_strv_add(&job->run->dead_mirrors, mirror);
	label = cenv_url_redact(mirror);
	text = cenv_strf("mirror '%s' is left out: %s", label, why);
	emit(job, CENV_EV_WARNING, text);
	free(label);
	free(text);
}

static int fail_candidate(struct cenv_job *job, enum cenv_net_outcome outcome, const char *why,
			  struct cenv_err *err)
{
	note_failure(job, outcome, why);
	if (candidate(job)->mirror &&
	    (outcome == CENV_NET_UNREACHABLE || outcome == CENV_NET_TRANSIENT))
		bury_mirror(job, why);
	return next_candidate(job, err);
}

static int wrong_contents(const struct cenv_job *job, const char *what, struct cenv_err *err)
{
	cenv_err_set(err, CENV_E_INTEGRITY, "cannot fetch %s: %s", what,
		     job->is_html ? "what came is an HTML page, not the archive"
				  : "what came does not have the expected hash");
	cenv_err_detail(err, "%s", job->mismatches.buf);
	for (size_t i = 0; i < job->failures.n; i++)
		cenv_err_detail(err, "%s", job->failures.v[i]);
	if (job->is_html)
		cenv_err_hint(err, "the URL may need a login, or lead to a page about the download");
	else
		cenv_err_hint(err, "do not use the file unless its maker says why it changed");
	return -1;
}

static int is_offline(const struct cenv_job *job, const char *what, struct cenv_err *err)
{
	cenv_err_set(err, CENV_E_NETWORK, "cannot fetch %s: it is not in the store, and downloads "
					  "are switched off",
		     what);
	for (size_t i = 0; job->item->sha256 && i < job->item->sha256->n; i++)
		cenv_err_detail(err, "sha256:%s", job->item->sha256->v[i]);
	for (size_t i = 0; i < job->failures.n; i++)
		cenv_err_detail(err, "%s", job->failures.v[i]);
	cenv_err_hint(err, "run it once without --offline, or name a folder that has the file "
			   "with --mirror");
	return -1;
}

static int exhausted(const struct cenv_job *job, struct cenv_err *err)
{
	enum cenv_code code = job->text && job->all_not_found ? CENV_E_NOTFOUND : CENV_E_NETWORK;
	char *what = subject(job);

	if (job->mismatches.len)
		wrong_contents(job, what, err);
	else if (job->was_offline)
		is_offline(job, what, err);
	else if (!job->failures.n)
		cenv_err_set(err, code, "cannot fetch %s: %s", what,
			     job->list.n ? "no mirror has it" : "no URL of it is known");
	else if (job->failures.n == 1)
		cenv_err_set(err, code, "cannot fetch %s%s%s", job->item->name ? what : "",
			     job->item->name ? " from " : "", job->failures.v[0]);
	else
		cenv_err_set(err, code, "cannot fetch %s: none of %zu places gave it", what,
			     job->failures.n);
	if (job->failures.n > 1 && !job->mismatches.len && !job->was_offline)
		for (size_t i = 0; i < job->failures.n; i++)
			cenv_err_detail(err, "%s", job->failures.v[i]);
	if (job->was_plain_http && !job->mismatches.len)
		cenv_err_hint(err, "use an https URL, or pin the contents with --hash=sha256:<hex>");
	free(what);
	return -1;
}

/* ---- are these the right bytes? ---- */

static int accept(struct cenv_job *job, const char *sha256, struct cenv_err *err)
{
	char *name = cenv_source_path(sha256);
	int ret = cenv_sink_keep(&job->sink, name, err);

	free(name);
	if (ret < 0)
		return -1;
	if (!job->sink.is_partial && !is_empty(job->item->sha256))
		cenv_sink_drop_partial(job->run->store, job->item->sha256->v[0]);
	memcpy(job->item->got_sha256, sha256, CENV_SHA256_HEX);
	job->item->got_from = cenv_xstrdup(candidate(job)->label);
	emit(job, CENV_EV_FETCH_DONE, candidate(job)->label);
	job->state = CENV_JOB_DONE;
	return 0;
}

/* @return 1 when the unpacked tree is one of the wanted, 0 when not, -1 when interrupted. */
static int tree_matches(struct cenv_job *job, struct cenv_err *err)
{
	struct cenv_err why = CENV_ERR_INIT;
	char hash[CENV_SHA256_HEX];
	int ret = 0;

	if (is_empty(job->item->tree_hashes))
		return 0;
	if (cenv_tree_hash_file(job->run->store->fd, job->sink.name, candidate(job)->label, hash,
				&why) == 0)
		ret = cenv_strv_has(job->item->tree_hashes, hash);
	else if (why.code == CENV_E_INTERRUPT)
		ret = -1;
	if (ret < 0)
		cenv_err_move(err, &why);
	cenv_err_release(&why);
	return ret;
}

static void tell_tree_match(struct cenv_job *job)
{
	char *what, *text;

	if (is_empty(job->item->sha256))
		return;
	what = subject(job);
	text = cenv_strf("the archive of %s has changed, but its unpacked tree is the pinned one",
			 what);
	emit(job, CENV_EV_NOTE, text);
	free(what);
	free(text);
}

static void add_hashes(struct cenv_buf *out, const char *kind, const struct cenv_strv *hashes)
{
	for (size_t i = 0; hashes && i < hashes->n; i++)
		cenv_buf_addf(out, "expected: %s:%s\n", kind, hashes->v[i]);
}

/* Note it, put what was downloaded aside, and go on with the next candidate. */
static int reject(struct cenv_job *job, const char *sha256, struct cenv_err *err)
{
	const struct cenv_candidate *c = candidate(job);
	struct cenv_buf *out = &job->mismatches;
	bool is_html = cenv_sniff_html_fd(job->sink.fd);
	char *aside = NULL, *text;
	int ret = 0;

	job->is_html |= is_html;
	add_hashes(out, "sha256", job->item->sha256);
	add_hashes(out, "tree", job->item->tree_hashes);
	cenv_buf_addf(out, "actual:   sha256:%s%s\n", sha256, is_html ? " (an HTML page)" : "");
	cenv_buf_addf(out, "%s %s\n", c->url ? "URL:     " : "file:    ", c->label);
	if (c->url) {
		aside = cenv_strf("tmp/mismatch-%s", sha256);
		cenv_buf_addf(out, "kept as:  %s/%s\n", job->run->store->path, aside);
		ret = cenv_sink_keep(&job->sink, aside, err);
	}
	job->sink.size = 0; /* nothing to go on from */
	cenv_sink_close(&job->sink);
	job->has_sink = false;
	if (job->at + 1 < job->list.n) {
		text = cenv_strf("'%s' does not have the expected hash, trying another place",
				 c->label);
		emit(job, CENV_EV_WARNING, text);
		free(text);
	}
	free(aside);
	return ret < 0 ? -1 : next_candidate(job, err);
}

static int verify(struct cenv_job *job, struct cenv_err *err)
{
	char sha256[CENV_SHA256_HEX];
	int tree;

	cenv_sink_hash(&job->sink, sha256);
	if (!is_empty(job->item->sha256) && cenv_strv_has(job->item->sha256, sha256))
		return accept(job, sha256, err);
	if (!is_pinned(job) && !cenv_sniff_html_fd(job->sink.fd))
		return accept(job, sha256, err);
	tree = tree_matches(job, err);
	if (tree < 0)
		return -1;
	if (tree) {
		tell_tree_match(job);
		return accept(job, sha256, err);
	}
	if (job->mixed && !job->restarted) {
		/* what an earlier transfer left may be to blame: once more, the whole */
		job->restarted = true;
		job->mixed = false;
		job->state = CENV_JOB_READY;
		return cenv_sink_restart(&job->sink, err);
	}
	return reject(job, sha256, err);
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
	const struct cenv_candidate *c = candidate(job);
	struct cenv_err why = CENV_ERR_INIT;
	int fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), ret;

	if (fd < 0)
		return fail_candidate(job, errno == ENOENT ? CENV_NET_NOT_FOUND : CENV_NET_REFUSED,
				      strerror(errno), err);
	if (job->has_sink) { /* a partial download stays for the next time */
		cenv_sink_close(&job->sink);
		job->has_sink = false;
	}
	announce(job);
	ret = open_sink(job, NULL, err);
	if (ret == 0 && copy_in(job, fd, &why) < 0) {
		/* a full disk is ours; a folder, or a file that is too large, is the candidate's */
		if (why.code == CENV_E_IO) {
			cenv_err_move(err, &why);
			ret = -1;
		} else {
			ret = fail_candidate(job, CENV_NET_REFUSED, why.msg, err);
		}
	} else if (ret == 0 && job->text) {
		job->state = CENV_JOB_DONE;
	} else if (ret == 0) {
		ret = verify(job, err);
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
	if (is_pinned(job) || job->run->options->insecure_http || cenv_url_is_loopback(to))
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
	tell_progress(job);
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
		run->net = run->module->new(&settings, err);
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

	if (open_sink(job, is_empty(job->item->sha256) ? NULL : job->item->sha256->v[0], err) < 0 ||
	    need_net(job->run, err) < 0)
		return -1;
	announce(job);
	request.url = job->url;
	request.offset = job->sink.size;
	if (job->run->module->add(job->run->net, &request, err) < 0)
		return -1;
	job->state = CENV_JOB_RUNNING;
	return 0;
}

static int ask_remote(struct cenv_job *job, struct cenv_err *err)
{
	const struct cenv_candidate *c = candidate(job);
	const char *why;

	if (job->run->options->offline) {
		job->was_offline = true;
		return fail_candidate(job, CENV_NET_REFUSED, "not asked", err);
	}
	why = why_not_allowed(job, NULL, c->url);
	if (why) {
		job->was_plain_http |= cenv_url_has_scheme(c->url, "http");
		return fail_candidate(job, CENV_NET_REFUSED, why, err);
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
			return exhausted(job, err);
		if (candidate(job)->mirror &&
		    cenv_strv_has(&job->run->dead_mirrors, candidate(job)->mirror))
			ret = next_candidate(job, err);
		else
			ret = candidate(job)->path ? take_local(job, err) : ask_remote(job, err);
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
		return fail_candidate(job, CENV_NET_REFUSED, why, err);
	free(job->url);
	job->url = cenv_xstrdup(to);
	job->state = CENV_JOB_READY;
	return 0;
}

/* Doubled each time, and up to half as much again, so that many clients do not come back at once. */
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

static int retry(struct cenv_job *job, const struct cenv_net_result *result, struct cenv_err *err)
{
	unsigned retries = job->run->options->retries ? job->run->options->retries : 3;
	double pause = pause_s(job, result->retry_after_s);
	char *text;
	int ret = 0;

	if (job->tries >= retries)
		return fail_candidate(job, CENV_NET_TRANSIENT, result->text, err);
	if (result->retry_after_s > MAX_PAUSE_S) {
		text = cenv_strf("%s and asks to wait %u seconds", result->text,
				 result->retry_after_s);
		ret = fail_candidate(job, CENV_NET_TRANSIENT, text, err);
		free(text);
		return ret;
	}
	job->tries++;
	text = cenv_strf("'%s': %s; trying again in %.1f s", candidate(job)->label, result->text,
			 pause);
	emit(job, CENV_EV_FETCH_RETRY, text);
	free(text);
	free(job->url); /* where it was redirected to may have expired */
	job->url = NULL;
	job->redirects = 0;
	job->not_before = cenv_fetch_now() + pause;
	job->state = CENV_JOB_READY;
	/* without a hash nothing proves that the rest belongs to the beginning */
	return is_empty(job->item->sha256) ? cenv_sink_restart(&job->sink, err) : 0;
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
		ret = fail_candidate(job, CENV_NET_REFUSED, job->stop.msg, err);
	cenv_err_release(&job->stop);
	return ret;
}

int cenv_job_result(struct cenv_job *job, const struct cenv_net_result *result,
		    struct cenv_err *err)
{
	if (job->stop.code != CENV_OK)
		return stopped(job, err);
	switch (result->outcome) {
	case CENV_NET_DONE:
		if (!job->text)
			return verify(job, err);
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
	return fail_candidate(job, result->outcome, result->text, err);
}

/* SPDX-License-Identifier: MIT */
#include "store/fetch/job.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/secret.h"

/* What a job tells: its progress, and in the end why nothing came of it. */

void cenv_job_emit(struct cenv_job *job, enum cenv_event_kind kind, const char *text)
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

void cenv_job_announce(struct cenv_job *job)
{
	if (job->announced)
		return;
	cenv_job_emit(job, CENV_EV_FETCH_START, cenv_job_candidate(job)->label);
	job->announced = true;
	job->started = cenv_fetch_now();
}

void cenv_job_tell_progress(struct cenv_job *job)
{
	double now = cenv_fetch_now();

	if (now - job->last_progress < 0.1)
		return;
	job->last_progress = now;
	cenv_job_emit(job, CENV_EV_FETCH_PROGRESS, NULL);
}

char *cenv_job_subject(const struct cenv_job *job)
{
	if (!job->item->name)
		return cenv_strf("'%s'", job->list.n ? job->list.v[job->list.n - 1].label : "");
	if (!job->item->version || !*job->item->version)
		return cenv_strf("'%s'", job->item->name);
	return cenv_strf("'%s' %s", job->item->name, job->item->version);
}

/* ---- failures ---- */

void cenv_job_note_failure(struct cenv_job *job, enum cenv_net_outcome outcome, const char *why)
{
	const struct cenv_candidate *c = cenv_job_candidate(job);
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

static int wrong_contents(const struct cenv_job *job, const char *what, struct cenv_err *err)
{
	cenv_err_set(err, CENV_E_INTEGRITY, "cannot fetch %s: %s", what,
		     job->is_html ? "what came is an HTML page, not the archive"
				  : "what came does not have the expected hash");
	cenv_err_detail(err, "%s", job->mismatches.buf);
	for (size_t i = 0; i < job->failures.n; i++)
		cenv_err_detail(err, "%s", job->failures.v[i]);
	if (job->is_html)
		cenv_err_hint(err,
			      "where it comes from may need a login, or be a page about the download");
	else
		cenv_err_hint(err, "do not use the file unless its maker says why it changed");
	return -1;
}

static int is_offline(const struct cenv_job *job, const char *what, struct cenv_err *err)
{
	cenv_err_set(err, CENV_E_NETWORK,
		     "cannot fetch %s: it is not in the store, and downloads "
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

int cenv_job_exhausted(const struct cenv_job *job, struct cenv_err *err)
{
	enum cenv_code code = job->text && job->all_not_found ? CENV_E_NOTFOUND : CENV_E_NETWORK;
	char *what = cenv_job_subject(job);

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
		cenv_err_set(err, code, "cannot fetch %s: none of %u places gave it", what,
			     job->failures.n);
	if (job->failures.n > 1 && !job->mismatches.len && !job->was_offline)
		for (size_t i = 0; i < job->failures.n; i++)
			cenv_err_detail(err, "%s", job->failures.v[i]);
	if (job->was_plain_http && !job->mismatches.len)
		cenv_err_hint(err,
			      "use an https URL, or pin the contents with --hash=sha256:<hex>");
	else if (job->wants_login && !job->mismatches.len)
		cenv_err_hint(err, "user name and password go into the URL, as NAME:PASSWORD@ before "
				   "the host, or into ~/.netrc with CENV_NETRC=1");
	else if (job->is_unvouched && !job->mismatches.len)
		cenv_err_hint(err, "if the server is the right one, name the file that vouches for it "
				   "in SSL_CERT_FILE or CURL_CA_BUNDLE");
	free(what);
	return -1;
}

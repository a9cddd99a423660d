/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_FETCH_JOB_H
#define CENV_STORE_FETCH_JOB_H

#include <stdbool.h>

#include "store/fetch/candidates.h"
#include "store/fetch/module.h"
#include "store/fetch/sink.h"

/* One file on its way through its candidates, until one of them gives the right bytes. */

/** What all jobs of one call share. */
struct cenv_fetch_run {
	const struct cenv_store *store; /* NULL: texts only */
	const struct cenv_fetch_options *options;
	const struct cenv_net_module *module; /* NULL until something remote is needed */
	struct cenv_net *net;
	struct cenv_strv dead_mirrors; /* did not answer once: not asked again */
};

enum cenv_job_state {
	CENV_JOB_READY,	  /* to be stepped, once not_before has come */
	CENV_JOB_RUNNING, /* waits for the network */
	CENV_JOB_DONE,
};

struct cenv_job {
	struct cenv_fetch_run *run;
	struct cenv_fetch_item *item; /* never NULL; for a text, one with a URL only */
	struct cenv_buf *text;	      /* a text goes here, unverified */
	struct cenv_err *own_err;     /* its failure stays here and stops no other; or NULL */
	unsigned long long max;
	enum cenv_job_state state;
	double not_before; /* seconds of the monotonic clock */

	struct cenv_candidates list;
	size_t at; /* index of the candidate in use */
	char *url; /* of the exchange under way, after redirects; NULL before */
	unsigned redirects, tries;

	struct cenv_sink sink;
	bool has_sink;
	bool mixed;	/* the sink holds bytes of an earlier transfer */
	bool restarted; /* mixed bytes were wrong once: the candidate was asked for the whole */

	bool announced;
	double started, last_progress;
	unsigned long long total;
	struct cenv_strv failures;  /* "URL: why", mirrors that lack it left out */
	struct cenv_buf mismatches; /* detail lines of wrong hashes */
	bool is_html, all_not_found, was_offline, was_plain_http, wants_login, is_unvouched;
	struct cenv_err stop; /* set in a callback from the network */
};

void cenv_job_init(struct cenv_job *job, struct cenv_fetch_run *run, struct cenv_fetch_item *item);
/** Go on until it has to wait or is done. @return -1 when every candidate has failed. */
int cenv_job_step(struct cenv_job *job, struct cenv_err *err);
/** Take the end of its exchange in. */
int cenv_job_result(struct cenv_job *job, const struct cenv_net_result *result,
		    struct cenv_err *err);
void cenv_job_release(struct cenv_job *job);

double cenv_fetch_now(void);

/* ---- between job.c, verify.c and report.c ---- */

const struct cenv_candidate *cenv_job_candidate(const struct cenv_job *job);
bool cenv_job_has_sha256(const struct cenv_job *job);
/** A sha256 or a tree hash says what the contents must be. */
bool cenv_job_is_pinned(const struct cenv_job *job);
/** Leave the candidate; what an unpinned file has so far goes with it. */
int cenv_job_next(struct cenv_job *job, struct cenv_err *err);

/** The sink is complete: keep it, ask for it as a whole, or leave the candidate. */
int cenv_job_verify(struct cenv_job *job, struct cenv_err *err);

void cenv_job_emit(struct cenv_job *job, enum cenv_event_kind kind, const char *text);
/** Tell once that a transfer begins, or now and then how far it is. */
void cenv_job_announce(struct cenv_job *job);
void cenv_job_tell_progress(struct cenv_job *job);
/** "'zlib' 1.3.1", or the URL of what has no name. Caller frees. */
char *cenv_job_subject(const struct cenv_job *job);
void cenv_job_note_failure(struct cenv_job *job, enum cenv_net_outcome outcome, const char *why);
/** No candidate is left: say why, with everything that was tried. @return -1 */
int cenv_job_exhausted(const struct cenv_job *job, struct cenv_err *err);

#endif

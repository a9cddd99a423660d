/* SPDX-License-Identifier: MIT */
#include "store/fetch/job.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "store/unpack/sniff.h"
#include "store/unpack/unpack.h"

/* Are these the right bytes? What to do with them when they are, and when they are not. */

static int accept(struct cenv_job *job, const char *sha256, struct cenv_err *err)
{
	char *name = cenv_source_path(sha256);
	int ret = cenv_sink_keep(&job->sink, name, err);

	free(name);
	if (ret < 0)
		return -1;
	if (!job->sink.is_partial && cenv_job_has_sha256(job))
		cenv_sink_drop_partial(job->run->store, job->item->sha256->v[0]);
	memcpy(job->item->got_sha256, sha256, CENV_SHA256_HEX);
	job->item->got_from = cenv_xstrdup(cenv_job_candidate(job)->label);
	cenv_job_emit(job, CENV_EV_FETCH_DONE, cenv_job_candidate(job)->label);
	job->state = CENV_JOB_DONE;
	return 0;
}

/* @return 1 when the unpacked tree is one of the wanted, 0 when not, -1 when interrupted. */
static int tree_matches(struct cenv_job *job, struct cenv_err *err)
{
	struct cenv_err why = CENV_ERR_INIT;
	char hash[CENV_SHA256_HEX];
	int ret = 0;

	if (!(job->item->tree_hashes && job->item->tree_hashes->n))
		return 0;
	if (cenv_tree_hash_file(job->run->store->fd, job->sink.name, cenv_job_candidate(job)->label,
				job->run->options->limits, hash, &why) == 0)
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

	if (!cenv_job_has_sha256(job))
		return;
	what = cenv_job_subject(job);
	text = cenv_strf("the archive of %s has changed, but its unpacked tree is the pinned one",
			 what);
	cenv_job_emit(job, CENV_EV_NOTE, text);
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
	const struct cenv_candidate *c = cenv_job_candidate(job);
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
		cenv_job_emit(job, CENV_EV_WARNING, text);
		free(text);
	}
	free(aside);
	return ret < 0 ? -1 : cenv_job_next(job, err);
}

int cenv_job_verify(struct cenv_job *job, struct cenv_err *err)
{
	char sha256[CENV_SHA256_HEX];
	int tree;

	cenv_sink_hash(&job->sink, sha256);
	if (cenv_job_has_sha256(job) && cenv_strv_has(job->item->sha256, sha256))
		return accept(job, sha256, err);
	if (!cenv_job_is_pinned(job) && !cenv_sniff_html_fd(job->sink.fd))
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

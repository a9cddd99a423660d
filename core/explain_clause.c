/* SPDX-License-Identifier: MIT */
#include "core/explain.h"

#include <stdlib.h>

#include "core/base/str.h"

/* Incompatibilities in words. */

static const char *separator(size_t i, size_t n, const char *last)
{
	if (i == 0)
		return "";
	return i + 1 == n ? last : ", ";
}

void cenv_explain_versions(const struct cenv_universe_package *pkg, struct cenv_buf *out)
{
	size_t n = pkg->info.ncandidates;

	if (n > 5) {
		cenv_buf_addf(out, "%zu versions from %s to %s", n,
			      pkg->info.candidates[n - 1].version,
			      pkg->info.candidates[0].version);
		return;
	}
	for (size_t i = n; i-- > 0;)
		cenv_buf_addf(out, "%s%s", separator(n - 1 - i, n, " and "),
			      pkg->info.candidates[i].version);
}

/* A run of neighbouring candidates: newest and oldest. */
struct version_run {
	size_t newest, oldest;
};

/* The next older run of a set after `from`; false at the end. */
static bool next_run(const union cenv_bits *set, unsigned nw, size_t n, size_t from,
		     struct version_run *run)
{
	run->newest = cenv_bits_next(set, nw, from);
	if (run->newest >= n)
		return false;
	run->oldest = run->newest;
	while (run->oldest + 1 < n && cenv_bits_has(set, nw, run->oldest + 1))
		run->oldest++;
	return true;
}

static size_t count_runs(const union cenv_bits *set, unsigned nw, size_t n)
{
	struct version_run run = {0};
	size_t count = 0;

	for (size_t from = 0; next_run(set, nw, n, from, &run); from = run.oldest + 1)
		count++;
	return count;
}

static void add_run(const struct cenv_universe_package *pkg, const struct version_run *run,
		    struct cenv_buf *out)
{
	const struct cenv_candidate *c = pkg->info.candidates;

	if (run->newest == run->oldest)
		cenv_buf_adds(out, c[run->newest].version);
	else if (run->newest == 0)
		cenv_buf_addf(out, "from %s", c[run->oldest].version);
	else if (run->oldest + 1 == pkg->info.ncandidates)
		cenv_buf_addf(out, "up to %s", c[run->newest].version);
	else
		cenv_buf_addf(out, "%s to %s", c[run->oldest].version, c[run->newest].version);
}

/* Oldest run first, as people count. */
static void add_runs(const struct cenv_universe_package *pkg, const union cenv_bits *set,
		     const char *last, struct cenv_buf *out)
{
	size_t n = pkg->info.ncandidates, total = count_runs(set, pkg->nw, n);

	for (size_t i = 0; i < total; i++) {
		struct version_run run = {0};
		size_t from = 0;

		for (size_t skip = total - i; skip > 0; skip--, from = run.oldest + 1)
			next_run(set, pkg->nw, n, from, &run);
		cenv_buf_adds(out, separator(i, total, last));
		add_run(pkg, &run, out);
	}
}

/* "zlib from 1.3", "every version of zlib but 1.2", of a set of candidates. */
static void add_package(struct cenv_resolver *r, const struct cenv_universe_package *pkg,
			const union cenv_bits *set, const char *every, struct cenv_buf *out)
{
	size_t n = pkg->info.ncandidates;
	union cenv_bits in = cenv_bits_new(&r->arena, pkg->nw);
	union cenv_bits rest = cenv_bits_new(&r->arena, pkg->nw);

	cenv_bits_copy(&in, set, pkg->nw);
	cenv_bits_and(&in, &pkg->any, pkg->nw);
	cenv_bits_copy(&rest, &pkg->any, pkg->nw);
	cenv_bits_minus(&rest, set, pkg->nw);
	if (!cenv_bits_count(&rest, pkg->nw)) {
		cenv_buf_addf(out, "%s%s", every, pkg->info.name);
	} else if (count_runs(&rest, pkg->nw, n) < count_runs(&in, pkg->nw, n)) {
		cenv_buf_addf(out, "every version of %s but ", pkg->info.name);
		add_runs(pkg, &rest, " and ", out);
	} else {
		cenv_buf_addf(out, "%s ", pkg->info.name);
		add_runs(pkg, &in, " or ", out);
	}
}

static const char *feature_name(const struct cenv_meaning *m)
{
	return m->pkg->info.features[m->feature].name;
}

/* What is demanded: "zlib>=1.3" or "curl[ssl]". */
static void add_demand(const struct cenv_incompat *ic, struct cenv_buf *out)
{
	cenv_buf_adds(out, ic->req->name);
	if (ic->feature)
		cenv_buf_addf(out, "[%s%s]", cenv_strv_has(&ic->req->features_on, ic->feature) ? "" : "-",
			      ic->feature);
	else
		cenv_specifier_format(&ic->req->spec, out);
}

/* Remarks in brackets behind a demand: " (requirements.txt:4; zlib exists only as 1.2)". */
static void add_remark(struct cenv_buf *remarks, const char *text)
{
	cenv_buf_addf(remarks, "%s%s", remarks->len ? "; " : "", text);
}

static void add_origin(const struct cenv_requirement *req, struct cenv_buf *remarks)
{
	char *origin = cenv_origin_text(&req->origin);

	add_remark(remarks, origin);
	free(origin);
}

static void add_feature_names(const struct cenv_universe_package *pkg, const char *unknown,
			      struct cenv_buf *remarks)
{
	cenv_buf_addf(remarks, "%s has no feature '%s'", pkg->info.name, unknown);
	for (size_t i = 0; i < pkg->info.nfeatures; i++)
		cenv_buf_addf(remarks, "%s%s",
			      i ? separator(i, pkg->info.nfeatures, " and ") : ", it has ",
			      pkg->info.features[i].name);
}

/* Why the demand can't be met by anything. */
static void add_impossible(struct cenv_resolver *r, const struct cenv_incompat *ic,
			   struct cenv_buf *remarks)
{
	const struct cenv_universe_package *pkg = r->meanings[ic->target].pkg;
	union cenv_bits want = cenv_universe_match(&r->universe, pkg, &ic->req->spec);

	if (!pkg->info.ncandidates) {
		add_remark(remarks, "no index has it");
	} else if (ic->feature) {
		if (cenv_universe_feature(pkg, ic->feature) != SIZE_MAX)
			return;
		add_remark(remarks, "");
		add_feature_names(pkg, ic->feature, remarks);
	} else if (!cenv_bits_count(&want, pkg->nw)) {
		add_remark(remarks, pkg->info.name);
		cenv_buf_adds(remarks, " exists only as ");
		cenv_explain_versions(pkg, remarks);
	}
}

static void close_remarks(struct cenv_buf *remarks, struct cenv_buf *out)
{
	if (remarks->len)
		cenv_buf_addf(out, " (%s)", remarks->buf);
	cenv_buf_release(remarks);
}

/* The demand, where it was written, and why nothing can meet it if that is so. */
static void add_written_demand(struct cenv_resolver *r, const struct cenv_incompat *ic,
			       struct cenv_buf *out)
{
	struct cenv_buf remarks = CENV_BUF_INIT;

	add_demand(ic, out);
	add_origin(ic->req, &remarks);
	add_impossible(r, ic, &remarks);
	close_remarks(&remarks, out);
}

static void root_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			struct cenv_buf *out)
{
	struct cenv_buf remarks = CENV_BUF_INIT;

	cenv_buf_adds(out, "you ask for ");
	if (ic->asked) {
		cenv_buf_adds(out, ic->asked->name);
		add_origin(ic->asked, &remarks);
		close_remarks(&remarks, out);
		cenv_buf_adds(out, ", overridden by ");
	}
	add_written_demand(r, ic, out);
}

static void constraint_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			      struct cenv_buf *out)
{
	cenv_buf_adds(out, "a constraint allows only ");
	add_written_demand(r, ic, out);
}

static const struct cenv_term *term_on(const struct cenv_incompat *ic, uint32_t var)
{
	for (uint32_t i = 0; i < ic->nterms; i++)
		if (ic->terms[i].var == var)
			return &ic->terms[i];
	return NULL;
}

static void dep_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
		       struct cenv_buf *out)
{
	const struct cenv_universe_package *asker = r->meanings[ic->asker].pkg;
	const struct cenv_term *t = term_on(ic, ic->asker);
	struct cenv_buf remarks = CENV_BUF_INIT;

	add_package(r, asker, t ? &t->set : &asker->any, "every version of ", out);
	if (ic->condition != CENV_VAR_NONE)
		cenv_buf_addf(out, " with feature '%s'", feature_name(&r->meanings[ic->condition]));
	cenv_buf_adds(out, " needs ");
	if (ic->asked) {
		cenv_buf_addf(out, "%s, overridden by ", ic->asked->name);
		add_written_demand(r, ic, out);
		return;
	}
	add_demand(ic, out);
	add_impossible(r, ic, &remarks);
	close_remarks(&remarks, out);
}

static void newer_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			 struct cenv_buf *out)
{
	const struct cenv_universe_package *pkg = r->meanings[ic->target].pkg;

	add_package(r, pkg, &pkg->newer, "every version of ", out);
	cenv_buf_addf(out, " was published after %s", r->request->exclude_newer);
}

static void support_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			   struct cenv_buf *out)
{
	const struct cenv_meaning *m = &r->meanings[ic->target];

	if (ic->cause == CENV_CAUSE_PRERELEASE) {
		add_package(r, m->pkg, &m->pkg->pre, "every version of ", out);
		cenv_buf_adds(out, cenv_bits_count(&m->pkg->pre, m->pkg->nw) > 1
					   ? " are pre-releases"
					   : " is a pre-release");
		cenv_buf_adds(out, " that nothing names");
	} else {
		cenv_buf_addf(out, "feature '%s' of %s is on by default and nothing switches it off",
			      feature_name(m), m->pkg->info.name);
	}
}

/* Derived ones: "if these, then one of those". */

static bool is_positive(struct cenv_resolver *r, const struct cenv_term *t)
{
	size_t last = r->meanings[t->var].feature == SIZE_MAX
			      ? r->meanings[t->var].pkg->info.ncandidates
			      : 1;

	return !cenv_bits_has(&t->set, cenv_solver_words(r->solver, t->var), last);
}

static void add_term(struct cenv_resolver *r, const struct cenv_term *t, bool positive,
		     const char *every, struct cenv_buf *out)
{
	const struct cenv_meaning *m = &r->meanings[t->var];
	union cenv_bits set = cenv_bits_new(&r->arena, m->pkg->nw);

	if (m->feature != SIZE_MAX) {
		cenv_buf_addf(out, "%s[%s]", m->pkg->info.name, feature_name(m));
		return;
	}
	cenv_bits_copy(&set, &m->pkg->any, m->pkg->nw);
	if (positive)
		cenv_bits_and(&set, &t->set, m->pkg->nw);
	else
		cenv_bits_minus(&set, &t->set, m->pkg->nw);
	add_package(r, m->pkg, &set, every, out);
}

static void add_terms(struct cenv_resolver *r, const struct cenv_incompat *ic, bool positive,
		      const char *every, const char *last, struct cenv_buf *out)
{
	size_t total = 0, i = 0;

	for (uint32_t k = 0; k < ic->nterms; k++)
		total += is_positive(r, &ic->terms[k]) == positive;
	for (uint32_t k = 0; k < ic->nterms; k++) {
		if (is_positive(r, &ic->terms[k]) != positive)
			continue;
		cenv_buf_adds(out, separator(i++, total, last));
		add_term(r, &ic->terms[k], positive, every, out);
	}
}

static void derived_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			   struct cenv_buf *out)
{
	size_t positive = 0;

	for (uint32_t i = 0; i < ic->nterms; i++)
		positive += is_positive(r, &ic->terms[i]);
	if (!ic->nterms) {
		cenv_buf_adds(out, "there is no solution");
	} else if (positive == 0) {
		add_terms(r, ic, false, "", " or ", out);
		cenv_buf_adds(out, " is needed");
	} else if (positive == ic->nterms) {
		add_terms(r, ic, true, positive == 1 ? "no version of " : "any version of ",
			  " and ", out);
		cenv_buf_adds(out, positive > 1		  ? " can't be used together"
				   : cenv_str_starts(out->buf, "no version of ") ? " can be used"
										 : " can't be used");
	} else {
		add_terms(r, ic, true, positive > 1 ? "any version of " : "every version of ",
			  " together with ", out);
		cenv_buf_adds(out, " needs ");
		add_terms(r, ic, false, "", " or ", out);
	}
}

void cenv_explain_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			 struct cenv_buf *out)
{
	static void (*const writers[])(struct cenv_resolver *, const struct cenv_incompat *,
				       struct cenv_buf *) = {
		[CENV_CAUSE_ROOT] = root_clause,	  [CENV_CAUSE_CONSTRAINT] = constraint_clause,
		[CENV_CAUSE_DEP] = dep_clause,		  [CENV_CAUSE_NEWER] = newer_clause,
		[CENV_CAUSE_PRERELEASE] = support_clause, [CENV_CAUSE_DEFAULT] = support_clause,
		[CENV_CAUSE_DERIVED] = derived_clause,
	};
	struct cenv_buf clause = CENV_BUF_INIT;

	writers[ic->cause](r, ic, &clause);
	cenv_buf_adds(out, clause.buf);
	cenv_buf_release(&clause);
}

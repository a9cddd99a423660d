/* SPDX-License-Identifier: MIT */
#include "core/explain.h"

#include <stdlib.h>

#include "core/base/str.h"

/* Incompatibilities in words. */

static const char *feature_name(const struct cenv_meaning *m)
{
	return m->pkg->info.features[m->feature].name;
}

/* What is demanded: "zlib>=1.3" or "curl[ssl]". */
static void add_demand(const struct cenv_incompat *ic, struct cenv_buf *out)
{
	cenv_buf_adds(out, ic->req->name);
	if (ic->feature)
		cenv_buf_addf(out, "[%s%s]",
			      cenv_strv_has(&ic->req->features_on, ic->feature) ? "" : "-",
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
			      struct cenv_buf *out)
{
	size_t n = pkg->info.nfeatures;

	cenv_buf_addf(out, "%s has no feature '%s'", pkg->info.name, unknown);
	for (size_t i = 0; i < n; i++)
		cenv_buf_addf(out, "%s%s", i ? cenv_explain_separator(i, n, " and ") : ", only ",
			      pkg->info.features[i].name);
}

/* Why the demand can't be met by anything; nothing when it can. */
static void add_impossible(struct cenv_resolver *r, const struct cenv_incompat *ic,
			   struct cenv_buf *out)
{
	const struct cenv_universe_package *pkg = r->meanings[ic->target].pkg;
	union cenv_bits want = cenv_universe_match(&r->universe, pkg, &ic->req->spec);

	if (!pkg->info.ncandidates)
		cenv_buf_adds(out, "no index has it");
	else if (ic->feature && cenv_universe_feature(pkg, ic->feature) == SIZE_MAX)
		add_feature_names(pkg, ic->feature, out);
	else if (!ic->feature && !cenv_bits_count(&want, pkg->nw))
		cenv_explain_existing(pkg, out);
}

static void remark_impossible(struct cenv_resolver *r, const struct cenv_incompat *ic,
			      struct cenv_buf *remarks)
{
	struct cenv_buf why = CENV_BUF_INIT;

	add_impossible(r, ic, &why);
	if (why.len)
		add_remark(remarks, why.buf);
	cenv_buf_release(&why);
}

static void close_remarks(struct cenv_buf *remarks, struct cenv_buf *out)
{
	if (remarks->len)
		cenv_buf_addf(out, " (%s)", remarks->buf);
	cenv_buf_release(remarks);
}

/* The demand, where it was written, and with why, that nothing can meet it if that is so. */
static void add_written_demand(struct cenv_resolver *r, const struct cenv_incompat *ic, bool why,
			       struct cenv_buf *out)
{
	struct cenv_buf remarks = CENV_BUF_INIT;

	add_demand(ic, out);
	add_origin(ic->req, &remarks);
	if (why)
		remark_impossible(r, ic, &remarks);
	close_remarks(&remarks, out);
}

/* What is asked for, and what an override makes of it. */
static void add_asked(struct cenv_resolver *r, const struct cenv_incompat *ic, bool why,
		      struct cenv_buf *out)
{
	struct cenv_buf remarks = CENV_BUF_INIT;

	if (ic->asked) {
		cenv_buf_adds(out, ic->asked->name);
		if (ic->cause == CENV_CAUSE_ROOT)
			add_origin(ic->asked, &remarks);
		close_remarks(&remarks, out);
		cenv_buf_adds(out, ", overridden by ");
	}
	add_written_demand(r, ic, why, out);
}

static void root_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			struct cenv_buf *out)
{
	cenv_buf_adds(out, "you ask for ");
	add_asked(r, ic, true, out);
}

static void constraint_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			      struct cenv_buf *out)
{
	cenv_buf_adds(out, "a constraint allows only ");
	add_written_demand(r, ic, true, out);
}

static const struct cenv_term *term_on(const struct cenv_incompat *ic, uint32_t var)
{
	for (uint32_t i = 0; i < ic->nterms; i++)
		if (ic->terms[i].var == var)
			return &ic->terms[i];
	return NULL;
}

static void add_need(struct cenv_resolver *r, const struct cenv_incompat *ic, struct cenv_buf *out)
{
	struct cenv_buf remarks = CENV_BUF_INIT;

	if (ic->asked) {
		add_asked(r, ic, true, out);
		return;
	}
	add_demand(ic, out);
	remark_impossible(r, ic, &remarks);
	close_remarks(&remarks, out);
}

static void dep_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
		       struct cenv_buf *out)
{
	const struct cenv_universe_package *asker = r->meanings[ic->asker].pkg;
	const struct cenv_term *t = term_on(ic, ic->asker);

	cenv_explain_set(r, asker, t ? &t->set : &asker->any, CENV_EXPLAIN_EVERY, out);
	if (ic->condition != CENV_VAR_NONE)
		cenv_buf_addf(out, " with feature '%s'", feature_name(&r->meanings[ic->condition]));
	cenv_buf_adds(out, " needs ");
	add_need(r, ic, out);
}

static void newer_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			 struct cenv_buf *out)
{
	const struct cenv_universe_package *pkg = r->meanings[ic->target].pkg;

	cenv_explain_set(r, pkg, &pkg->newer, CENV_EXPLAIN_EVERY, out);
	cenv_buf_addf(out, " was published after %s", r->request->exclude_newer);
}

static void support_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			   struct cenv_buf *out)
{
	const struct cenv_meaning *m = &r->meanings[ic->target];

	if (ic->cause == CENV_CAUSE_PRERELEASE) {
		cenv_explain_set(r, m->pkg, &m->pkg->pre, CENV_EXPLAIN_EVERY, out);
		cenv_buf_adds(out, " is a pre-release that nothing names");
	} else {
		cenv_buf_addf(out, "feature '%s' of %s is on by default", feature_name(m),
			      m->pkg->info.name);
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

/* @return true when it begins with a "no". */
static bool add_term(struct cenv_resolver *r, const struct cenv_term *t, bool positive,
		     enum cenv_explain_role role, struct cenv_buf *out)
{
	const struct cenv_meaning *m = &r->meanings[t->var];
	union cenv_bits set = cenv_bits_new(&r->arena, m->pkg->nw);

	if (m->feature != SIZE_MAX) {
		cenv_buf_addf(out, "%s[%s]", m->pkg->info.name, feature_name(m));
		return false;
	}
	cenv_bits_copy(&set, &m->pkg->any, m->pkg->nw);
	if (positive)
		cenv_bits_and(&set, &t->set, m->pkg->nw);
	else
		cenv_bits_minus(&set, &t->set, m->pkg->nw);
	return cenv_explain_set(r, m->pkg, &set, role, out);
}

/* The term on the first variable from `from` on: in the order in which packages were found. */
static const struct cenv_term *next_term(struct cenv_resolver *r, const struct cenv_incompat *ic,
					 bool positive, uint32_t from)
{
	const struct cenv_term *next = NULL;

	for (uint32_t i = 0; i < ic->nterms; i++) {
		const struct cenv_term *t = &ic->terms[i];

		if (t->var >= from && is_positive(r, t) == positive &&
		    (!next || t->var < next->var))
			next = t;
	}
	return next;
}

static bool add_terms(struct cenv_resolver *r, const struct cenv_incompat *ic, bool positive,
		      enum cenv_explain_role role, const char *last, struct cenv_buf *out)
{
	const struct cenv_term *t;
	size_t total = 0, i = 0;
	bool negated = false;

	for (t = next_term(r, ic, positive, 0); t; t = next_term(r, ic, positive, t->var + 1))
		total++;
	for (t = next_term(r, ic, positive, 0); t; t = next_term(r, ic, positive, t->var + 1)) {
		cenv_buf_adds(out, cenv_explain_separator(i++, total, last));
		negated = add_term(r, t, positive, role, out);
	}
	return negated;
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
		add_terms(r, ic, false, CENV_EXPLAIN_SOME, " or ", out);
		cenv_buf_adds(out, " is needed");
	} else if (positive == ic->nterms) {
		bool negated = add_terms(r, ic, true,
					 positive == 1 ? CENV_EXPLAIN_NONE : CENV_EXPLAIN_SOME,
					 " and ", out);

		cenv_buf_adds(out, negated ? " can be used" : " can't be used");
		if (positive > 1)
			cenv_buf_adds(out, " together");
	} else {
		add_terms(r, ic, true, positive == 1 ? CENV_EXPLAIN_EVERY : CENV_EXPLAIN_SOME,
			  " together with ", out);
		cenv_buf_adds(out, " needs ");
		add_terms(r, ic, false, CENV_EXPLAIN_SOME, " or ", out);
	}
}

void cenv_explain_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			 struct cenv_buf *out)
{
	static void (*const writers[])(struct cenv_resolver *, const struct cenv_incompat *,
				       struct cenv_buf *) = {
		[CENV_CAUSE_ROOT] = root_clause,
		[CENV_CAUSE_CONSTRAINT] = constraint_clause,
		[CENV_CAUSE_DEP] = dep_clause,
		[CENV_CAUSE_NEWER] = newer_clause,
		[CENV_CAUSE_PRERELEASE] = support_clause,
		[CENV_CAUSE_DEFAULT] = support_clause,
		[CENV_CAUSE_DERIVED] = derived_clause,
	};

	writers[ic->cause](r, ic, out);
}

/* Two facts in one breath. */

static bool same_asker(const struct cenv_resolver *r, const struct cenv_incompat *a,
		       const struct cenv_incompat *b)
{
	const struct cenv_term *s = term_on(a, a->asker), *t = term_on(b, b->asker);
	unsigned nw = r->meanings[a->asker].pkg->nw;

	if (a->asker != b->asker || a->condition != b->condition || a->asked != b->asked)
		return false;
	return !s == !t && (!s || cenv_bits_equal(&s->set, &t->set, nw));
}

void cenv_explain_both(struct cenv_resolver *r, const struct cenv_incompat *a,
		       const struct cenv_incompat *b, struct cenv_buf *out)
{
	bool same = a->cause == b->cause && a->asked == b->asked;

	cenv_explain_clause(r, a, out);
	cenv_buf_adds(out, " and ");
	if (same && (a->cause == CENV_CAUSE_ROOT || a->cause == CENV_CAUSE_CONSTRAINT)) {
		if (a->cause == CENV_CAUSE_CONSTRAINT)
			cenv_buf_adds(out, "another only ");
		add_written_demand(r, b, true, out);
	} else if (same && a->cause == CENV_CAUSE_DEP && same_asker(r, a, b)) {
		if (a->asked)
			add_written_demand(r, b, true, out);
		else
			add_need(r, b, out);
	} else {
		cenv_explain_clause(r, b, out);
	}
}

void cenv_explain_alone(struct cenv_resolver *r, const struct cenv_incompat *ic,
			struct cenv_buf *out)
{
	struct cenv_buf why = CENV_BUF_INIT;

	if (ic->cause == CENV_CAUSE_ROOT)
		add_impossible(r, ic, &why);
	if (why.len) {
		cenv_buf_adds(out, "you ask for ");
		add_asked(r, ic, false, out);
		cenv_buf_addf(out, ", but %s", why.buf);
	} else {
		cenv_explain_clause(r, ic, out);
	}
	cenv_buf_release(&why);
}

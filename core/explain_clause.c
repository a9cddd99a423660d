/* SPDX-License-Identifier: MIT */
#include "core/explain.h"

#include <stdlib.h>

#include "core/base/str.h"

/* Incompatibilities in words. */

static const char *feature_name(const struct cenv_meaning *m)
{
	return m->pkg->info.features[m->feature].name;
}

static size_t add_features(const struct cenv_incompat *ic, const struct cenv_strv *features,
			   const char *sign, size_t before, struct cenv_buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < features->n; i++)
		if (cenv_explain_tells(ic, features->v[i]))
			cenv_buf_addf(out, "%s%s%s", before + n++ ? "," : "[", sign,
				      features->v[i]);
	return n;
}

/* What is demanded: "zlib>=1.3" or "curl[ssl]"; with what other facts about the same requirement
 * say, "curl[ssl]>=8". */
static void add_demand(const struct cenv_incompat *ic, struct cenv_buf *out)
{
	size_t n;

	cenv_buf_adds(out, ic->req->name);
	n = add_features(ic, &ic->req->features_on, "", 0, out);
	n += add_features(ic, &ic->req->features_off, "-", n, out);
	if (n)
		cenv_buf_addc(out, ']');
	if (cenv_explain_tells(ic, NULL))
		cenv_specifier_format(&ic->req->spec, out);
}

/* Remarks in brackets behind a demand: " (requirements.txt:4; zlib exists only as 1.2)". */
static void add_remark(struct cenv_buf *remarks, const char *text)
{
	cenv_buf_addf(remarks, "%s%s", remarks->len ? "; " : "", text);
}

static void add_origin(const struct cenv_resolver *r, const struct cenv_requirement *req,
		       struct cenv_buf *remarks)
{
	struct cenv_buf places = CENV_BUF_INIT;

	cenv_explain_places(r->request, req, &places);
	add_remark(remarks, places.buf);
	cenv_buf_release(&places);
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

void cenv_explain_impossible(struct cenv_resolver *r, const struct cenv_incompat *ic,
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

	cenv_explain_impossible(r, ic, &why);
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

const struct cenv_term *cenv_explain_term(const struct cenv_incompat *ic, uint32_t var)
{
	for (uint32_t i = 0; i < ic->nterms; i++)
		if (ic->terms[i].var == var)
			return &ic->terms[i];
	return NULL;
}

/* Who demands something: "you ask for ", "app 2 needs ". */
static void add_demander(struct cenv_resolver *r, const struct cenv_incompat *ic,
			 struct cenv_buf *out)
{
	const struct cenv_universe_package *asker;
	const struct cenv_term *t;

	if (ic->cause == CENV_CAUSE_ROOT) {
		cenv_buf_adds(out, "you ask for ");
	} else if (ic->cause == CENV_CAUSE_CONSTRAINT) {
		cenv_buf_adds(out, "a constraint allows only ");
	} else {
		asker = r->meanings[ic->asker].pkg;
		t = cenv_explain_term(ic, ic->asker);
		cenv_explain_set(r, asker, t ? &t->set : &asker->any, CENV_EXPLAIN_EVERY, out);
		if (ic->condition != CENV_VAR_NONE)
			cenv_buf_addf(out, " with feature '%s'",
				      feature_name(&r->meanings[ic->condition]));
		cenv_buf_adds(out, " needs ");
	}
}

/* What an override replaces: "zlib (r.txt:1), overridden by ". */
static void add_overridden(const struct cenv_resolver *r, const struct cenv_incompat *ic,
			   struct cenv_buf *out)
{
	struct cenv_buf remarks = CENV_BUF_INIT;

	if (!ic->asked)
		return;
	cenv_buf_adds(out, ic->asked->name);
	if (ic->cause == CENV_CAUSE_ROOT)
		add_origin(r, ic->asked, &remarks);
	close_remarks(&remarks, out);
	cenv_buf_adds(out, ", overridden by ");
}

/*
 * What is demanded, and where that is written when it is the user's.
 *
 * @param why that nothing can meet it, too, if that is so
 */
static void add_demanded(struct cenv_resolver *r, const struct cenv_incompat *ic, bool why,
			 struct cenv_buf *out)
{
	struct cenv_buf remarks = CENV_BUF_INIT;

	add_demand(ic, out);
	if (ic->cause != CENV_CAUSE_DEP || ic->asked)
		add_origin(r, ic->req, &remarks);
	for (; why && ic; ic = ic->right)
		remark_impossible(r, ic, &remarks);
	close_remarks(&remarks, out);
}

static void demand_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			  struct cenv_buf *out)
{
	add_demander(r, ic, out);
	add_overridden(r, ic, out);
	add_demanded(r, ic, true, out);
}

/* Terms: "if these, then one of those". */

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

/* Says a term that something is needed besides what the incompatibility is about? */
static bool is_supporter(struct cenv_resolver *r, const struct cenv_incompat *ic,
			 const struct cenv_term *t)
{
	return t->var != ic->target && !is_positive(r, t);
}

static void newer_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			 struct cenv_buf *out)
{
	const struct cenv_universe_package *pkg = r->meanings[ic->target].pkg;

	cenv_explain_set(r, pkg, &pkg->newer, CENV_EXPLAIN_EVERY, out);
	cenv_buf_addf(out, " was published after %s", r->request->exclude_newer);
}

/* "nothing", or "only app 2": those whose versions the incompatibility says are needed. */
static void add_supporters(struct cenv_resolver *r, const struct cenv_incompat *ic,
			   struct cenv_buf *out)
{
	size_t total = 0, i = 0;

	for (uint32_t k = 0; k < ic->nterms; k++)
		total += is_supporter(r, ic, &ic->terms[k]);
	cenv_buf_adds(out, total ? "only " : "nothing");
	for (uint32_t k = 0; k < ic->nterms; k++) {
		if (!is_supporter(r, ic, &ic->terms[k]))
			continue;
		cenv_buf_adds(out, cenv_explain_separator(i++, total, " or "));
		add_term(r, &ic->terms[k], false, CENV_EXPLAIN_SOME, out);
	}
}

static void needed_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			  struct cenv_buf *out)
{
	const struct cenv_meaning *m = &r->meanings[ic->target];

	add_supporters(r, ic, out);
	cenv_buf_addf(out, " brings in %s", m->pkg->info.name);
	if (m->feature != SIZE_MAX)
		cenv_buf_addf(out, "[%s]", feature_name(m));
}

static void support_clause(struct cenv_resolver *r, const struct cenv_incompat *ic,
			   struct cenv_buf *out)
{
	const struct cenv_meaning *m = &r->meanings[ic->target];

	if (ic->cause == CENV_CAUSE_PRERELEASE) {
		cenv_explain_set(r, m->pkg, &m->pkg->pre, CENV_EXPLAIN_EVERY, out);
		cenv_buf_adds(out, " is a pre-release that ");
		add_supporters(r, ic, out);
		cenv_buf_adds(out, " names");
	} else {
		cenv_buf_addf(out, "feature '%s' of %s is on by default (", feature_name(m),
			      m->pkg->info.name);
		add_supporters(r, ic, out);
		cenv_buf_adds(out, " switches it off)");
	}
}

/* Every version of curl beside curl[ssl]: the feature says that there is one. */
static bool goes_without_saying(struct cenv_resolver *r, const struct cenv_incompat *ic,
				const struct cenv_term *t)
{
	const struct cenv_universe_package *pkg = r->meanings[t->var].pkg;

	if (t->var != pkg->var || !is_positive(r, t) ||
	    !cenv_bits_subset(&pkg->any, &t->set, pkg->nw))
		return false;
	for (uint32_t i = 0; i < ic->nterms; i++)
		if (ic->terms[i].var != t->var && r->meanings[ic->terms[i].var].pkg == pkg &&
		    is_positive(r, &ic->terms[i]))
			return true;
	return false;
}

/* The term on the first variable from `from` on: in the order in which packages were found. */
static const struct cenv_term *next_term(struct cenv_resolver *r, const struct cenv_incompat *ic,
					 bool positive, uint32_t from)
{
	const struct cenv_term *next = NULL;

	for (uint32_t i = 0; i < ic->nterms; i++) {
		const struct cenv_term *t = &ic->terms[i];

		if (t->var >= from && is_positive(r, t) == positive &&
		    (!next || t->var < next->var) && !goes_without_saying(r, ic, t))
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
	size_t positive = 0, n = 0;

	for (uint32_t i = 0; i < ic->nterms; i++) {
		if (goes_without_saying(r, ic, &ic->terms[i]))
			continue;
		positive += is_positive(r, &ic->terms[i]);
		n++;
	}
	if (!n) {
		cenv_buf_adds(out, "there is no solution");
	} else if (positive == 0) {
		add_terms(r, ic, false, CENV_EXPLAIN_SOME, " or ", out);
		cenv_buf_adds(out, " is needed");
	} else if (positive == n) {
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
		[CENV_CAUSE_ROOT] = demand_clause,	  [CENV_CAUSE_CONSTRAINT] = demand_clause,
		[CENV_CAUSE_DEP] = demand_clause,	  [CENV_CAUSE_NEWER] = newer_clause,
		[CENV_CAUSE_PRERELEASE] = support_clause, [CENV_CAUSE_DEFAULT] = support_clause,
		[CENV_CAUSE_NEEDED] = needed_clause,	  [CENV_CAUSE_DERIVED] = derived_clause,
	};

	writers[ic->cause](r, ic, out);
}

/* Two facts in one breath. */

/* A rule of one package, told of two incompatibilities. */
static bool same_rule(const struct cenv_incompat *a, const struct cenv_incompat *b)
{
	return a->cause == b->cause && a->target == b->target &&
	       (a->cause == CENV_CAUSE_DEFAULT || a->cause == CENV_CAUSE_PRERELEASE);
}

void cenv_explain_both(struct cenv_resolver *r, struct cenv_incompat *a,
		       const struct cenv_incompat *b, struct cenv_buf *out)
{
	bool same = cenv_explain_same_asker(r, a, b);
	const struct cenv_incompat *one = same_rule(a, b) ? a : cenv_explain_join(r, a, b);

	if (one) {
		cenv_explain_clause(r, one, out);
		return;
	}
	cenv_explain_clause(r, a, out);
	cenv_buf_adds(out, " and ");
	if (same && a->cause == CENV_CAUSE_CONSTRAINT)
		cenv_buf_adds(out, "another only ");
	if (same)
		add_demanded(r, b, true, out);
	else
		cenv_explain_clause(r, b, out);
}

void cenv_explain_alone(struct cenv_resolver *r, const struct cenv_incompat *ic,
			struct cenv_buf *out)
{
	struct cenv_buf why = CENV_BUF_INIT;

	if (ic->cause == CENV_CAUSE_ROOT)
		cenv_explain_impossible(r, ic, &why);
	if (why.len) {
		add_demander(r, ic, out);
		add_overridden(r, ic, out);
		add_demanded(r, ic, false, out);
		cenv_buf_addf(out, ", but %s", why.buf);
	} else {
		cenv_explain_clause(r, ic, out);
	}
	cenv_buf_release(&why);
}

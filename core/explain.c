/* SPDX-License-Identifier: MIT */
#include "core/explain.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

/*
 * The derivation as sentences. Each derived incompatibility follows from two
 * others; those are told first, unless they are facts, which go into the
 * "because". A conclusion that is used again later gets a number.
 */

struct story {
	struct cenv_resolver *r;
	unsigned lines; /* that have a number */
	struct cenv_buf out;
};

/* More than anybody would read. */
enum { MAX_FACTS = 200, MAX_CONCLUSIONS = 100, MAX_LISTED = 30 };

static bool is_derived(const struct cenv_incompat *ic)
{
	return ic->cause == CENV_CAUSE_DERIVED;
}

/* Rests on two facts: one sentence tells it. */
static bool is_simple(const struct cenv_incompat *ic)
{
	return !is_derived(ic->left) && !is_derived(ic->right);
}

static void add_reason(struct story *st, struct cenv_incompat *ic)
{
	cenv_explain_clause(st->r, ic, &st->out);
	if (is_derived(ic) && ic->line)
		cenv_buf_addf(&st->out, " (%u)", ic->line);
}

/* Facts read best in the order of the need: who asks for a package, then what that one needs. */
static bool leads_to(const struct cenv_incompat *a, const struct cenv_incompat *b)
{
	return b->cause == CENV_CAUSE_DEP && a->target == b->asker;
}

static unsigned rank(const struct cenv_incompat *fact)
{
	static const unsigned ranks[] = {
		[CENV_CAUSE_ROOT] = 0,	     [CENV_CAUSE_DEFAULT] = 1, [CENV_CAUSE_DEP] = 2,
		[CENV_CAUSE_CONSTRAINT] = 3, [CENV_CAUSE_NEWER] = 4,   [CENV_CAUSE_PRERELEASE] = 5,
		[CENV_CAUSE_NEEDED] = 6,     [CENV_CAUSE_DERIVED] = 7,
	};

	return ranks[fact->cause];
}

/* The oldest version of the asker that a dependency is about. */
static size_t oldest(const struct cenv_resolver *r, const struct cenv_incompat *dep)
{
	for (uint32_t i = 0; i < dep->nterms; i++)
		if (dep->terms[i].var == dep->asker)
			return cenv_bits_last(&dep->terms[i].set, r->meanings[dep->asker].pkg->nw);
	return SIZE_MAX;
}

static bool comes_before(const struct story *st, const struct cenv_incompat *a,
			 const struct cenv_incompat *b)
{
	if (rank(a) != rank(b))
		return rank(a) < rank(b);
	if (leads_to(a, b) != leads_to(b, a))
		return leads_to(a, b);
	if (a->cause == CENV_CAUSE_DEP && a->asker != b->asker)
		return a->asker < b->asker; /* packages nearer to the user were found earlier */
	if (a->cause == CENV_CAUSE_DEP && oldest(st->r, a) != oldest(st->r, b))
		return oldest(st->r, a) > oldest(st->r, b); /* candidates are newest first */
	return a->req && b->req && cenv_explain_compare_places(a->req, b->req) < 0;
}

static void add_reasons(struct story *st, struct cenv_incompat *a, struct cenv_incompat *b)
{
	if (!is_derived(a) && !is_derived(b)) {
		bool swapped = comes_before(st, b, a);

		cenv_explain_both(st->r, swapped ? b : a, swapped ? a : b, &st->out);
	} else {
		add_reason(st, a);
		cenv_buf_adds(&st->out, " and ");
		add_reason(st, b);
	}
}

/* "LEAD a[ and b], conclusion." */
static void add_sentence(struct story *st, struct cenv_incompat *ic, const char *lead,
			 struct cenv_incompat *a, struct cenv_incompat *b,
			 bool numbered)
{
	if (numbered) {
		ic->line = ++st->lines;
		cenv_buf_addf(&st->out, "(%u) ", st->lines);
	}
	cenv_buf_adds(&st->out, lead);
	if (a && b)
		add_reasons(st, a, b);
	else if (a)
		add_reason(st, a);
	cenv_buf_adds(&st->out, ", ");
	cenv_explain_clause(st->r, ic, &st->out);
	cenv_buf_adds(&st->out, ".\n");
}

static void tell(struct story *st, struct cenv_incompat *ic, bool conclusion);

static void tell_two_derived(struct story *st, struct cenv_incompat *ic, bool numbered)
{
	struct cenv_incompat *a = ic->left, *b = ic->right, *t;

	if (a->line && b->line) {
		add_sentence(st, ic, "Because ", a, b, numbered);
	} else if (a->line || b->line) {
		tell(st, a->line ? b : a, false);
		/* telling one may have told (and numbered) the other's line: look again */
		add_sentence(st, ic, "And because ", a->line ? a : b, NULL, numbered);
	} else if (is_simple(a) || is_simple(b)) {
		t = is_simple(b) ? a : b;
		tell(st, t, false);
		tell(st, t == a ? b : a, false);
		add_sentence(st, ic, "So", NULL, NULL, numbered);
	} else {
		tell(st, a, true);
		tell(st, b, false);
		add_sentence(st, ic, "And because ", a, NULL, numbered);
	}
}

static void tell_one_derived(struct story *st, struct cenv_incompat *ic, bool numbered)
{
	struct cenv_incompat *derived = is_derived(ic->left) ? ic->left : ic->right;
	struct cenv_incompat *fact = is_derived(ic->left) ? ic->right : ic->left;
	bool simple = is_simple(derived) ||
		      (is_derived(derived->left) && is_derived(derived->right));

	if (derived->line) {
		add_sentence(st, ic, "Because ", fact, derived, numbered);
	} else if (!simple && derived->uses == 1) {
		/* two facts in a row: one sentence with both */
		struct cenv_incompat *inner = is_derived(derived->left) ? derived->left
									      : derived->right;
		struct cenv_incompat *first = inner == derived->left ? derived->right
									   : derived->left;

		if (inner->line) {
			tell(st, derived, false);
			add_sentence(st, ic, "And because ", fact, NULL, numbered);
		} else {
			tell(st, inner, false);
			add_sentence(st, ic, "And because ", first, fact, numbered);
		}
	} else {
		tell(st, derived, false);
		add_sentence(st, ic, "And because ", fact, NULL, numbered);
	}
}

/* @param conclusion it is going to be referred to from further below. */
static void tell(struct story *st, struct cenv_incompat *ic, bool conclusion)
{
	bool numbered = conclusion || ic->uses > 1;

	if (is_derived(ic->left) && is_derived(ic->right))
		tell_two_derived(st, ic, numbered);
	else if (is_derived(ic->left) || is_derived(ic->right))
		tell_one_derived(st, ic, numbered);
	else
		add_sentence(st, ic, "Because ", ic->left, ic->right, numbered);
}

static void tell_fact(struct story *st, const struct cenv_incompat *ic)
{
	size_t start = st->out.len;

	cenv_explain_alone(st->r, ic, &st->out);
	cenv_buf_adds(&st->out, ".\n");
	st->out.buf[start] = (char)toupper((unsigned char)st->out.buf[start]);
}

static void tell_rest(struct story *st, size_t n)
{
	if (n > MAX_LISTED)
		cenv_buf_addf(&st->out, "There are %zu more of these.\n", n - MAX_LISTED);
}

/* Tell of a demand that nothing can meet. @param told how many were before */
static void tell_impossible(struct story *st, const struct cenv_requirement *req,
			    const char *feature, size_t *told)
{
	struct cenv_incompat *ic = cenv_incompat_new(&st->r->arena, CENV_CAUSE_ROOT, 0);
	struct cenv_buf why = CENV_BUF_INIT;

	ic->target = cenv_universe_get(&st->r->universe, req->key)->var;
	ic->req = req;
	ic->feature = feature;
	cenv_explain_impossible(st->r, ic, &why);
	if (why.len && (*told)++ < MAX_LISTED)
		tell_fact(st, ic);
	cenv_buf_release(&why);
}

/* The demands that no override replaces; of several lines that ask for the same the first. Where
 * they are sorted, such lines are neighbours. */
static size_t list_demands(const struct cenv_resolver *r, const struct cenv_requirement **out)
{
	size_t n = 0;

	for (size_t i = 0; i < r->request->nroots; i++)
		if (!cenv_resolver_overrides(r, r->roots[i]->key) &&
		    !(i && cenv_explain_asks_same(r->roots[i - 1], r->roots[i])))
			out[n++] = r->roots[i];
	cenv_explain_sort_places(out, n);
	return n;
}

/* One demand that nothing can meet is known: one run is to tell of all of them. */
static void tell_all_impossible(struct story *st, const struct cenv_incompat *known)
{
	const struct cenv_requirement **reqs =
		cenv_xcalloc(st->r->request->nroots + 1, sizeof(*reqs));
	size_t n = list_demands(st->r, reqs), told = 0;

	if (known->asked) {
		tell_fact(st, known);
		told++;
	}
	for (size_t i = 0; i < n; i++) {
		tell_impossible(st, reqs[i], NULL, &told);
		for (size_t k = 0; k < reqs[i]->features_on.n; k++)
			tell_impossible(st, reqs[i], reqs[i]->features_on.v[k], &told);
		for (size_t k = 0; k < reqs[i]->features_off.n; k++)
			tell_impossible(st, reqs[i], reqs[i]->features_off.v[k], &told);
	}
	if (!told)
		tell_fact(st, known);
	tell_rest(st, told);
	free(reqs);
}

static void sort_facts(const struct story *st, struct cenv_incompat **v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct cenv_incompat *fact = v[i];
		size_t j = i;

		for (; j > 0 && comes_before(st, fact, v[j - 1]); j--)
			v[j] = v[j - 1];
		v[j] = fact;
	}
}

/* Too much to tell: what the user can change, and where to look further. */
static void tell_summary(struct story *st, const struct cenv_facts *facts)
{
	struct cenv_incompat **own = cenv_xcalloc(facts->n, sizeof(*own));
	size_t n = 0, most;

	for (size_t i = 0; i < facts->n; i++)
		if (facts->v[i]->cause != CENV_CAUSE_DEP)
			own[n++] = facts->v[i];
	sort_facts(st, own, n);
	most = n > MAX_LISTED ? MAX_LISTED : n;
	for (size_t i = 0; i < most; i++)
		tell_fact(st, own[i]);
	tell_rest(st, n);
	cenv_buf_addf(&st->out,
		      "Together with %zu dependencies between packages this leaves no solution.\n",
		      facts->n - n);
	free(own);
}

/* @return false when there is too much of it. */
static bool tell_story(struct story *st, const struct cenv_facts *facts)
{
	struct cenv_facts again = {0}, conclusions = {0};
	struct cenv_incompat *failed = NULL;
	bool told = false;

	if (facts->n <= MAX_FACTS)
		failed = cenv_explain_derive(st->r, facts);
	if (failed)
		cenv_explain_facts(failed, &again, &conclusions);
	if (failed && conclusions.n <= MAX_CONCLUSIONS) {
		cenv_explain_join_all(st->r, &again, &conclusions);
		if (is_derived(failed))
			tell(st, failed, false);
		else
			tell_all_impossible(st, failed);
		told = true;
	}
	free(again.v);
	free(conclusions.v);
	return told;
}

int cenv_explain(struct cenv_resolver *r, struct cenv_incompat *failed, struct cenv_err *err)
{
	struct story st = {.r = r, .out = CENV_BUF_INIT};
	size_t conflicts = cenv_solver_conflicts(r->solver);
	struct cenv_facts facts = {0};

	cenv_explain_facts(failed, &facts, NULL);
	cenv_explain_shorten(r, &facts);
	r->facts = &facts;
	if (!tell_story(&st, &facts))
		tell_summary(&st, &facts);
	cenv_err_set(err, CENV_E_UNSAT, "no set of versions satisfies all requirements");
	cenv_err_detail(err, "%s", st.out.buf);
	cenv_explain_hint(r, &facts, conflicts, err);
	cenv_buf_release(&st.out);
	r->facts = NULL;
	free(facts.v);
	return -1;
}

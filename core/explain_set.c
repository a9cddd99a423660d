/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/explain.h"

/* Sets of versions in words. */

const char *cenv_explain_separator(size_t i, size_t n, const char *last)
{
	if (i == 0)
		return "";
	return i + 1 == n ? last : ", ";
}

/* Whose doing it is that there are no others: the user's own. */
static void add_chooser(const struct cenv_requirement *req, struct cenv_buf *out)
{
	char *origin;

	if (!req)
		return;
	origin = cenv_origin_text(&req->origin);
	cenv_buf_addf(out, ", %s that %s names", req->location ? "from the place" : "by the hash",
		      origin);
	free(origin);
}

static void add_existing(const struct cenv_universe_package *pkg, struct cenv_buf *out)
{
	size_t n = pkg->info.ncandidates;

	if (n > 5) {
		cenv_buf_addf(out, "%s has only %zu versions, from %s to %s", pkg->info.name, n,
			      pkg->info.candidates[n - 1].version, pkg->info.candidates[0].version);
		return;
	}
	cenv_buf_addf(out, "%s exists only as ", pkg->info.name);
	for (size_t i = n; i-- > 0;)
		cenv_buf_addf(out, "%s%s", cenv_explain_separator(n - 1 - i, n, " and "),
			      pkg->info.candidates[i].version);
}

void cenv_explain_existing(const struct cenv_universe_package *pkg, struct cenv_buf *out)
{
	add_existing(pkg, out);
	add_chooser(pkg->info.chosen_by, out);
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
		cenv_buf_addf(out, "from %s to %s", c[run->oldest].version, c[run->newest].version);
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
		cenv_buf_adds(out, cenv_explain_separator(i, total, last));
		add_run(pkg, &run, out);
	}
}

/* What the user wrote comes before constraints, and those before what packages say. */
static bool is_better_wording(const struct cenv_incompat *a, const struct cenv_incompat *b)
{
	size_t la, lb;

	if (!b || a->cause != b->cause)
		return !b || a->cause < b->cause;
	la = strlen(a->req->text);
	lb = strlen(b->req->text);
	return la != lb ? la < lb : strcmp(a->req->text, b->req->text) < 0;
}

/* A requirement of the explanation that means just this set: its words are the user's. */
static const struct cenv_requirement *find_wording(struct cenv_resolver *r,
						   const struct cenv_universe_package *pkg,
						   const union cenv_bits *set)
{
	const struct cenv_incompat *best = NULL;

	for (size_t i = 0; r->facts && i < r->facts->n; i++) {
		const struct cenv_incompat *fact = r->facts->v[i];
		union cenv_bits means;

		if (!fact->req || fact->target != pkg->var || fact->feature ||
		    !is_better_wording(fact, best))
			continue;
		means = cenv_universe_match(&r->universe, pkg, &fact->req->spec);
		if (cenv_bits_equal(&means, set, pkg->nw))
			best = fact;
	}
	return best ? best->req : NULL;
}

struct role {
	const char *all;    /* before the name when the set has all versions */
	const char *ranges; /* before the name when it has a range of them */
	const char *listed; /* before the name when it has single ones */
	const char *last;   /* before the last of them */
};

static const struct role roles[] = {
	[CENV_EXPLAIN_EVERY] = {"every version of ", "every version of ", "each of ", " and "},
	[CENV_EXPLAIN_NONE] = {"no version of ", "no version of ", "none of ", " and "},
	[CENV_EXPLAIN_SOME] = {"", "", "", " or "},
};

static bool has_range(const struct cenv_universe_package *pkg, const union cenv_bits *set)
{
	return count_runs(set, pkg->nw, pkg->info.ncandidates) != cenv_bits_count(set, pkg->nw);
}

bool cenv_explain_set(struct cenv_resolver *r, const struct cenv_universe_package *pkg,
		      const union cenv_bits *set, enum cenv_explain_role role, struct cenv_buf *out)
{
	const struct role *words = &roles[role];
	const struct cenv_requirement *req = NULL;
	size_t n = pkg->info.ncandidates;
	union cenv_bits in = cenv_bits_new(&r->arena, pkg->nw);
	union cenv_bits rest = cenv_bits_new(&r->arena, pkg->nw);

	cenv_bits_copy(&in, set, pkg->nw);
	cenv_bits_and(&in, &pkg->any, pkg->nw);
	cenv_bits_copy(&rest, &pkg->any, pkg->nw);
	cenv_bits_minus(&rest, set, pkg->nw);
	if (role == CENV_EXPLAIN_SOME && cenv_bits_count(&rest, pkg->nw))
		req = find_wording(r, pkg, &in);
	if (!cenv_bits_count(&rest, pkg->nw)) {
		cenv_buf_addf(out, "%s%s", words->all, pkg->info.name);
	} else if (req) {
		cenv_buf_adds(out, pkg->info.name);
		cenv_specifier_format(&req->spec, out);
	} else if (cenv_bits_count(&in, pkg->nw) == 1) {
		cenv_buf_addf(out, "%s ", pkg->info.name);
		add_runs(pkg, &in, "", out);
		return false;
	} else if (count_runs(&rest, pkg->nw, n) < count_runs(&in, pkg->nw, n)) {
		cenv_buf_addf(out, "%s%s but ", *words->all ? words->all : "any version of ",
			      pkg->info.name);
		add_runs(pkg, &rest, " and ", out);
	} else {
		cenv_buf_addf(out, "%s%s ", has_range(pkg, &in) ? words->ranges : words->listed,
			      pkg->info.name);
		add_runs(pkg, &in, words->last, out);
	}
	return role == CENV_EXPLAIN_NONE;
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/explain.h"

/* What would help: found by solving again with one thing changed. */

enum {
	MAX_CONFLICTS = 500, /* more in the search: each trial would take its time too */
	MAX_TRIALS = 12,
	MAX_NAMED = 3,
};

static bool would_solve(const struct cenv_resolver *r, const struct cenv_resolve_request *request)
{
	struct cenv_resolution *res = NULL;
	struct cenv_err ignored = CENV_ERR_INIT;
	bool solved = cenv_resolver_try(&res, request, r->provider, &ignored) == 0;

	cenv_resolution_free(res);
	cenv_err_release(&ignored);
	return solved;
}

static bool hint_near_name(const struct cenv_resolver *r, const struct cenv_facts *facts,
			   struct cenv_err *err)
{
	for (size_t i = 0; i < facts->n && r->provider->suggest; i++) {
		const struct cenv_incompat *ic = facts->v[i];
		const char *near = NULL;

		if (ic->cause == CENV_CAUSE_DEP && !r->meanings[ic->target].pkg->info.ncandidates &&
		    r->provider->suggest(r->provider->payload, ic->req->key, &near, 1)) {
			cenv_err_hint(err, "there is a package called '%s'", near);
			return true;
		}
	}
	return false;
}

static bool hint_options(const struct cenv_resolver *r, struct cenv_err *err)
{
	struct cenv_resolve_request request = *r->request;

	request.pre = true;
	if (!r->request->pre && would_solve(r, &request)) {
		cenv_err_hint(err, "pre-releases would do: allow them with --pre");
		return true;
	}
	request = *r->request;
	request.exclude_newer = NULL;
	if (r->request->exclude_newer && would_solve(r, &request)) {
		cenv_err_hint(err, "versions newer than %s would do", r->request->exclude_newer);
		return true;
	}
	return false;
}

/* Take one requirement out of a list. @return what is left; caller's. */
static const struct cenv_requirement **without(const struct cenv_requirement *const *reqs, size_t n,
					       const struct cenv_requirement *left_out)
{
	const struct cenv_requirement **kept = cenv_xcalloc(n, sizeof(*kept));
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (reqs[i] != left_out)
			kept[k++] = reqs[i];
	return kept;
}

static bool solves_without(const struct cenv_resolver *r, const struct cenv_incompat *fact)
{
	struct cenv_resolve_request request = *r->request;
	const struct cenv_requirement **kept;
	bool solved;

	if (fact->cause == CENV_CAUSE_CONSTRAINT) {
		kept = without(request.constraints, request.nconstraints, fact->req);
		request.constraints = kept;
		request.nconstraints--;
	} else {
		kept = without(request.roots, request.nroots, fact->req);
		request.roots = kept;
		request.nroots--;
	}
	solved = request.nroots && would_solve(r, &request);
	free(kept);
	return solved;
}

static bool can_leave_out(const struct cenv_incompat *fact, enum cenv_cause cause)
{
	return fact->cause == cause && !fact->asked;
}

/* One requirement may be behind several facts: its versions, its features. */
static bool is_repeated(const struct cenv_facts *facts, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (facts->v[k]->req == facts->v[i]->req)
			return true;
	return false;
}

static bool hint_leave_out(const struct cenv_resolver *r, const struct cenv_facts *facts,
			   enum cenv_cause cause, struct cenv_err *err)
{
	struct cenv_buf hint = CENV_BUF_INIT;
	size_t trials = 0, named = 0;

	for (size_t i = 0; i < facts->n && trials < MAX_TRIALS && named < MAX_NAMED; i++) {
		const struct cenv_incompat *fact = facts->v[i];
		char *origin;

		if (!can_leave_out(fact, cause) || is_repeated(facts, i) || !++trials ||
		    !solves_without(r, fact))
			continue;
		origin = cenv_origin_text(&fact->req->origin);
		cenv_buf_addf(&hint, "%s'%s' (%s)",
			      named++ ? " or " : "there is a solution without ", fact->req->text,
			      origin);
		free(origin);
	}
	if (named)
		cenv_err_hint(err, "%s", hint.buf);
	cenv_buf_release(&hint);
	return named > 0;
}

void cenv_explain_hint(const struct cenv_resolver *r, const struct cenv_facts *facts,
		       size_t conflicts, struct cenv_err *err)
{
	if (hint_near_name(r, facts, err) || conflicts > MAX_CONFLICTS)
		return;
	if (hint_options(r, err) || hint_leave_out(r, facts, CENV_CAUSE_CONSTRAINT, err))
		return;
	hint_leave_out(r, facts, CENV_CAUSE_ROOT, err);
}

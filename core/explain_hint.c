/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/explain.h"
#include "core/version.h"

/* What would help: found by solving again with one thing changed. */

enum {
	/* more in the search: each trial would take its time, too; more in a trial: it is given up */
	MAX_CONFLICTS = 500,
	MAX_TRIALS = 12,
	MAX_NAMED = 3,
};

/* A trial: what may be changed of the request or the provider, and what comes of it. */
struct trial {
	const struct cenv_resolver *r;
	const struct cenv_facts *facts;
	struct cenv_resolve_request request;
	struct cenv_provider provider;
	struct cenv_resolution *solution;
};

static void reset(struct trial *t)
{
	cenv_resolution_free(t->solution);
	t->solution = NULL;
	t->request = *t->r->request;
	t->provider = *t->r->provider;
}

static bool solves(struct trial *t)
{
	struct cenv_err ignored = CENV_ERR_INIT;
	bool solved = cenv_resolver_try(&t->solution, &t->request, &t->provider, MAX_CONFLICTS,
					&ignored) == 0;

	cenv_err_release(&ignored);
	return solved;
}

/* ---- what the solution has of the packages that the explanation speaks of ---- */

static const struct cenv_candidate *chosen(const struct trial *t, const char *key)
{
	for (size_t i = 0; i < t->solution->n; i++)
		if (!strcmp(t->solution->packages[i].key, key))
			return t->solution->packages[i].candidate;
	return NULL;
}

static bool speaks_again(const struct trial *t, size_t i)
{
	const struct cenv_incompat *const *facts = (const struct cenv_incompat *const *)t->facts->v;

	/* a package's features have variables of their own */
	for (size_t k = 0; k < i; k++)
		if (t->r->meanings[facts[k]->target].pkg == t->r->meanings[facts[i]->target].pkg)
			return true;
	return false;
}

/* Append "zlib 1.3rc1 and png 2b1": packages with the version chosen now, where that is one of
 * those that could not be chosen before. */
static void add_chosen(const struct trial *t,
		       bool (*is_news)(const struct trial *t,
				       const struct cenv_universe_package *pkg,
				       const struct cenv_candidate *c),
		       struct cenv_buf *out)
{
	struct cenv_strv names = {0};

	for (size_t i = 0; i < t->facts->n && names.n < MAX_NAMED; i++) {
		const struct cenv_universe_package *pkg =
			t->r->meanings[t->facts->v[i]->target].pkg;
		const struct cenv_candidate *c = chosen(t, pkg->key);

		if (c && !speaks_again(t, i) && is_news(t, pkg, c))
			cenv_strv_addf(&names, "%s %s", pkg->info.name, c->version);
	}
	for (size_t i = 0; i < names.n; i++)
		cenv_buf_addf(out, "%s%s", cenv_explain_separator(i, names.n, " and "), names.v[i]);
	cenv_strv_release(&names);
}

/* ---- other indexes ---- */

static bool is_from_there(const struct trial *t, const struct cenv_universe_package *pkg,
			  const struct cenv_candidate *c)
{
	struct cenv_package_info info = {0};
	struct cenv_err ignored = CENV_ERR_INIT;
	const char *key = pkg->key;
	bool moved;

	(void)c;
	if (t->provider.packages(t->provider.payload, &key, 1, &info, &ignored) < 0) {
		cenv_err_release(&ignored);
		return false;
	}
	moved = info.source && (!pkg->info.source || strcmp(info.source, pkg->info.source) != 0);
	return moved;
}

bool cenv_explain_hidden(const struct cenv_provider *provider, const char *key)
{
	struct cenv_elsewhere where = {0};
	struct cenv_package_info info = {0};
	struct cenv_err ignored = CENV_ERR_INIT;
	struct cenv_provider other;

	for (size_t i = 0; provider->elsewhere && !info.ncandidates &&
			   provider->elsewhere(provider->payload, i, &other, &where);
	     i++)
		if (!where.index && other.packages(other.payload, &key, 1, &info, &ignored) < 0)
			cenv_err_release(&ignored);
	return info.ncandidates > 0;
}

static bool hint_elsewhere(struct trial *t, struct cenv_err *err)
{
	struct cenv_buf names = CENV_BUF_INIT;
	const struct cenv_provider *p = t->r->provider;
	struct cenv_elsewhere where = {0};
	bool found = false;

	for (size_t i = 0; p->elsewhere && i < MAX_TRIALS && !found; i++) {
		reset(t);
		if (!p->elsewhere(p->payload, i, &t->provider, &where))
			break;
		found = solves(t);
	}
	if (found)
		add_chosen(t, is_from_there, &names);
	if (found && !where.index)
		cenv_err_hint(err, "cenv's own recipes have %s: leave out --no-default-index",
			      names.len ? names.buf : "what is missing");
	else if (found)
		cenv_err_hint(err,
			      "there is a solution%s%s from '%s': name that index before the "
			      "others, as the first that has a package wins",
			      names.len ? " with " : "", names.len ? names.buf : "", where.index);
	cenv_buf_release(&names);
	return found;
}

/* ---- misspelt names ---- */

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

/* ---- options ---- */

static bool is_prerelease(const struct trial *t, const struct cenv_universe_package *pkg,
			  const struct cenv_candidate *c)
{
	(void)t;
	(void)pkg;
	return cenv_version_is_prerelease(c->version);
}

static bool is_newer(const struct trial *t, const struct cenv_universe_package *pkg,
		     const struct cenv_candidate *c)
{
	(void)pkg;
	return c->date && strcmp(c->date, t->r->request->exclude_newer) > 0;
}

static bool hint_pre(struct trial *t, struct cenv_err *err)
{
	struct cenv_buf names = CENV_BUF_INIT;

	reset(t);
	if (t->request.pre)
		return false;
	t->request.pre = true;
	if (!solves(t))
		return false;
	add_chosen(t, is_prerelease, &names);
	cenv_err_hint(err, "there is a solution with %s: allow pre-releases with --pre",
		      names.len ? names.buf : "pre-releases");
	cenv_buf_release(&names);
	return true;
}

static bool hint_newer(struct trial *t, struct cenv_err *err)
{
	struct cenv_buf names = CENV_BUF_INIT;

	reset(t);
	if (!t->request.exclude_newer)
		return false;
	t->request.exclude_newer = NULL;
	if (!solves(t))
		return false;
	add_chosen(t, is_newer, &names);
	cenv_err_hint(err,
		      "there is a solution with %s: leave out --exclude-newer, or take a "
		      "later day",
		      names.len ? names.buf : "newer versions");
	cenv_buf_release(&names);
	return true;
}

/* ---- default features ---- */

static bool solves_with(struct trial *t, const struct cenv_requirement *more)
{
	const struct cenv_requirement **roots;
	bool solved;

	reset(t);
	roots = cenv_xcalloc(t->request.nroots + 1, sizeof(*roots));
	memcpy(roots, t->request.roots, t->request.nroots * sizeof(*roots));
	roots[t->request.nroots++] = more;
	t->request.roots = roots;
	solved = solves(t);
	free(roots);
	return solved;
}

static bool hint_feature(struct trial *t, struct cenv_err *err)
{
	bool found = false;

	for (size_t i = 0; i < t->facts->n && !found; i++) {
		const struct cenv_meaning *m = &t->r->meanings[t->facts->v[i]->target];
		struct cenv_requirement req = {0};
		struct cenv_err ignored = CENV_ERR_INIT;
		char *text;

		if (t->facts->v[i]->cause != CENV_CAUSE_DEFAULT)
			continue;
		text = cenv_strf("%s[-%s]", m->pkg->info.name,
				 m->pkg->info.features[m->feature].name);
		found = cenv_requirement_parse(&req, text, NULL, NULL, &ignored) == 0 &&
			solves_with(t, &req);
		if (found)
			cenv_err_hint(err,
				      "there is a solution with '%s', which switches the "
				      "feature off",
				      text);
		cenv_requirement_release(&req);
		cenv_err_release(&ignored);
		free(text);
	}
	return found;
}

/* ---- what could be left out ---- */

struct removable {
	enum cenv_cause cause;
	bool overrides; /* what stands in the place of another demand */
	const char *kind;
};

/* Take a requirement out of a list, with all lines that ask for the same. @return what is left;
 * caller's. */
static const struct cenv_requirement **without(const struct cenv_requirement *const *reqs,
					       size_t *n, const struct cenv_requirement *left_out)
{
	const struct cenv_requirement **kept = cenv_xcalloc(*n, sizeof(*kept));
	size_t k = 0;

	for (size_t i = 0; i < *n; i++)
		if (!cenv_explain_asks_same(reqs[i], left_out))
			kept[k++] = reqs[i];
	*n = k;
	return kept;
}

static bool solves_without(struct trial *t, const struct removable *what,
			   const struct cenv_requirement *req)
{
	const struct cenv_requirement *const **list;
	const struct cenv_requirement **kept;
	size_t *n;
	bool solved;

	reset(t);
	if (what->overrides) {
		list = &t->request.overrides;
		n = &t->request.noverrides;
	} else if (what->cause == CENV_CAUSE_CONSTRAINT) {
		list = &t->request.constraints;
		n = &t->request.nconstraints;
	} else {
		list = &t->request.roots;
		n = &t->request.nroots;
	}
	*list = kept = without(*list, n, req);
	solved = t->request.nroots && solves(t);
	free(kept);
	return solved;
}

/* The requirements of one kind behind the facts, each once, as the user wrote them down. */
static size_t list_removable(const struct trial *t, const struct removable *what,
			     const struct cenv_requirement **out)
{
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < t->facts->n; i++) {
		const struct cenv_incompat *fact = t->facts->v[i];

		if (what->overrides ? fact->asked != NULL
				    : fact->cause == what->cause && !fact->asked)
			out[n++] = fact->req;
	}
	cenv_explain_sort_places(out, n);
	for (size_t i = 0; i < n; i++)
		if (!kept || out[kept - 1] != out[i])
			out[kept++] = out[i];
	return kept;
}

/* As the user wrote it; but hashes, which nobody reads, are not part of a contradiction. */
static int length_without_hashes(const char *text)
{
	const char *hash = strstr(text, " --hash"), *tree = strstr(text, " --tree-hash");

	if (!hash || (tree && tree < hash))
		hash = tree;
	return (int)(hash ? (size_t)(hash - text) : strlen(text));
}

/* A line of a lock file: other versions than these were possible when it was made. */
static bool is_pin(const struct cenv_requirement *req)
{
	return (req->hashes.n || req->tree_hashes.n) && cenv_specifier_pinned(&req->spec);
}

/* "without the pin 'zlib==1.3' (requirements.txt:4)" */
static void add_without(const struct trial *t, const struct removable *what,
			const struct cenv_requirement *req, struct cenv_buf *out)
{
	cenv_buf_addf(out, "without %s%s'%.*s' (", what->kind,
		      !*what->kind && is_pin(req) ? "the pin " : "",
		      length_without_hashes(req->text), req->text);
	cenv_explain_places(t->r->request, req, out);
	cenv_buf_addc(out, ')');
}

static bool is_installed(const struct cenv_requirement *req)
{
	return req->origin.file && !req->origin.line &&
	       !strcmp(req->origin.file, CENV_ORIGIN_INSTALLED);
}

static bool hint_leave_out(struct trial *t, const struct removable *what, struct cenv_err *err)
{
	const struct cenv_requirement **reqs = cenv_xcalloc(t->facts->n, sizeof(*reqs));
	size_t n = list_removable(t, what, reqs), named = 0;
	struct cenv_buf hint = CENV_BUF_INIT;
	const char *installed = NULL;
	bool pinned = false;

	for (size_t i = 0; i < n && i < MAX_TRIALS && named < MAX_NAMED; i++) {
		if (!solves_without(t, what, reqs[i]))
			continue;
		cenv_buf_adds(&hint, named++ ? ", or " : "there is a solution ");
		add_without(t, what, reqs[i], &hint);
		pinned |= is_pin(reqs[i]);
		installed = is_installed(reqs[i]) ? reqs[i]->name : installed;
	}
	if (installed)
		cenv_buf_addf(&hint, "; 'cenv uninstall %s' takes that out of the environment",
			      installed);
	if (pinned)
		cenv_buf_adds(&hint, "; to move the pin, give 'cenv lock' all that is asked for at once");
	if (named)
		cenv_err_hint(err, "%s", hint.buf);
	cenv_buf_release(&hint);
	free(reqs);
	return named > 0;
}

void cenv_explain_hint(const struct cenv_resolver *r, const struct cenv_facts *facts,
		       size_t conflicts, struct cenv_err *err)
{
	static const struct removable constraints = {CENV_CAUSE_CONSTRAINT, false,
						     "the constraint "};
	static const struct removable overrides = {CENV_CAUSE_ROOT, true, "the override "};
	static const struct removable roots = {CENV_CAUSE_ROOT, false, ""};
	struct trial t = {.r = r, .facts = facts};
	bool hard = conflicts > MAX_CONFLICTS, found;

	found = (!hard && hint_elsewhere(&t, err)) || hint_near_name(r, facts, err);
	if (!found && !hard)
		found = hint_pre(&t, err) || hint_newer(&t, err) ||
			hint_leave_out(&t, &constraints, err) ||
			hint_leave_out(&t, &overrides, err) || hint_feature(&t, err) ||
			hint_leave_out(&t, &roots, err);
	reset(&t);
}

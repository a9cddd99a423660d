/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/resolver_state.h"

/*
 * Exceptions to rules, and who asks for them: a pre-release that is chosen, a
 * default feature that is off. Who says so may be in a version not looked at
 * yet, so this is not told to the solver in advance. When it leaves a rule
 * without anybody having said so, everything within reach is looked at, and the
 * incompatibility "... and none of those who could say so" is added.
 *
 * That makes the solver choose packages that nobody needs, only because they
 * would say so. So whoever says so must be founded: reached from what the user
 * asks for, over what is chosen. What holds itself up in a circle is not, and
 * the incompatibility "this, and nothing from outside needs any of these" is
 * added (a loop formula, as in answer set programming).
 */

static bool is_package(const struct cenv_resolver *r, uint32_t var)
{
	return r->meanings[var].feature == SIZE_MAX;
}

static bool is_default(const struct cenv_meaning *m)
{
	return m->pkg->info.features[m->feature].is_default;
}

/* Chosen, or on. */
static bool holds(const struct cenv_resolver *r, uint32_t var)
{
	return is_package(r, var) ? cenv_resolver_chosen(r, r->meanings[var].pkg) != SIZE_MAX
				  : cenv_resolver_feature_on(r, var);
}

/* Is it there, and from nowhere? */
static bool is_loose(const struct cenv_resolver *r, const bool *founded, uint32_t var)
{
	return holds(r, var) && !founded[var];
}

/* ---- what is founded ---- */

struct foundation {
	const struct cenv_resolver *r;
	bool *founded; /* by variable */
	uint32_t *stack;
	size_t depth;
};

static void found(struct foundation *f, uint32_t var)
{
	if (f->founded[var] || !holds(f->r, var))
		return;
	f->founded[var] = true;
	f->stack[f->depth++] = var;
}

static void found_features(struct foundation *f, const struct cenv_universe_package *pkg,
			   const struct cenv_requirement *req)
{
	for (size_t i = 0; i < req->features_on.n; i++) {
		size_t feature = cenv_universe_feature(pkg, req->features_on.v[i]);

		if (feature != SIZE_MAX)
			found(f, pkg->var + 1 + (uint32_t)feature);
	}
}

static void found_all_features(struct foundation *f, const struct cenv_universe_package *pkg,
			       const struct cenv_demands *d)
{
	for (size_t i = 0; d && i < d->n; i++)
		found_features(f, pkg, d->reqs[i]);
}

static void found_demanded(struct foundation *f, const struct cenv_requirement *req)
{
	const struct cenv_universe_package *pkg = cenv_universe_get(&f->r->universe, req->key);
	const struct cenv_demands *over;

	if (!pkg || cenv_resolver_chosen(f->r, pkg) == SIZE_MAX)
		return;
	found(f, pkg->var);
	over = cenv_resolver_overrides(f->r, pkg->key);
	if (over)
		found_all_features(f, pkg, over);
	else
		found_features(f, pkg, req);
}

/* What a package brings with it whoever asked for it. */
static void found_own(struct foundation *f, const struct cenv_universe_package *pkg)
{
	for (size_t i = 0; i < pkg->info.nfeatures; i++)
		if (pkg->info.features[i].is_default)
			found(f, pkg->var + 1 + (uint32_t)i);
	if (!cenv_resolver_overrides(f->r, pkg->key))
		found_all_features(f, pkg, cenv_map_get(&f->r->constraints, pkg->key));
}

static bool belongs_to(const struct cenv_meaning *m, const struct cenv_dep *dep)
{
	const char *feature =
		m->feature == SIZE_MAX ? NULL : m->pkg->info.features[m->feature].name;

	return !dep->feature == !feature && (!feature || strcmp(dep->feature, feature) == 0);
}

static int found_needs(struct foundation *f, const struct cenv_meaning *m, struct cenv_err *err)
{
	const struct cenv_candidate *c =
		&m->pkg->info.candidates[cenv_resolver_chosen(f->r, m->pkg)];
	const struct cenv_provider *p = f->r->provider;
	const struct cenv_dep *deps = NULL;
	size_t n = 0;

	if (f->r->request->no_deps)
		return 0;
	if (p->dependencies(p->payload, m->pkg->key, c, &deps, &n, err))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (belongs_to(m, &deps[i]))
			found_demanded(f, deps[i].req);
	return 0;
}

/* @param founded caller's, zeroed. */
static int find_founded(const struct cenv_resolver *r, bool *founded, struct cenv_err *err)
{
	struct foundation f = {.r = r, .founded = founded};
	int rc = 0;

	f.stack = cenv_xcalloc(r->nmeanings, sizeof(*f.stack));
	for (size_t i = 0; i < r->request->nroots; i++)
		found_demanded(&f, r->roots[i]);
	while (!rc && f.depth) {
		const struct cenv_meaning *m = &r->meanings[f.stack[--f.depth]];

		if (m->feature == SIZE_MAX)
			found_own(&f, m->pkg);
		rc = found_needs(&f, m, err);
	}
	free(f.stack);
	return rc;
}

/* ---- who says so ---- */

static bool speaks(const struct cenv_resolver *r, const struct cenv_sayer *s)
{
	int64_t value;

	if (s->asker == CENV_VAR_NONE)
		return true;
	value = cenv_solver_value(r->solver, s->asker);
	return value >= 0 &&
	       cenv_bits_has(&s->versions, cenv_solver_words(r->solver, s->asker), (size_t)value) &&
	       (s->condition == CENV_VAR_NONE || cenv_resolver_feature_on(r, s->condition));
}

static bool is_founded(const struct cenv_sayer *s, const bool *founded)
{
	return s->asker == CENV_VAR_NONE ||
	       (founded[s->asker] && (s->condition == CENV_VAR_NONE || founded[s->condition]));
}

bool cenv_support_has(const struct cenv_resolver *r, uint32_t var, const bool *founded)
{
	for (const struct cenv_sayer *s = r->meanings[var].sayers; s; s = s->next)
		if (speaks(r, s) && (!founded || is_founded(s, founded)))
			return true;
	return false;
}

/*
 * Add "this asker does not say so": its version is another one, or the feature
 * that says so is off; whichever is the case now.
 */
static void add_silence(struct cenv_resolver *r, struct cenv_incompat *ic, uint32_t asker,
			uint32_t condition, const union cenv_bits *versions)
{
	unsigned nw = cenv_solver_words(r->solver, asker);
	int64_t value = cenv_solver_value(r->solver, asker);
	union cenv_bits silent;

	if (condition != CENV_VAR_NONE && value >= 0 &&
	    cenv_bits_has(versions, nw, (size_t)value)) {
		cenv_incompat_term(r->solver, ic, condition, &cenv_only_off);
		return;
	}
	silent = cenv_bits_new(&r->arena, nw);
	cenv_bits_copy(&silent, cenv_solver_all(r->solver, asker), nw);
	cenv_bits_minus(&silent, versions, nw);
	cenv_incompat_term(r->solver, ic, asker, &silent);
}

static struct cenv_incompat *new_rule(struct cenv_resolver *r, enum cenv_cause cause,
				      uint32_t target)
{
	struct cenv_incompat *ic = cenv_incompat_new(&r->arena, cause, r->nmeanings);

	ic->target = target;
	return ic;
}

/* "An exception, and nobody says so." */
static struct cenv_incompat *exception_rule(struct cenv_resolver *r, uint32_t var)
{
	struct cenv_universe_package *pkg = r->meanings[var].pkg;
	bool whole = is_package(r, var);
	struct cenv_incompat *ic =
		new_rule(r, whole ? CENV_CAUSE_PRERELEASE : CENV_CAUSE_DEFAULT, var);

	cenv_incompat_term(r->solver, ic, pkg->var, whole ? &pkg->pre : &pkg->any);
	if (!whole)
		cenv_incompat_term(r->solver, ic, var, &cenv_only_off);
	for (const struct cenv_sayer *s = r->meanings[var].sayers; s; s = s->next)
		add_silence(r, ic, s->asker, s->condition, &s->versions);
	return ic;
}

int cenv_support_add(struct cenv_resolver *r, uint32_t var, struct cenv_err *err)
{
	if (cenv_resolver_explore(r, err))
		return -1;
	r->meanings[var].support = true;
	cenv_solver_add(r->solver, exception_rule(r, var));
	return 0;
}

/* ---- who brings something in ---- */

static bool brings_feature(const bool *circle, const struct cenv_universe_package *pkg,
			   const struct cenv_requirement *req)
{
	for (size_t i = 0; i < req->features_on.n; i++) {
		size_t feature = cenv_universe_feature(pkg, req->features_on.v[i]);

		if (feature != SIZE_MAX && circle[pkg->var + 1 + (uint32_t)feature])
			return true;
	}
	return false;
}

/* Would this demand bring in something of the circle? */
static bool brings(const struct cenv_resolver *r, const bool *circle,
		   const struct cenv_requirement *req)
{
	const struct cenv_universe_package *pkg = cenv_universe_get(&r->universe, req->key);
	const struct cenv_demands *over;
	bool found = false;

	if (!pkg)
		return false;
	if (circle[pkg->var])
		return true;
	over = cenv_resolver_overrides(r, pkg->key);
	for (size_t i = 0; over && i < over->n && !found; i++)
		found = brings_feature(circle, pkg, over->reqs[i]);
	return over ? found : brings_feature(circle, pkg, req);
}

/* Does a version, by itself or with a feature, bring in something of the circle? */
static int version_brings(const struct cenv_resolver *r, const bool *circle,
			  const struct cenv_meaning *m, size_t version, bool *out,
			  struct cenv_err *err)
{
	const struct cenv_provider *p = r->provider;
	const struct cenv_dep *deps = NULL;
	size_t n = 0;

	*out = false;
	if (p->dependencies(p->payload, m->pkg->key, &m->pkg->info.candidates[version], &deps, &n,
			    err))
		return -1;
	for (size_t i = 0; i < n && !*out; i++)
		*out = belongs_to(m, &deps[i]) && brings(r, circle, deps[i].req);
	return 0;
}

static void enter(bool *circle, uint32_t var, uint32_t *stack, size_t *depth)
{
	if (circle[var])
		return;
	circle[var] = true;
	stack[(*depth)++] = var;
}

/* A feature is there by its package, too, when it is a default one or a constraint asks for it. */
static void join(const struct cenv_resolver *r, const bool *founded, bool *circle, uint32_t var,
		 uint32_t *stack, size_t *depth)
{
	uint32_t pkg = r->meanings[var].pkg->var;

	enter(circle, var, stack, depth);
	if (!founded[pkg])
		enter(circle, pkg, stack, depth);
}

/* Who could bring in what: for each variable a list of those that have a version which does. */
struct bringers {
	const struct cenv_resolver *r;
	uint32_t *first; /* by what is brought in: index into v, or CENV_VAR_NONE */
	struct bringer {
		uint32_t var, next;
	} *v;
	size_t n, cap;
};

static void add_bringer(struct bringers *b, uint32_t brought, uint32_t var)
{
	uint32_t first = b->first[brought];

	/* one package after another is asked, so that a repetition is found here */
	if (first != CENV_VAR_NONE && b->v[first].var == var)
		return;
	CENV_GROW(b->v, b->n, b->cap);
	b->v[b->n] = (struct bringer){var, first};
	b->first[brought] = (uint32_t)b->n++;
}

static void add_feature_bringer(struct bringers *b, const struct cenv_universe_package *pkg,
				const struct cenv_requirement *req, uint32_t var)
{
	for (size_t i = 0; i < req->features_on.n; i++) {
		size_t feature = cenv_universe_feature(pkg, req->features_on.v[i]);

		if (feature != SIZE_MAX)
			add_bringer(b, pkg->var + 1 + (uint32_t)feature, var);
	}
}

static void add_demand_bringer(struct bringers *b, const struct cenv_requirement *req, uint32_t var)
{
	const struct cenv_universe_package *pkg = cenv_universe_get(&b->r->universe, req->key);
	const struct cenv_demands *over;

	if (!pkg)
		return;
	add_bringer(b, pkg->var, var);
	over = cenv_resolver_overrides(b->r, pkg->key);
	for (size_t i = 0; over && i < over->n; i++)
		add_feature_bringer(b, pkg, over->reqs[i], var);
	if (!over)
		add_feature_bringer(b, pkg, req, var);
}

static int add_version_bringer(struct bringers *b, uint32_t var, size_t version,
			       struct cenv_err *err)
{
	const struct cenv_meaning *m = &b->r->meanings[var];
	const struct cenv_provider *p = b->r->provider;
	const struct cenv_dep *deps = NULL;
	size_t n = 0;

	if (p->dependencies(p->payload, m->pkg->key, &m->pkg->info.candidates[version], &deps, &n,
			    err))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (belongs_to(m, &deps[i]))
			add_demand_bringer(b, deps[i].req, var);
	return 0;
}

/* Those that are not founded. */
static int find_bringers(struct bringers *b, const bool *founded, struct cenv_err *err)
{
	size_t n = b->r->nmeanings;

	b->first = cenv_xreallocarray(NULL, n + 1, sizeof(*b->first));
	for (size_t i = 0; i < n; i++)
		b->first[i] = CENV_VAR_NONE;
	for (uint32_t var = 0; var < n; var++)
		for (size_t v = 0; !founded[var] && v < b->r->meanings[var].pkg->info.ncandidates; v++)
			if (add_version_bringer(b, var, v, err))
				return -1;
	return 0;
}

static bool constraint_names(const struct cenv_resolver *r, const struct cenv_universe_package *pkg,
			     const char *feature)
{
	const struct cenv_demands *d = cenv_map_get(&r->constraints, pkg->key);
	bool found = false;

	for (size_t i = 0; d && i < d->n && !found; i++)
		found = cenv_strv_has(&d->reqs[i]->features_on, feature);
	return found && !cenv_resolver_overrides(r, pkg->key);
}

/* Can a feature that is off be there by its package alone, which is founded? Then it is no circle's. */
static bool comes_by_itself(const struct cenv_resolver *r, const bool *founded, uint32_t var)
{
	const struct cenv_meaning *m = &r->meanings[var];

	return !is_package(r, var) && founded[m->pkg->var] &&
	       (is_default(m) || constraint_names(r, m->pkg, m->pkg->info.features[m->feature].name));
}

/*
 * What could hold `loose` up without being founded itself, in any version: as much as there is, or
 * the search would find one circle after the other. Of what cannot, nothing is said.
 *
 * @param circle by variable; caller's, zeroed.
 */
static int find_circle(const struct cenv_resolver *r, uint32_t loose, const bool *founded,
		       bool *circle, struct cenv_err *err)
{
	struct bringers b = {.r = r};
	uint32_t *stack = cenv_xcalloc(r->nmeanings + 1, sizeof(*stack));
	size_t depth = 0;
	int rc = find_bringers(&b, founded, err);

	if (!rc)
		join(r, founded, circle, loose, stack, &depth);
	while (!rc && depth) {
		uint32_t at = b.first[stack[--depth]];

		for (; at != CENV_VAR_NONE; at = b.v[at].next)
			if (!circle[r->meanings[b.v[at].var].pkg->var] &&
			    !comes_by_itself(r, founded, b.v[at].var))
				join(r, founded, circle, b.v[at].var, stack, &depth);
	}
	free(stack);
	free(b.first);
	free(b.v);
	return rc;
}

/* Add "nothing outside of the circle brings in anything of it", for one package or feature. */
static int add_outsider(struct cenv_resolver *r, struct cenv_incompat *ic, uint32_t var,
			const bool *circle, struct cenv_err *err)
{
	const struct cenv_meaning *m = &r->meanings[var];
	union cenv_bits versions = cenv_bits_new(&r->arena, m->pkg->nw);

	for (size_t v = 0; v < m->pkg->info.ncandidates; v++) {
		bool brought = false;

		if (version_brings(r, circle, m, v, &brought, err))
			return -1;
		if (brought)
			cenv_bits_add(&versions, m->pkg->nw, v);
	}
	if (cenv_bits_count(&versions, m->pkg->nw))
		add_silence(r, ic, m->pkg->var, is_package(r, var) ? CENV_VAR_NONE : var,
			    &versions);
	return 0;
}

/* "`loose` is there, and nothing from outside brings in what holds it up." */
static int need_rule(struct cenv_incompat **out, struct cenv_resolver *r, uint32_t loose,
		     const bool *founded, struct cenv_err *err)
{
	struct cenv_incompat *ic = new_rule(r, CENV_CAUSE_NEEDED, loose);
	bool *circle = cenv_xcalloc(r->nmeanings, sizeof(*circle));
	int rc = find_circle(r, loose, founded, circle, err);

	cenv_incompat_term(r->solver, ic, loose,
			   is_package(r, loose) ? &r->meanings[loose].pkg->any : &cenv_only_on);
	for (uint32_t var = 0; !rc && var < r->nmeanings && !r->request->no_deps; var++)
		if (!circle[var] && !circle[r->meanings[var].pkg->var])
			rc = add_outsider(r, ic, var, circle, err);
	free(circle);
	*out = rc ? NULL : ic;
	return rc;
}

/* ---- checking a solution ---- */

static bool needs_support(const struct cenv_resolver *r, uint32_t var)
{
	const struct cenv_meaning *m = &r->meanings[var];

	if (m->feature != SIZE_MAX)
		return is_default(m) && !cenv_resolver_feature_on(r, var);
	return !m->pkg->pre_allowed &&
	       cenv_bits_has(&m->pkg->pre, m->pkg->nw, cenv_resolver_chosen(r, m->pkg));
}

/*
 * Add a rule that what is chosen now breaks. What nobody has decided about is
 * left out first, or the rule would not say anything yet.
 */
static void add_broken(struct cenv_resolver *r, struct cenv_incompat *ic)
{
	for (uint32_t i = 0; i < ic->nterms; i++) {
		uint32_t var = ic->terms[i].var;
		const union cenv_bits *domain = cenv_solver_domain(r->solver, var);
		unsigned nw = cenv_solver_words(r->solver, var);

		if (!cenv_bits_subset(domain, &ic->terms[i].set, nw)) {
			cenv_solver_decide(r->solver, var, cenv_bits_last(domain, nw));
			return;
		}
	}
	cenv_solver_add(r->solver, ic);
}

/* An exception, or a feature, without foundation: what has to be different? */
static int find_rule(struct cenv_incompat **out, struct cenv_resolver *r, uint32_t var,
		     const bool *founded, struct cenv_err *err)
{
	if (!is_package(r, var) && is_loose(r, founded, var))
		return need_rule(out, r, var, founded, err);
	for (const struct cenv_sayer *s = r->meanings[var].sayers; s; s = s->next)
		if (speaks(r, s))
			return need_rule(out, r, founded[s->asker] ? s->condition : s->asker,
					 founded, err);
	*out = exception_rule(r, var);
	return 0;
}

static bool is_acceptable(const struct cenv_resolver *r, uint32_t var, const bool *founded)
{
	if (!founded[r->meanings[var].pkg->var])
		return true; /* it will not be part of the answer */
	if (!is_package(r, var) && is_loose(r, founded, var))
		return false;
	return !needs_support(r, var) || cenv_support_has(r, var, founded);
}

int cenv_support_check(struct cenv_resolver *r, bool *ok, struct cenv_err *err)
{
	bool *founded = cenv_xcalloc(r->nmeanings, sizeof(*founded));
	uint32_t n = (uint32_t)r->nmeanings, var = 0;
	struct cenv_incompat *ic = NULL;
	int rc = find_founded(r, founded, err);

	while (!rc && var < n && is_acceptable(r, var, founded))
		var++;
	*ok = !rc && var == n;
	/* all who could say so must be known, and founded or not, before anything is said of them
	 */
	if (!rc && !*ok)
		rc = cenv_resolver_explore(r, err);
	if (!rc && !*ok && n == r->nmeanings)
		rc = find_rule(&ic, r, var, founded, err);
	if (!rc && ic)
		add_broken(r, ic);
	free(founded);
	return rc;
}

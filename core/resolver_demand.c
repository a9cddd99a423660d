/* SPDX-License-Identifier: MIT */
/* Demands become incompatibilities. */
#include <string.h>

#include "core/resolver_state.h"

const struct cenv_demands *cenv_resolver_overrides(const struct cenv_resolver *r, const char *key)
{
	return cenv_map_get(&r->overrides, key);
}

static struct cenv_incompat *new_demand(struct cenv_resolver *r, const struct cenv_context *ctx,
					const struct cenv_universe_package *target,
					const struct cenv_requirement *req, const char *feature)
{
	struct cenv_incompat *ic = cenv_incompat_new(&r->arena, ctx->cause, 4);

	ic->asker = ctx->asker;
	ic->condition = ctx->condition;
	ic->target = target->var;
	ic->req = req;
	ic->asked = ctx->asked;
	ic->feature = feature;
	if (ctx->asker != CENV_VAR_NONE)
		cenv_incompat_term(r->solver, ic, ctx->asker, &ctx->versions);
	if (ctx->condition != CENV_VAR_NONE)
		cenv_incompat_term(r->solver, ic, ctx->condition, &cenv_only_on);
	return ic;
}

static void demand_versions(struct cenv_resolver *r, const struct cenv_context *ctx,
			    struct cenv_universe_package *target,
			    const struct cenv_requirement *req, const union cenv_bits *want)
{
	struct cenv_incompat *ic = new_demand(r, ctx, target, req, NULL);
	union cenv_bits forbidden = cenv_bits_new(&r->arena, target->nw);

	/* a constraint leaves the package free to be absent */
	cenv_bits_copy(&forbidden,
		       ctx->cause == CENV_CAUSE_CONSTRAINT
			       ? &target->any
			       : cenv_solver_all(r->solver, target->var),
		       target->nw);
	cenv_bits_minus(&forbidden, want, target->nw);
	cenv_incompat_term(r->solver, ic, target->var, &forbidden);
	cenv_solver_add(r->solver, ic);
}

static void demand_feature(struct cenv_resolver *r, const struct cenv_context *ctx,
			   struct cenv_universe_package *target,
			   const struct cenv_requirement *req, const char *name, bool on)
{
	struct cenv_incompat *ic = new_demand(r, ctx, target, req, name);
	size_t feature = cenv_universe_feature(target, name);

	if (ctx->cause == CENV_CAUSE_CONSTRAINT)
		cenv_incompat_term(r->solver, ic, target->var, &target->any);
	/* a feature that does not exist can be neither on nor off: who asks for it can't be used */
	if (feature != SIZE_MAX)
		cenv_incompat_term(r->solver, ic, target->var + 1 + (uint32_t)feature,
				   on ? &cenv_only_off : &cenv_only_on);
	cenv_solver_add(r->solver, ic);
}

static void add_sayer(struct cenv_resolver *r, uint32_t var, const struct cenv_context *ctx)
{
	struct cenv_sayer *sayer = cenv_arena_alloc(&r->arena, sizeof(*sayer));

	sayer->asker = ctx->asker;
	sayer->condition = ctx->condition;
	sayer->versions = ctx->versions;
	sayer->next = r->meanings[var].sayers;
	r->meanings[var].sayers = sayer;
}

static void note_sayers(struct cenv_resolver *r, const struct cenv_context *ctx,
			struct cenv_universe_package *target, const struct cenv_requirement *req)
{
	if (!target->pre_allowed && cenv_specifier_names_prerelease(&req->spec))
		add_sayer(r, target->var, ctx);
	for (size_t i = 0; i < req->features_off.n; i++) {
		size_t feature = cenv_universe_feature(target, req->features_off.v[i]);

		if (feature != SIZE_MAX)
			add_sayer(r, target->var + 1 + (uint32_t)feature, ctx);
	}
}

void cenv_resolver_demand(struct cenv_resolver *r, const struct cenv_context *ctx,
		       struct cenv_universe_package *target, const struct cenv_requirement *req,
		       const union cenv_bits *want)
{
	demand_versions(r, ctx, target, req, want);
	if (!target->info.ncandidates)
		return;
	for (size_t i = 0; i < req->features_on.n; i++)
		demand_feature(r, ctx, target, req, req->features_on.v[i], true);
	for (size_t i = 0; i < req->features_off.n; i++)
		demand_feature(r, ctx, target, req, req->features_off.v[i], false);
	note_sayers(r, ctx, target, req);
}

void cenv_resolver_ask(struct cenv_resolver *r, const struct cenv_context *ctx,
		      struct cenv_universe_package *target, const struct cenv_requirement *req,
		      const union cenv_bits *want)
{
	const struct cenv_demands *over = cenv_resolver_overrides(r, target->key);
	struct cenv_context replaced = *ctx;

	if (!over) {
		cenv_resolver_demand(r, ctx, target, req, want);
		return;
	}
	replaced.asked = req;
	for (size_t i = 0; i < over->n; i++) {
		union cenv_bits set = cenv_universe_match(&r->universe, target,
							  &over->reqs[i]->spec);

		cenv_resolver_demand(r, &replaced, target, over->reqs[i], &set);
	}
}

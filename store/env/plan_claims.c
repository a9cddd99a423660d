/* SPDX-License-Identifier: MIT */
/* What packages want, have and give up; and what of that cannot be. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "store/env/plan_state.h"

static void add_claims(struct cenv_planner *p, const struct cenv_manifest *m, enum cenv_side side,
		       size_t owner)
{
	for (size_t i = 0; i < m->n; i++) {
		const char *slash = strrchr(m->entries[i].path, '/');

		CENV_GROW(p->claims, p->nclaims, p->cap);
		p->claims[p->nclaims++] = (struct cenv_claim){
			.entry = &m->entries[i],
			.dirlen = slash ? (unsigned)(slash - m->entries[i].path) : 0,
			.side = side,
			.owner = owner,
		};
	}
}

int cenv_claims_compare_folders(const struct cenv_claim *a, const struct cenv_claim *b)
{
	unsigned len = a->dirlen < b->dirlen ? a->dirlen : b->dirlen;
	int cmp = memcmp(a->entry->path, b->entry->path, len);

	return cmp ? cmp : (a->dirlen > b->dirlen) - (a->dirlen < b->dirlen);
}

/* By folder, so that each is listed once and before those in it; then by name, new ones first. */
static int compare_claims(const void *va, const void *vb)
{
	const struct cenv_claim *a = va, *b = vb;
	int cmp = cenv_claims_compare_folders(a, b);

	if (!cmp)
		cmp = strcmp(a->entry->path + a->dirlen, b->entry->path + b->dirlen);
	if (!cmp)
		cmp = (a->side > b->side) - (a->side < b->side);
	return cmp ? cmp : (a->owner > b->owner) - (a->owner < b->owner);
}

int cenv_claims_collect(struct cenv_planner *p, struct cenv_err *err)
{
	struct cenv_plan *plan = p->plan;

	plan->nrecords = p->records->n;
	plan->files = cenv_xcalloc(p->records->n + 1, sizeof(*plan->files));
	plan->going = cenv_xcalloc(p->records->n + 1, sizeof(*plan->going));
	for (size_t i = 0; i < p->change->nadd; i++)
		if (p->change->add[i].object)
			add_claims(p, &p->change->add[i].object->manifest, CENV_SIDE_NEW, i);
	for (size_t i = 0; i < p->records->n; i++) {
		const char *key = p->records->v[i].key;
		bool goes =
			cenv_change_replaces(p->change, key) || cenv_change_removes(p->change, key);

		if (cenv_record_files(&plan->files[i], p->env, key, err) < 0)
			return -1;
		add_claims(p, &plan->files[i], goes ? CENV_SIDE_GONE : CENV_SIDE_KEPT, i);
	}
	if (p->nclaims)
		qsort(p->claims, p->nclaims, sizeof(*p->claims), compare_claims);
	return 0;
}

/* ---- conflicts ---- */

/* "zlib 1.3.1"; caller frees */
static char *owner(const struct cenv_planner *p, const struct cenv_claim *c)
{
	const struct cenv_record *r = c->side == CENV_SIDE_NEW ? p->change->add[c->owner].record
							       : &p->records->v[c->owner];

	return cenv_strf("%s %s", r->name, r->version);
}

static void conflict_owned(struct cenv_planner *p, const struct cenv_claim *a,
			   const struct cenv_claim *b)
{
	char *x = owner(p, a), *y = owner(p, b);

	if (b->side == CENV_SIDE_NEW)
		cenv_strv_addf(&p->conflicts, "'%s' is in both '%s' and '%s'", a->entry->path, x,
			       y);
	else
		cenv_strv_addf(&p->conflicts, "'%s' of '%s' belongs to '%s' already",
			       a->entry->path, x, y);
	free(x);
	free(y);
}

void cenv_plan_conflict_user(struct cenv_planner *p, const struct cenv_claim *c, const char *path)
{
	char *x = owner(p, c);

	cenv_strv_addf(
		&p->conflicts,
		"'%s' of '%s' cannot be put in place: '%s/%s' exists and belongs to no package",
		c->entry->path, x, p->env->path, path);
	free(x);
}

int cenv_plan_refuse(const struct cenv_planner *p, struct cenv_err *err)
{
	enum { SHOWN = 20 };
	const struct cenv_strv *c = &p->conflicts;

	if (!c->n)
		return 0;
	cenv_err_set(err, CENV_E_FAIL, "%s", c->v[0]);
	for (size_t i = 1; i < c->n && i < SHOWN; i++)
		cenv_err_detail(err, "%s", c->v[i]);
	if (c->n > SHOWN)
		cenv_err_detail(err, "and %u more", c->n - SHOWN);
	cenv_err_hint(err, "nothing was changed; move the file away, or uninstall the package that "
			   "has it");
	return -1;
}

struct cenv_claim_group cenv_claims_at(const struct cenv_planner *p, size_t first)
{
	struct cenv_claim_group g = {.c = &p->claims[first]};

	for (size_t i = first; i < p->nclaims; i++, g.n++) {
		const struct cenv_claim *c = &p->claims[i];

		if (strcmp(c->entry->path, g.c->entry->path))
			break;
		if (c->side == CENV_SIDE_NEW && !g.new)
			g.new = c;
		if (c->side == CENV_SIDE_KEPT && !g.kept)
			g.kept = c;
		if (c->side == CENV_SIDE_GONE && !g.gone)
			g.gone = c;
		if (c->side == CENV_SIDE_GONE && c->entry->type != 'd')
			g.gone_file = c;
		g.keeps_folder |= c->side == CENV_SIDE_KEPT && c->entry->type == 'd';
	}
	return g;
}

bool cenv_claims_agree(struct cenv_planner *p, const struct cenv_claim_group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct cenv_claim *c = &g->c[i];

		if (c == g->new || c->side == CENV_SIDE_GONE)
			continue;
		if (c->entry->type != 'd' || g->new->entry->type != 'd') {
			conflict_owned(p, g->new, c);
			return false;
		}
	}
	return true;
}

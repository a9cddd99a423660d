/* SPDX-License-Identifier: MIT */
/* Which steps lead from what is on disk to what packages want. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/env/intact.h"
#include "store/env/plan_state.h"
#include "store/fs/fs.h"

/* What cenv itself keeps in an environment. */
static bool is_reserved(const char *path)
{
	return !strcmp(path, "cenv.cfg") || !strcmp(path, ".gitignore") ||
	       !strcmp(path, "lib/cenv") || cenv_str_starts(path, "lib/cenv/");
}

static int is_changed(struct cenv_planner *p, const struct cenv_claim *c, bool *out,
		      struct cenv_err *err)
{
	enum cenv_intact intact;
	const char *name = c->entry->path + c->dirlen + (c->dirlen > 0);

	if (cenv_intact_check(&intact, p->fd, name, c->entry, NULL, err) < 0)
		return cenv_err_wrap(err, "in '%s'", p->env->path);
	*out = intact != CENV_INTACT && intact != CENV_INTACT_MISSING;
	return 0;
}

void cenv_plan_saving(struct cenv_planner *p, struct cenv_journal *list, enum cenv_step_kind kind,
		      const char *path)
{
	struct cenv_step *step = cenv_journal_add(list, kind, path);

	step->number = ++p->plan->saves;
}

/* The user's version of a file that is replaced gets a name of its own. */
static void save_changed(struct cenv_planner *p, const struct cenv_claim *c)
{
	char *path = cenv_strf("%s.cenv-saved", c->entry->path);

	for (unsigned i = 2; cenv_fs_exists(p->env->fd, path); i++) {
		free(path);
		path = cenv_strf("%s.cenv-saved-%u", c->entry->path, i);
	}
	cenv_journal_add(&p->early, CENV_STEP_COPY, path);
	cenv_strv_addf(&p->plan->warnings,
		       "'%s/%s' was changed since it was installed: your version "
		       "is kept as '%s'",
		       p->env->path, c->entry->path, cenv_path_base(path));
	free(path);
}

/* The step is the last one of its list; assemble() makes it an index into the whole. */
static void place(struct cenv_placings *list, const struct cenv_claim *c, size_t nsteps)
{
	CENV_GROW(list->v, list->n, list->cap);
	list->v[list->n++] = (struct cenv_placing){
		.add = c->owner,
		.entry = c->entry,
		.dirlen = c->dirlen,
		.step = nsteps - 1,
	};
}

static bool is_same(const struct cenv_manifest_entry *a, const struct cenv_manifest_entry *b)
{
	if (a->type != b->type || a->reloc_kind || b->reloc_kind)
		return false;
	if (a->type == 'l')
		return !strcmp(a->target, b->target);
	return a->mode == b->mode && a->size == b->size && !strcmp(a->sha256, b->sha256);
}

/* A file or link where the package that goes has one. */
static int decide_replace(struct cenv_planner *p, const struct cenv_claim_group *g,
			  struct cenv_err *err)
{
	bool changed = true;

	if (g->disk != '?' && is_changed(p, g->gone_file, &changed, err) < 0)
		return -1;
	if (!changed && is_same(g->gone_file->entry, g->new->entry))
		return 0;
	if (changed && !p->change->force)
		save_changed(p, g->new);
	cenv_plan_saving(p, &p->replace, CENV_STEP_REPLACE, g->new->entry->path);
	place(&p->plan->replacing, g->new, p->replace.n);
	return 0;
}

static int decide_new_folder(struct cenv_planner *p, const struct cenv_claim_group *g,
			     struct cenv_err *err)
{
	const char *path = g->new->entry->path;
	bool changed = false;

	if (g->disk == 'd') {
		cenv_plan_set_folder(p, path, CENV_FOLDER_THERE);
		return 0;
	}
	if (g->disk && !g->gone_file) {
		cenv_plan_conflict_user(p, g->new, path);
		return 0;
	}
	if (g->disk) {
		if (is_changed(p, g->gone_file, &changed, err) < 0)
			return -1;
		if (changed && !p->change->force)
			save_changed(p, g->new);
		cenv_plan_saving(p, &p->early, CENV_STEP_TAKE, path);
	}
	cenv_journal_add(&p->make, CENV_STEP_MAKE, path);
	cenv_plan_set_folder(p, path, CENV_FOLDER_ABSENT);
	return 0;
}

static int decide_new(struct cenv_planner *p, const struct cenv_claim_group *g,
		      struct cenv_err *err)
{
	const char *path = g->new->entry->path;

	if (is_reserved(path)) {
		cenv_strv_addf(&p->conflicts, "'%s' of '%s' is a name that cenv keeps for itself",
			       path, p->change->add[g->new->owner].record->name);
		return 0;
	}
	if (!cenv_claims_agree(p, g))
		return 0;
	if (g->new->entry->type == 'd')
		return decide_new_folder(p, g, err);
	if (g->disk == 'd' && g->gone && !g->gone_file && !g->keeps_folder) {
		/* the old package's folder: everything in it must go, see decide_gone */
		struct stat st;

		if (fstatat(p->env->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return cenv_err_sys(err, errno, "cannot examine '%s/%s'", p->env->path,
					    path);
		cenv_journal_add(&p->vanish, CENV_STEP_UNMAKE, path)->mode = st.st_mode & 0777;
		cenv_plan_set_folder(p, path, CENV_FOLDER_VANISHES);
	} else if (g->disk && g->gone_file && g->disk != 'd') {
		return decide_replace(p, g, err);
	} else if (g->disk) {
		cenv_plan_conflict_user(p, g->new, path);
		return 0;
	}
	cenv_journal_add(&p->place, CENV_STEP_ADD, path);
	place(&p->plan->adding, g->new, p->place.n);
	return 0;
}

/* The folders that every environment has. */
static bool is_base_folder(const char *path)
{
	return !strcmp(path, "bin") || !strcmp(path, "include") || !strcmp(path, "lib") ||
	       !strcmp(path, "share");
}

static void decide_gone_folder(struct cenv_planner *p, const char *path)
{
	cenv_plan_set_folder(p, path, p->state);
	if (p->state == CENV_FOLDER_VANISHES) {
		struct stat st;
		mode_t mode = fstatat(p->env->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0
				      ? st.st_mode & 0777
				      : 0755;

		cenv_journal_add(&p->vanish, CENV_STEP_UNMAKE, path)->mode = mode;
	} else if (!is_base_folder(path)) {
		cenv_journal_add(&p->late, CENV_STEP_RMDIR, path);
	}
}

static int decide_gone(struct cenv_planner *p, const struct cenv_claim_group *g,
		       struct cenv_err *err)
{
	const char *path = g->gone->entry->path;
	bool changed = false;

	if (!g->disk)
		return 0;
	if (!g->gone_file) {
		if (g->disk == 'd')
			decide_gone_folder(p, path);
		return 0;
	}
	if (g->disk == 'd')
		return 0; /* the user's, who removed ours */
	if (is_changed(p, g->gone_file, &changed, err) < 0)
		return -1;
	if (changed && !p->change->force) {
		if (p->state == CENV_FOLDER_VANISHES)
			cenv_strv_addf(&p->conflicts,
				       "'%s/%s' was changed since it was installed, and "
				       "its folder has to go",
				       p->env->path, path);
		else
			cenv_strv_addf(&p->plan->warnings,
				       "'%s/%s' was changed since it was "
				       "installed: it stays",
				       p->env->path, path);
		return 0;
	}
	p->plan->going[g->gone_file->owner]++;
	if (p->state == CENV_FOLDER_VANISHES)
		cenv_plan_saving(p, &p->early, CENV_STEP_TAKE, path);
	else
		cenv_journal_add(&p->late, CENV_STEP_DELETE, path);
	return 0;
}

/* In a folder that has to go, everything must be the old package's. */
static void find_strangers(struct cenv_planner *p, size_t first, size_t last)
{
	const struct cenv_claim *dir = &p->claims[first];
	size_t at = first;

	for (size_t i = 0; i < p->nnames; i++) {
		const char *name;

		for (; at < last; at++) {
			name = p->claims[at].entry->path + dir->dirlen + 1;
			if (strcmp(name, p->names[i].name) >= 0)
				break;
		}
		if (at < last && !strcmp(name, p->names[i].name))
			continue;
		cenv_strv_addf(&p->conflicts,
			       "'%s/%.*s/%s' belongs to no package, and its folder has "
			       "to go",
			       p->env->path, (int)dir->dirlen, dir->entry->path, p->names[i].name);
	}
}

static int decide_folder(struct cenv_planner *p, size_t first, size_t last, struct cenv_err *err)
{
	int ret = cenv_plan_enter(p, &p->claims[first], err);

	if (ret == 0 && p->state == CENV_FOLDER_VANISHES)
		find_strangers(p, first, last);
	for (size_t i = first; ret == 0 && i < last;) {
		struct cenv_claim_group g = cenv_claims_at(p, i);

		g.disk = cenv_plan_on_disk(p, g.c);
		if (g.new)
			ret = decide_new(p, &g, err);
		else if (g.gone && !g.kept)
			ret = decide_gone(p, &g, err);
		else if (g.disk == 'd')
			cenv_plan_set_folder(p, g.c->entry->path, CENV_FOLDER_THERE);
		i += g.n;
	}
	cenv_plan_leave(p);
	return ret;
}

int cenv_plan_decide(struct cenv_planner *p, struct cenv_err *err)
{
	for (size_t first = 0, last; first < p->nclaims; first = last) {
		bool matters = false;

		for (last = first; last < p->nclaims; last++) {
			if (cenv_claims_compare_folders(&p->claims[first], &p->claims[last]))
				break;
			matters |= p->claims[last].side != CENV_SIDE_KEPT;
		}
		if (matters && decide_folder(p, first, last, err) < 0)
			return -1;
	}
	return cenv_plan_refuse(p, err);
}

/* SPDX-License-Identifier: MIT */
#include "store/env/plan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/env/intact.h"
#include "store/fs/fs.h"

/* Whose an entry of a manifest is. The order decides how claims of one path are sorted. */
enum side { SIDE_NEW, SIDE_KEPT, SIDE_GONE };

struct claim {
	const struct cenv_manifest_entry *entry;
	unsigned dirlen;
	enum side side;
	size_t owner; /* index into change->add or records */
};

/* What is known of a folder while its contents are looked at. */
enum folder { FOLDER_ABSENT, FOLDER_THERE, FOLDER_VANISHES };

/* A name in a folder on disk and its type: 'd', 'f', 'l' or '?'. */
struct name {
	char *name;
	char type;
};

struct planner {
	struct cenv_plan *plan;
	const struct cenv_env *env;
	const struct cenv_change *change;
	const struct cenv_records *records;
	struct claim *claims;
	size_t nclaims, cap;
	struct cenv_map folders; /* path -> enum folder + 1 */
	/* the folder at hand */
	int fd; /* -1: not there */
	enum folder state;
	struct name *names;
	size_t nnames, names_cap;
	/* steps that have to come in another order than they are found in */
	struct cenv_journal early, vanish, make, place, replace, recording, late;
	struct cenv_strv conflicts;
};

bool cenv_change_replaces(const struct cenv_change *change, const char *key)
{
	for (size_t i = 0; i < change->nadd; i++)
		if (change->add[i].object && !strcmp(change->add[i].record->key, key))
			return true;
	return false;
}

bool cenv_change_removes(const struct cenv_change *change, const char *key)
{
	for (size_t i = 0; i < change->nremove; i++)
		if (!strcmp(change->remove[i], key))
			return true;
	return false;
}

/* ---- claims ---- */

static void add_claims(struct planner *p, const struct cenv_manifest *m, enum side side,
		       size_t owner)
{
	for (size_t i = 0; i < m->n; i++) {
		const char *slash = strrchr(m->entries[i].path, '/');

		CENV_GROW(p->claims, p->nclaims, p->cap);
		p->claims[p->nclaims++] = (struct claim){
			.entry = &m->entries[i],
			.dirlen = slash ? (unsigned)(slash - m->entries[i].path) : 0,
			.side = side,
			.owner = owner,
		};
	}
}

static int compare_folders(const struct claim *a, const struct claim *b)
{
	unsigned len = a->dirlen < b->dirlen ? a->dirlen : b->dirlen;
	int cmp = memcmp(a->entry->path, b->entry->path, len);

	return cmp ? cmp : (a->dirlen > b->dirlen) - (a->dirlen < b->dirlen);
}

/* By folder, so that each is listed once and before those in it; then by name, new ones first. */
static int compare_claims(const void *va, const void *vb)
{
	const struct claim *a = va, *b = vb;
	int cmp = compare_folders(a, b);

	if (!cmp)
		cmp = strcmp(a->entry->path + a->dirlen, b->entry->path + b->dirlen);
	if (!cmp)
		cmp = (a->side > b->side) - (a->side < b->side);
	return cmp ? cmp : (a->owner > b->owner) - (a->owner < b->owner);
}

static int collect(struct planner *p, struct cenv_err *err)
{
	struct cenv_plan *plan = p->plan;

	plan->nrecords = p->records->n;
	plan->files = cenv_xcalloc(p->records->n + 1, sizeof(*plan->files));
	plan->going = cenv_xcalloc(p->records->n + 1, sizeof(*plan->going));
	for (size_t i = 0; i < p->change->nadd; i++)
		if (p->change->add[i].object)
			add_claims(p, &p->change->add[i].object->manifest, SIDE_NEW, i);
	for (size_t i = 0; i < p->records->n; i++) {
		const char *key = p->records->v[i].key;
		bool goes = cenv_change_replaces(p->change, key) ||
			    cenv_change_removes(p->change, key);

		if (cenv_record_files(&plan->files[i], p->env, key, err) < 0)
			return -1;
		add_claims(p, &plan->files[i], goes ? SIDE_GONE : SIDE_KEPT, i);
	}
	if (p->nclaims)
		qsort(p->claims, p->nclaims, sizeof(*p->claims), compare_claims);
	return 0;
}

/* ---- conflicts ---- */

/* "zlib 1.3.1"; caller frees */
static char *owner(const struct planner *p, const struct claim *c)
{
	const struct cenv_record *r = c->side == SIDE_NEW ? p->change->add[c->owner].record
							  : &p->records->v[c->owner];

	return cenv_strf("%s %s", r->name, r->version);
}

static void conflict_owned(struct planner *p, const struct claim *a, const struct claim *b)
{
	char *x = owner(p, a), *y = owner(p, b);

	if (b->side == SIDE_NEW)
		cenv_strv_addf(&p->conflicts, "'%s' is in both '%s' and '%s'", a->entry->path, x, y);
	else
		cenv_strv_addf(&p->conflicts, "'%s' of '%s' belongs to '%s' already",
			       a->entry->path, x, y);
	free(x);
	free(y);
}

static void conflict_user(struct planner *p, const struct claim *c, const char *path)
{
	char *x = owner(p, c);

	cenv_strv_addf(&p->conflicts,
		       "'%s' of '%s' cannot be put in place: '%s/%s' exists and belongs to no package",
		       c->entry->path, x, p->env->path, path);
	free(x);
}

static int refuse(const struct planner *p, struct cenv_err *err)
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

/* What cenv itself keeps in an environment. */
static bool is_reserved(const char *path)
{
	return !strcmp(path, "cenv.cfg") || !strcmp(path, ".gitignore") ||
	       !strcmp(path, "lib/cenv") || cenv_str_starts(path, "lib/cenv/");
}

/* ---- the folder at hand ---- */

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->name, ((const struct name *)b)->name);
}

static char type_of(int fd, const struct dirent *e)
{
	struct stat st;

	switch (e->d_type) {
	case DT_DIR:
		return 'd';
	case DT_REG:
		return 'f';
	case DT_LNK:
		return 'l';
	case DT_UNKNOWN:
		break;
	default:
		return '?';
	}
	if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return '?';
	return S_ISDIR(st.st_mode) ? 'd' : S_ISREG(st.st_mode) ? 'f' : S_ISLNK(st.st_mode) ? 'l' : '?';
}

static int list_names(struct planner *p, const char *label, struct cenv_err *err)
{
	int copy = fcntl(p->fd, F_DUPFD_CLOEXEC, 0);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;
	int ret = 0;

	if (!dir) {
		cenv_err_sys(err, errno, "cannot list '%s'", label);
		if (copy >= 0)
			close(copy);
		return -1;
	}
	while ((e = cenv_fs_next(dir))) {
		CENV_GROW(p->names, p->nnames, p->names_cap);
		p->names[p->nnames++] = (struct name){cenv_xstrdup(e->d_name), type_of(copy, e)};
	}
	if (errno)
		ret = cenv_err_sys(err, errno, "cannot list '%s'", label);
	closedir(dir);
	if (p->nnames)
		qsort(p->names, p->nnames, sizeof(*p->names), compare_names);
	return ret;
}

static void leave_folder(struct planner *p)
{
	for (size_t i = 0; i < p->nnames; i++)
		free(p->names[i].name);
	p->nnames = 0;
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static void set_folder(struct planner *p, const char *path, enum folder state)
{
	cenv_map_put(&p->folders, path, (void *)((uintptr_t)state + 1));
}

/* Open and list the folder that claims are in, if it is there. */
static int enter_folder(struct planner *p, const struct claim *c, struct cenv_err *err)
{
	char *path = c->dirlen ? cenv_xstrndup(c->entry->path, c->dirlen) : cenv_xstrdup(".");
	uintptr_t known = c->dirlen ? (uintptr_t)cenv_map_get(&p->folders, path)
				    : (uintptr_t)FOLDER_THERE + 1;
	int ret = 0;

	p->state = known ? (enum folder)(known - 1) : FOLDER_ABSENT;
	if (p->state != FOLDER_ABSENT) {
		p->fd = openat(p->env->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		ret = p->fd < 0 ? cenv_err_sys(err, errno, "cannot open folder '%s/%s'", p->env->path,
					       path)
				: list_names(p, path, err);
	}
	free(path);
	return ret;
}

/* The type of a claim's path on disk; 0: nothing there. */
static char on_disk(const struct planner *p, const struct claim *c)
{
	const struct name key = {.name = c->entry->path + c->dirlen + (c->dirlen > 0)};
	const struct name *found;

	found = p->nnames ? bsearch(&key, p->names, p->nnames, sizeof(key), compare_names) : NULL;
	return found ? found->type : 0;
}

/* ---- decisions ---- */

/* All claims of one path. */
struct group {
	const struct claim *c;
	size_t n;
	const struct claim *new, *kept, *gone; /* the first of each side */
	const struct claim *gone_file;         /* the one claim of SIDE_GONE that is no folder */
	bool keeps_folder;                     /* a package that stays has it as a folder */
	char disk;
};

static struct group group_of(const struct planner *p, size_t first)
{
	struct group g = {.c = &p->claims[first]};

	for (size_t i = first; i < p->nclaims; i++, g.n++) {
		const struct claim *c = &p->claims[i];

		if (strcmp(c->entry->path, g.c->entry->path))
			break;
		if (c->side == SIDE_NEW && !g.new)
			g.new = c;
		if (c->side == SIDE_KEPT && !g.kept)
			g.kept = c;
		if (c->side == SIDE_GONE && !g.gone)
			g.gone = c;
		if (c->side == SIDE_GONE && c->entry->type != 'd')
			g.gone_file = c;
		g.keeps_folder |= c->side == SIDE_KEPT && c->entry->type == 'd';
	}
	return g;
}

/* Two packages may share folders, nothing else. */
static bool claims_agree(struct planner *p, const struct group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct claim *c = &g->c[i];

		if (c == g->new || c->side == SIDE_GONE)
			continue;
		if (c->entry->type != 'd' || g->new->entry->type != 'd') {
			conflict_owned(p, g->new, c);
			return false;
		}
	}
	return true;
}

static int is_changed(struct planner *p, const struct claim *c, bool *out, struct cenv_err *err)
{
	enum cenv_intact intact;
	const char *name = c->entry->path + c->dirlen + (c->dirlen > 0);

	if (cenv_intact_check(&intact, p->fd, name, c->entry, NULL, err) < 0)
		return cenv_err_wrap(err, "in '%s'", p->env->path);
	*out = intact != CENV_INTACT && intact != CENV_INTACT_MISSING;
	return 0;
}

static void add_saving(struct planner *p, struct cenv_journal *list, enum cenv_step_kind kind,
		       const char *path)
{
	struct cenv_step *step = cenv_journal_add(list, kind, path);

	step->number = ++p->plan->saves;
}

/* The user's version of a file that is replaced gets a name of its own. */
static void save_changed(struct planner *p, const struct claim *c)
{
	char *path = cenv_strf("%s.cenv-saved", c->entry->path);

	for (unsigned i = 2; cenv_fs_exists(p->env->fd, path); i++) {
		free(path);
		path = cenv_strf("%s.cenv-saved-%u", c->entry->path, i);
	}
	cenv_journal_add(&p->early, CENV_STEP_COPY, path);
	cenv_strv_addf(&p->plan->warnings, "'%s/%s' was changed since it was installed: your version "
		       "is kept as '%s'", p->env->path, c->entry->path, cenv_path_base(path));
	free(path);
}

/* The step is the last one of its list; assemble() makes it an index into the whole. */
static void place(struct cenv_placings *list, const struct claim *c, size_t nsteps)
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
static int decide_replace(struct planner *p, const struct group *g, struct cenv_err *err)
{
	bool changed = true;

	if (g->disk != '?' && is_changed(p, g->gone_file, &changed, err) < 0)
		return -1;
	if (!changed && is_same(g->gone_file->entry, g->new->entry))
		return 0;
	if (changed && !p->change->force)
		save_changed(p, g->new);
	add_saving(p, &p->replace, CENV_STEP_REPLACE, g->new->entry->path);
	place(&p->plan->replacing, g->new, p->replace.n);
	return 0;
}

static int decide_new_folder(struct planner *p, const struct group *g, struct cenv_err *err)
{
	const char *path = g->new->entry->path;
	bool changed = false;

	if (g->disk == 'd') {
		set_folder(p, path, FOLDER_THERE);
		return 0;
	}
	if (g->disk && !g->gone_file) {
		conflict_user(p, g->new, path);
		return 0;
	}
	if (g->disk) {
		if (is_changed(p, g->gone_file, &changed, err) < 0)
			return -1;
		if (changed && !p->change->force)
			save_changed(p, g->new);
		add_saving(p, &p->early, CENV_STEP_TAKE, path);
	}
	cenv_journal_add(&p->make, CENV_STEP_MAKE, path);
	set_folder(p, path, FOLDER_ABSENT);
	return 0;
}

static int decide_new(struct planner *p, const struct group *g, struct cenv_err *err)
{
	const char *path = g->new->entry->path;

	if (is_reserved(path)) {
		cenv_strv_addf(&p->conflicts, "'%s' of '%s' is a name that cenv keeps for itself", path,
			       p->change->add[g->new->owner].record->name);
		return 0;
	}
	if (!claims_agree(p, g))
		return 0;
	if (g->new->entry->type == 'd')
		return decide_new_folder(p, g, err);
	if (g->disk == 'd' && g->gone && !g->gone_file && !g->keeps_folder) {
		/* the old package's folder: everything in it must go, see decide_gone */
		struct stat st;

		if (fstatat(p->env->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return cenv_err_sys(err, errno, "cannot examine '%s/%s'", p->env->path, path);
		cenv_journal_add(&p->vanish, CENV_STEP_UNMAKE, path)->mode = st.st_mode & 0777;
		set_folder(p, path, FOLDER_VANISHES);
	} else if (g->disk && g->gone_file && g->disk != 'd') {
		return decide_replace(p, g, err);
	} else if (g->disk) {
		conflict_user(p, g->new, path);
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

static void decide_gone_folder(struct planner *p, const char *path)
{
	set_folder(p, path, p->state);
	if (p->state == FOLDER_VANISHES) {
		struct stat st;
		mode_t mode = fstatat(p->env->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0
				      ? st.st_mode & 0777
				      : 0755;

		cenv_journal_add(&p->vanish, CENV_STEP_UNMAKE, path)->mode = mode;
	} else if (!is_base_folder(path)) {
		cenv_journal_add(&p->late, CENV_STEP_RMDIR, path);
	}
}

static int decide_gone(struct planner *p, const struct group *g, struct cenv_err *err)
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
		if (p->state == FOLDER_VANISHES)
			cenv_strv_addf(&p->conflicts, "'%s/%s' was changed since it was installed, and "
				       "its folder has to go", p->env->path, path);
		else
			cenv_strv_addf(&p->plan->warnings, "'%s/%s' was changed since it was "
				       "installed: it stays", p->env->path, path);
		return 0;
	}
	p->plan->going[g->gone_file->owner]++;
	if (p->state == FOLDER_VANISHES)
		add_saving(p, &p->early, CENV_STEP_TAKE, path);
	else
		cenv_journal_add(&p->late, CENV_STEP_DELETE, path);
	return 0;
}

/* In a folder that has to go, everything must be the old package's. */
static void find_strangers(struct planner *p, size_t first, size_t last)
{
	const struct claim *dir = &p->claims[first];
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
		cenv_strv_addf(&p->conflicts, "'%s/%.*s/%s' belongs to no package, and its folder has "
			       "to go", p->env->path, (int)dir->dirlen, dir->entry->path,
			       p->names[i].name);
	}
}

static int decide_folder(struct planner *p, size_t first, size_t last, struct cenv_err *err)
{
	int ret = enter_folder(p, &p->claims[first], err);

	if (ret == 0 && p->state == FOLDER_VANISHES)
		find_strangers(p, first, last);
	for (size_t i = first; ret == 0 && i < last;) {
		struct group g = group_of(p, i);

		g.disk = on_disk(p, g.c);
		if (g.new)
			ret = decide_new(p, &g, err);
		else if (g.gone && !g.kept)
			ret = decide_gone(p, &g, err);
		else if (g.disk == 'd')
			set_folder(p, g.c->entry->path, FOLDER_THERE);
		i += g.n;
	}
	leave_folder(p);
	return ret;
}

static int decide_all(struct planner *p, struct cenv_err *err)
{
	for (size_t first = 0, last; first < p->nclaims; first = last) {
		bool matters = false;

		for (last = first; last < p->nclaims; last++) {
			if (compare_folders(&p->claims[first], &p->claims[last]))
				break;
			matters |= p->claims[last].side != SIDE_KEPT;
		}
		if (matters && decide_folder(p, first, last, err) < 0)
			return -1;
	}
	return refuse(p, err);
}

/* ---- the result ---- */

static void move_steps(struct cenv_journal *to, struct cenv_journal *from)
{
	for (size_t i = 0; i < from->n; i++) {
		CENV_GROW(to->steps, to->n, to->cap);
		to->steps[to->n++] = from->steps[i];
	}
	from->n = 0;
}

static void reverse_steps(struct cenv_journal *list)
{
	for (size_t i = 0, j = list->n; i + 1 < j; i++) {
		struct cenv_step step = list->steps[i];

		list->steps[i] = list->steps[--j];
		list->steps[j] = step;
	}
}

static int compare_placings(const void *va, const void *vb)
{
	const struct cenv_placing *a = va, *b = vb;
	const struct claim x = {.entry = a->entry, .dirlen = (unsigned)a->dirlen};
	const struct claim y = {.entry = b->entry, .dirlen = (unsigned)b->dirlen};
	int cmp = compare_folders(&x, &y);

	if (!cmp)
		cmp = (a->add > b->add) - (a->add < b->add);
	return cmp ? cmp : strcmp(a->entry->path, b->entry->path);
}

static int compare_replacings(const void *va, const void *vb)
{
	const struct cenv_placing *a = va, *b = vb;
	int cmp = (a->entry->type == 'l') - (b->entry->type == 'l');

	return cmp ? cmp : compare_placings(va, vb);
}

static void sort_placings(struct cenv_placings *list, size_t first_step,
			  int (*compare)(const void *, const void *))
{
	for (size_t i = 0; i < list->n; i++)
		list->v[i].step += first_step;
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), compare);
}

/* A file of cenv's own that is written anew. */
static void record_file(struct planner *p, const char *path)
{
	if (cenv_fs_exists(p->env->fd, path))
		add_saving(p, &p->recording, CENV_STEP_REPLACE, path);
	else
		cenv_journal_add(&p->recording, CENV_STEP_ADD, path);
}

static void record_addition(struct planner *p, const struct cenv_addition *add)
{
	char *files = cenv_strf("lib/cenv/%s.files", add->record->key);
	char *json = cenv_strf("lib/cenv/%s.json", add->record->key);

	if (add->object)
		record_file(p, files);
	record_file(p, json);
	free(files);
	free(json);
}

static void record_removal(struct planner *p, const char *key)
{
	static const char *const suffixes[] = {"json", "files"};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		char *path = cenv_strf("lib/cenv/%s.%s", key, suffixes[i]);

		cenv_journal_add(&p->late, CENV_STEP_DELETE, path);
		free(path);
	}
}

static bool holds_prefix(const struct cenv_change *change)
{
	for (size_t i = 0; i < change->nadd; i++)
		if (change->add[i].object && cenv_manifest_is_patched(&change->add[i].object->manifest))
			return true;
	return false;
}

/* lib/cenv/prefix says where patched files think they are, see lock.c. */
static void record_prefix(struct planner *p)
{
	struct cenv_buf now = CENV_BUF_INIT;
	struct cenv_err ignored = CENV_ERR_INIT; /* unreadable is as good as different */

	p->plan->prefix_step = SIZE_MAX;
	if (holds_prefix(p->change) &&
	    (cenv_fs_read(p->env->fd, "lib/cenv/prefix", 65536, &now, &ignored) < 0 ||
	     strcmp(now.buf, p->env->path))) {
		p->plan->prefix_step = p->recording.n;
		record_file(p, "lib/cenv/prefix");
	}
	cenv_err_release(&ignored);
	cenv_buf_release(&now);
}

static void record_all(struct planner *p)
{
	for (size_t i = 0; i < p->change->nadd; i++)
		record_addition(p, &p->change->add[i]);
	record_prefix(p);
	for (size_t i = 0; i < p->change->nremove; i++)
		if (cenv_records_find(p->records, p->change->remove[i]))
			record_removal(p, p->change->remove[i]);
}

/* All steps in the order in which they are carried out. */
static void assemble(struct planner *p)
{
	struct cenv_plan *plan = p->plan;
	struct cenv_journal *journal = &plan->journal;

	reverse_steps(&p->vanish);
	move_steps(journal, &p->early);
	move_steps(journal, &p->vanish);
	move_steps(journal, &p->make);
	sort_placings(&plan->adding, journal->n, compare_placings);
	move_steps(journal, &p->place);
	sort_placings(&plan->replacing, journal->n, compare_replacings);
	move_steps(journal, &p->replace);
	plan->record_steps = journal->n;
	if (plan->prefix_step != SIZE_MAX)
		plan->prefix_step += journal->n;
	move_steps(journal, &p->recording);
	move_steps(journal, &p->late);
}

static void planner_release(struct planner *p)
{
	struct cenv_journal *lists[] = {&p->early, &p->vanish,  &p->make,      &p->place,
					&p->replace, &p->recording, &p->late};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		cenv_journal_release(lists[i]);
	leave_folder(p);
	free(p->names);
	free(p->claims);
	cenv_map_release(&p->folders, NULL);
	cenv_strv_release(&p->conflicts);
}

int cenv_plan_make(struct cenv_plan *out, const struct cenv_env *env,
		   const struct cenv_change *change, const struct cenv_records *records,
		   struct cenv_err *err)
{
	struct planner p = {.plan = out, .env = env, .change = change, .records = records, .fd = -1};
	int ret = -1;

	*out = (struct cenv_plan){0};
	if (collect(&p, err) == 0 && decide_all(&p, err) == 0) {
		record_all(&p);
		assemble(&p);
		out->journal.command = cenv_xstrdup(change->command);
		ret = 0;
	}
	planner_release(&p);
	if (ret < 0)
		cenv_plan_release(out);
	return ret;
}

void cenv_plan_release(struct cenv_plan *plan)
{
	for (size_t i = 0; i < plan->nrecords; i++)
		cenv_manifest_release(&plan->files[i]);
	free(plan->files);
	free(plan->going);
	for (size_t i = 0; i < plan->adding.n; i++)
		free(plan->adding.v[i].sha256);
	for (size_t i = 0; i < plan->replacing.n; i++)
		free(plan->replacing.v[i].sha256);
	free(plan->adding.v);
	free(plan->replacing.v);
	cenv_journal_release(&plan->journal);
	cenv_strv_release(&plan->warnings);
	*plan = (struct cenv_plan){0};
}

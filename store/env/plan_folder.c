/* SPDX-License-Identifier: MIT */
/* What is on disk, a folder at a time. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "store/env/plan_state.h"
#include "store/fs/fs.h"

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct cenv_disk_name *)a)->name,
		      ((const struct cenv_disk_name *)b)->name);
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
	return S_ISDIR(st.st_mode)   ? 'd'
	       : S_ISREG(st.st_mode) ? 'f'
	       : S_ISLNK(st.st_mode) ? 'l'
				     : '?';
}

static int list_names(struct cenv_planner *p, const char *label, struct cenv_err *err)
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
		p->names[p->nnames++] =
			(struct cenv_disk_name){cenv_xstrdup(e->d_name), type_of(copy, e)};
	}
	if (errno)
		ret = cenv_err_sys(err, errno, "cannot list '%s'", label);
	closedir(dir);
	if (p->nnames)
		qsort(p->names, p->nnames, sizeof(*p->names), compare_names);
	return ret;
}

void cenv_plan_leave(struct cenv_planner *p)
{
	for (size_t i = 0; i < p->nnames; i++)
		free(p->names[i].name);
	p->nnames = 0;
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

void cenv_plan_set_folder(struct cenv_planner *p, const char *path, enum cenv_folder state)
{
	cenv_map_put(&p->folders, path, (void *)((uintptr_t)state + 1));
}

int cenv_plan_enter(struct cenv_planner *p, const struct cenv_claim *c, struct cenv_err *err)
{
	char *path = c->dirlen ? cenv_xstrndup(c->entry->path, c->dirlen) : cenv_xstrdup(".");
	uintptr_t known = c->dirlen ? (uintptr_t)cenv_map_get(&p->folders, path)
				    : (uintptr_t)CENV_FOLDER_THERE + 1;
	int ret = 0;

	p->state = known ? (enum cenv_folder)(known - 1) : CENV_FOLDER_ABSENT;
	if (p->state != CENV_FOLDER_ABSENT) {
		p->fd = openat(p->env->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		ret = p->fd < 0 ? cenv_err_sys(err, errno, "cannot open folder '%s/%s'",
					       p->env->path, path)
				: list_names(p, path, err);
	}
	free(path);
	return ret;
}

char cenv_plan_on_disk(const struct cenv_planner *p, const struct cenv_claim *c)
{
	const struct cenv_disk_name key = {.name = c->entry->path + c->dirlen + (c->dirlen > 0)};
	const struct cenv_disk_name *found;

	found = p->nnames ? bsearch(&key, p->names, p->nnames, sizeof(key), compare_names) : NULL;
	return found ? found->type : 0;
}

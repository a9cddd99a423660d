/* SPDX-License-Identifier: MIT */
#include "store/fetch/candidates.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/secret.h"
#include "store/fetch/url.h"
#include "store/fs/fs.h"

static void add(struct cenv_candidates *list, const char *where, const char *mirror)
{
	struct cenv_candidate c = {.mirror = mirror};

	c.path = cenv_url_local_path(where);
	if (mirror && c.path && !cenv_fs_exists(AT_FDCWD, c.path)) {
		free(c.path);
		return;
	}
	if (!c.path)
		c.url = cenv_xstrdup(where);
	c.label = cenv_url_redact(where);
	CENV_GROW(list->v, list->n, list->cap);
	list->v[list->n++] = c;
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("-._~", c);
}

static void add_below(struct cenv_candidates *list, const char *mirror, const char *name)
{
	bool is_url = cenv_url_is_remote(mirror) || !strncmp(mirror, "file:", 5);
	struct cenv_buf where = CENV_BUF_INIT;

	cenv_buf_adds(&where, mirror);
	if (!where.len || where.buf[where.len - 1] != '/')
		cenv_buf_addc(&where, '/');
	for (; *name; name++)
		if (!is_url || is_name_byte(*name) || *name == '/')
			cenv_buf_addc(&where, *name);
		else
			cenv_buf_addf(&where, "%%%02X", (unsigned char)*name);
	add(list, where.buf, mirror);
	cenv_buf_release(&where);
}

static void add_mirror(struct cenv_candidates *list, const char *mirror,
		       const struct cenv_fetch_item *item, const struct cenv_strv *names)
{
	for (size_t i = 0; item->sha256 && i < item->sha256->n; i++) {
		char *below = cenv_strf("sha256/%s", item->sha256->v[i]);

		add_below(list, mirror, below);
		add_below(list, mirror, item->sha256->v[i]);
		free(below);
	}
	for (size_t i = 0; i < names->n; i++)
		add_below(list, mirror, names->v[i]);
}

void cenv_candidates_list(struct cenv_candidates *out, const struct cenv_fetch_item *item,
			  const struct cenv_strv *mirrors)
{
	struct cenv_strv names = {0};

	for (size_t i = 0; item->urls && i < item->urls->n; i++) {
		char *name = cenv_url_file_name(item->urls->v[i]);

		if (name && !cenv_strv_has(&names, name))
			cenv_strv_add(&names, name);
		free(name);
	}
	for (size_t i = 0; mirrors && i < mirrors->n; i++)
		add_mirror(out, mirrors->v[i], item, &names);
	for (size_t i = 0; item->urls && i < item->urls->n; i++)
		add(out, item->urls->v[i], NULL);
	cenv_strv_release(&names);
}

void cenv_candidates_release(struct cenv_candidates *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].url);
		free(list->v[i].path);
		free(list->v[i].label);
	}
	free(list->v);
	*list = (struct cenv_candidates){0};
}

/* SPDX-License-Identifier: MIT */
#include "store/object/relpath.h"

#include <stdbool.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

/* drop the last component; false at the root */
static bool go_up(struct cenv_buf *path)
{
	const char *slash = strrchr(path->buf, '/');

	if (!path->len)
		return false;
	cenv_buf_truncate(path, slash ? (size_t)(slash - path->buf) : 0);
	return true;
}

static bool walk(struct cenv_buf *path, const char *rest)
{
	while (*rest) {
		size_t len = strcspn(rest, "/");

		if (len == 2 && !memcmp(rest, "..", 2)) {
			if (!go_up(path))
				return false;
		} else if (len && !(len == 1 && *rest == '.')) {
			if (path->len)
				cenv_buf_addc(path, '/');
			cenv_buf_add(path, rest, len);
		}
		rest += len + (rest[len] == '/');
	}
	return true;
}

char *cenv_relpath_resolve(const char *dir, const char *rest)
{
	struct cenv_buf path = CENV_BUF_INIT;

	if (walk(&path, dir) && walk(&path, rest))
		return cenv_buf_detach(&path);
	cenv_buf_release(&path);
	return NULL;
}

char *cenv_relpath_between(const char *from, const char *to)
{
	struct cenv_buf path = CENV_BUF_INIT;
	size_t common = 0;

	for (size_t i = 0;; i++) {
		bool from_ends = from[i] == '/' || !from[i], to_ends = to[i] == '/' || !to[i];

		if (from_ends && to_ends)
			common = i;
		if (!from[i] || from[i] != to[i])
			break;
	}
	for (const char *p = from + common; *p;) {
		p += *p == '/';
		if (!*p)
			break;
		cenv_buf_adds(&path, path.len ? "/.." : "..");
		p += strcspn(p, "/");
	}
	to += common;
	to += *to == '/';
	if (*to && path.len)
		cenv_buf_addc(&path, '/');
	cenv_buf_adds(&path, to);
	if (!path.len)
		cenv_buf_addc(&path, '.');
	return cenv_buf_detach(&path);
}

char *cenv_relpath_dir(const char *path)
{
	const char *slash = strrchr(path, '/');

	return cenv_xstrndup(path, slash ? (size_t)(slash - path) : 0);
}

/* SPDX-License-Identifier: MIT */
#include "store/unpack/member.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/str.h"

static int refuse(struct cenv_err *err, const char *raw, const char *why)
{
	return cenv_err_set(err, CENV_E_INTEGRITY, "member '%.300s%s' %s", raw,
			    strlen(raw) > 300 ? "..." : "", why);
}

static const char *name_fault(const char *raw, unsigned flags)
{
	if (!*raw)
		return "has no name";
	if (*raw == '/')
		return "has an absolute name";
	if (strlen(raw) >= PATH_MAX)
		return "has a name that is too long";
	if (!cenv_is_printable(raw, strlen(raw)))
		return "has control characters in its name, or a name that is not UTF-8";
	if ((flags & CENV_MEMBER_NO_BACKSLASH) && strchr(raw, '\\'))
		return "has a backslash in its name";
	return NULL;
}

static const char *component_fault(const char *name, size_t len, unsigned depth)
{
	if (len == 2 && name[0] == '.' && name[1] == '.')
		return "leaves the target by '..'";
	if (len > NAME_MAX)
		return "has a name that is too long";
	if (depth > CENV_MEMBER_DEPTH)
		return "is nested too deeply";
	return NULL;
}

char *cenv_member_path(const char *raw, unsigned flags, struct cenv_err *err)
{
	struct cenv_buf out = CENV_BUF_INIT;
	const char *fault = name_fault(raw, flags);
	unsigned depth = 0;

	for (const char *p = raw; !fault && *p;) {
		size_t len = strcspn(p, "/");

		if (len && !(len == 1 && *p == '.')) {
			fault = component_fault(p, len, depth++);
			if (out.len)
				cenv_buf_addc(&out, '/');
			cenv_buf_add(&out, p, len);
		}
		p += len + (p[len] == '/');
	}
	if (!fault)
		return cenv_buf_detach(&out);
	refuse(err, raw, fault);
	cenv_buf_release(&out);
	return NULL;
}

static unsigned depth_of(const char *path)
{
	unsigned n = 0;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

static const char *target_fault(const char *target)
{
	if (!*target)
		return "links to nothing";
	if (*target == '/')
		return "links to an absolute path";
	if (strlen(target) >= PATH_MAX)
		return "has a link target that is too long";
	if (!cenv_is_printable(target, strlen(target)))
		return "has control characters in its link target, or one that is not UTF-8";
	return NULL;
}

int cenv_member_symlink(const char *path, const char *target, unsigned *level, struct cenv_err *err)
{
	const char *fault = target_fault(target);
	bool down = false;

	*level = depth_of(path);
	for (const char *p = target; !fault && *p;) {
		size_t len = strcspn(p, "/");

		if (len == 2 && p[0] == '.' && p[1] == '.') {
			if (*level == 0)
				fault = "links to a place outside of the target";
			else if (down)
				fault = "links through a folder and up again";
			else
				--*level;
		} else if (len && !(len == 1 && *p == '.')) {
			down = true;
		}
		p += len + (p[len] == '/');
	}
	return fault ? refuse(err, path, fault) : 0;
}

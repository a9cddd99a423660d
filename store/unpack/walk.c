/* SPDX-License-Identifier: MIT */
#include "store/unpack/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "store/proc/proc.h"
#include "store/unpack/member.h"
#include "store/unpack/places.h"
#include "store/unpack/sniff.h"

#define MIB (1024ULL * 1024)

struct walk {
	const struct cenv_archive_module *module;
	struct cenv_archive *archive;
	const struct cenv_walk_visitor *visitor;
	void *payload;
	unsigned long long max_entries, max_bytes;
	unsigned ratio; /* 0: max_bytes is not from the archive's own size */
	unsigned long long entries, bytes;
	struct cenv_places places;
	char *top;	/* first component of the first member */
	bool many_tops; /* another top, or one that is no folder */
	char *top_link; /* a symlink below the top folder that points at what is beside it */
};

static void set_limits(struct walk *walk, const struct cenv_unpack_limits *limits,
		       unsigned long long packed)
{
	static const struct cenv_unpack_limits none;
	const struct cenv_unpack_limits *l = limits ? limits : &none;
	unsigned ratio = l->max_ratio ? l->max_ratio : 200;
	unsigned long long by_ratio = packed < ~0ULL / ratio ? packed * ratio : ~0ULL;

	walk->max_entries = l->max_entries ? l->max_entries : 200000;
	walk->max_bytes = l->max_bytes ? l->max_bytes : 8192 * MIB;
	if (by_ratio < 64 * MIB)
		by_ratio = 64 * MIB;
	if (walk->max_bytes > by_ratio) {
		walk->max_bytes = by_ratio;
		walk->ratio = ratio;
	}
}

static int refuse(struct cenv_err *err, const char *path, const char *why)
{
	return cenv_err_set(err, CENV_E_INTEGRITY, "member '%s' %s", path, why);
}

static int check_size(const struct walk *walk, const struct cenv_member *member,
		      unsigned long long size, struct cenv_err *err)
{
	if (size <= walk->max_bytes && walk->bytes <= walk->max_bytes - size)
		return 0;
	if (walk->ratio)
		cenv_err_set(err, CENV_E_INTEGRITY,
			     "member '%s' makes it unpack to more than %u times its own size",
			     member->path, walk->ratio);
	else
		cenv_err_set(err, CENV_E_INTEGRITY,
			     "member '%s' makes it unpack to more than %llu MiB", member->path,
			     walk->max_bytes / MIB);
	cenv_err_hint(err, "if you trust it, raise the limit with --archive-max-%s",
		      walk->ratio ? "ratio" : "size");
	return -1;
}

static void note_top(struct walk *walk, const struct cenv_member *member)
{
	size_t len = strcspn(member->path, "/");

	if (!member->path[len] && member->type != CENV_MEMBER_DIR)
		walk->many_tops = true;
	if (!walk->top)
		walk->top = cenv_xstrndup(member->path, len);
	else if (strlen(walk->top) != len || strncmp(walk->top, member->path, len))
		walk->many_tops = true;
}

static int check_link(struct walk *walk, const struct cenv_member *member, struct cenv_err *err)
{
	unsigned level;

	if (cenv_member_symlink(member->path, member->link, &level, err) < 0)
		return -1;
	if (level == 0 && !walk->top_link && strchr(member->path, '/'))
		walk->top_link = cenv_xstrdup(member->path);
	return 0;
}

/* Contents in order; holes and a shortened end are told as such. */
static int walk_data(struct walk *walk, const struct cenv_member *member, struct cenv_err *err)
{
	unsigned long long at = 0, offset;
	const void *data;
	size_t len;
	int ret;

	if (check_size(walk, member, member->size, err) < 0)
		return -1;
	while ((ret = walk->module->read(walk->archive, &data, &len, &offset, err)) > 0) {
		if (offset < at || len > walk->max_bytes)
			return refuse(err, member->path, "has contents that overlap");
		if (check_size(walk, member, offset, err) < 0 ||
		    check_size(walk, member, offset + len, err) < 0 ||
		    cenv_interrupt_check(err) < 0)
			return -1;
		if (offset > at &&
		    walk->visitor->data(walk->payload, NULL, offset - at, at, err) < 0)
			return -1;
		if (len && walk->visitor->data(walk->payload, data, len, offset, err) < 0)
			return -1;
		at = offset + len;
	}
	if (ret < 0)
		return cenv_err_wrap(err, "member '%s'", member->path);
	if (member->size > at) {
		if (walk->visitor->data(walk->payload, NULL, member->size - at, at, err) < 0)
			return -1;
		at = member->size;
	}
	walk->bytes += at;
	return walk->visitor->end ? walk->visitor->end(walk->payload, member, err) : 0;
}

static int visit(struct walk *walk, struct cenv_member *member, struct cenv_err *err)
{
	if (walk->entries++ >= walk->max_entries) {
		cenv_err_set(err, CENV_E_INTEGRITY, "it has more than %llu members, the next is '%s'",
			     walk->max_entries, member->path);
		cenv_err_hint(err, "if you trust it, raise the limit with --archive-max-members");
		return -1;
	}
	if (member->type == CENV_MEMBER_OTHER)
		return cenv_err_set(err, CENV_E_INTEGRITY, "member '%s' is %s", member->path,
				    member->kind);
	note_top(walk, member);
	if (member->type == CENV_MEMBER_SYMLINK && check_link(walk, member, err) < 0)
		return -1;
	if (cenv_places_take(&walk->places, member, err) < 0 ||
	    walk->visitor->member(walk->payload, member, err) < 0)
		return -1;
	return member->type == CENV_MEMBER_FILE ? walk_data(walk, member, err) : 0;
}

static int take_member(struct walk *walk, struct cenv_member *member, struct cenv_err *err)
{
	unsigned flags = walk->module->is_zip(walk->archive) ? CENV_MEMBER_NO_BACKSLASH : 0;
	char *path = cenv_member_path(member->path, flags, err), *link = NULL;
	int ret = path ? 0 : -1;

	if (ret == 0 && member->type == CENV_MEMBER_HARDLINK) {
		link = cenv_member_path(member->link, flags, err);
		if (!link)
			ret = cenv_err_wrap(err, "hard link '%s'", path);
		member->link = link;
	}
	/* "./" itself, and what old versions of git leave beside the top folder */
	if (ret == 0 && *path && strcmp(path, "pax_global_header")) {
		member->path = path;
		ret = visit(walk, member, err);
	} else if (ret == 0 && !*path && member->type != CENV_MEMBER_DIR) {
		ret = refuse(err, "./", "is not a folder");
	}
	free(path);
	free(link);
	return ret;
}

static int walk_all(struct walk *walk, struct cenv_err *err)
{
	struct cenv_member member;
	int ret;

	while ((ret = walk->module->next(walk->archive, &member, err)) > 0)
		if (cenv_interrupt_check(err) < 0 || take_member(walk, &member, err) < 0)
			return -1;
	if (ret == 0 && !walk->entries)
		return cenv_err_set(err, CENV_E_INTEGRITY, "the archive is empty");
	if (ret == 0 && !walk->many_tops && walk->top_link)
		return refuse(err, walk->top_link, "links to a place outside of the target");
	return ret;
}

static int check_file(int fd, unsigned long long *size, struct cenv_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return cenv_err_sys(err, errno, "cannot examine it");
	if (!S_ISREG(st.st_mode))
		return cenv_err_set(err, CENV_E_INTEGRITY, "it is not a file");
	if (!st.st_size)
		return cenv_err_set(err, CENV_E_INTEGRITY, "the file is empty");
	if (cenv_sniff_html_fd(fd)) {
		cenv_err_set(err, CENV_E_INTEGRITY, "it is an HTML page, not an archive");
		cenv_err_hint(err,
			      "the URL may need a login, or lead to a page about the download");
		return -1;
	}
	*size = (unsigned long long)st.st_size;
	return 0;
}

static int walk_fd(struct walk *walk, int fd, const struct cenv_unpack_limits *limits,
		   struct cenv_err *err)
{
	unsigned long long size = 0, raw_max;

	if (check_file(fd, &size, err) < 0)
		return -1;
	walk->module = cenv_module_load("archive", err);
	if (!walk->module)
		return -1;
	set_limits(walk, limits, size);
	/* headers and padding: 64 MiB, and 1 KiB for each member there may be */
	raw_max = walk->max_bytes + 64 * MIB;
	if (walk->max_entries < ~0ULL / 2048)
		raw_max += walk->max_entries * 1024;
	walk->archive = walk->module->open(fd, raw_max, err);
	return walk->archive ? walk_all(walk, err) : -1;
}

int cenv_walk(int archive_dirfd, const char *archive, const char *label, const char *verb,
	      const struct cenv_unpack_limits *limits, const struct cenv_walk_visitor *visitor,
	      void *payload, char **top, struct cenv_err *err)
{
	struct walk walk = {.visitor = visitor, .payload = payload};
	int fd = openat(archive_dirfd, archive, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int ret;

	*top = NULL;
	if (fd < 0) {
		cenv_err_sys(err, errno, "cannot open '%s'", archive);
		return cenv_err_wrap(err, "cannot %s '%s'", verb, label);
	}
	ret = walk_fd(&walk, fd, limits, err);
	if (walk.archive)
		walk.module->close(walk.archive);
	close(fd);
	if (ret < 0 && err->code != CENV_E_INTERRUPT)
		cenv_err_wrap(err, "cannot %s '%s'", verb, label);
	if (ret == 0 && !walk.many_tops)
		*top = walk.top;
	else
		free(walk.top);
	free(walk.top_link);
	cenv_places_release(&walk.places);
	return ret;
}

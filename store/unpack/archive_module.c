/* SPDX-License-Identifier: MIT */
#include "store/unpack/module.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "core/base/mem.h"

#define BLOCK ((size_t)65536)

/*
 * A tarball is read through two libarchive objects: the outer one only
 * decompresses (format "raw"), the inner one reads tar from what comes out.
 * One object would do for good archives, but it stops at tar's end mark and
 * hides what follows, and it cannot tell an archive that was cut between two
 * members from a whole one.
 */
struct cenv_archive {
	struct archive *outer; /* decompression; NULL for zip */
	struct archive *inner; /* tar or zip */
	locale_t utf8;	       /* names are converted by the thread's locale: make that UTF-8 */
	int fd;
	unsigned long long size;	 /* of the file */
	unsigned long long raw, raw_max; /* decompressed bytes */
	unsigned long long content;	 /* of these, up to the last that is not zero */
	bool too_large;
};

static void close_archive(struct cenv_archive *ar)
{
	if (!ar)
		return;
	archive_read_free(ar->inner);
	archive_read_free(ar->outer);
	if (ar->utf8)
		freelocale(ar->utf8);
	free(ar);
}

static int too_large(const struct cenv_archive *ar, struct cenv_err *err)
{
	cenv_err_set(err, CENV_E_INTEGRITY, "it decompresses to more than %llu MiB",
		     ar->raw_max >> 20);
	cenv_err_hint(err, "if you trust it, raise the limits: --archive-max-size and "
			   "--archive-max-ratio");
	return -1;
}

static int damaged(const struct cenv_archive *ar, struct archive *a, struct cenv_err *err)
{
	const char *why = archive_error_string(a);

	if (ar->too_large)
		return too_large(ar, err);
	cenv_err_set(err, CENV_E_INTEGRITY, "the archive is damaged or cut short: %s",
		     why ? why : "unexpected end");
	cenv_err_hint(err, "download it again");
	return -1;
}

static int not_an_archive(struct cenv_archive *ar, struct cenv_err *err)
{
	if (ar->too_large)
		return too_large(ar, err);
	if (!archive_format(ar->inner) && !(ar->outer && archive_error_string(ar->outer)))
		return cenv_err_set(err, CENV_E_INTEGRITY,
				    "it is no archive that cenv reads: tar with gzip, bzip2, xz, "
				    "zstd, lz4 or no compression, or zip");
	return damaged(ar, ar->inner, err);
}

/* Where in the stream its last byte so far is that is not zero. */
static void note_content(struct cenv_archive *ar, const char *data, size_t len)
{
	while (len && data[len - 1] == '\0')
		len--;
	if (len)
		ar->content = ar->raw + len;
}

/* One piece of the decompressed stream: ARCHIVE_OK, ARCHIVE_EOF or an error. */
static int read_outer(struct cenv_archive *ar, const void **data, size_t *len)
{
	la_int64_t offset;
	int ret;

	*len = 0;
	ret = archive_read_data_block(ar->outer, data, len, &offset);
	if (ret != ARCHIVE_OK)
		return ret;
	note_content(ar, *data, *len);
	ar->raw += *len;
	ar->too_large = ar->raw > ar->raw_max;
	return ar->too_large ? ARCHIVE_FATAL : ARCHIVE_OK;
}

static la_ssize_t feed_inner(struct archive *inner, void *payload, const void **data)
{
	struct cenv_archive *ar = payload;
	size_t len;
	int ret;

	do /* an empty piece would read as the end */
		ret = read_outer(ar, data, &len);
	while (ret == ARCHIVE_OK && !len);
	if (ret == ARCHIVE_EOF)
		return 0;
	if (ret == ARCHIVE_OK)
		return (la_ssize_t)len;
	archive_set_error(inner, EIO, "%s", archive_error_string(ar->outer));
	return -1;
}

static int open_outer(struct cenv_archive *ar, struct cenv_err *err)
{
	struct archive_entry *entry;

	ar->outer = archive_read_new();
	archive_read_support_filter_gzip(ar->outer);
	archive_read_support_filter_bzip2(ar->outer);
	archive_read_support_filter_xz(ar->outer);
	archive_read_support_filter_zstd(ar->outer);
	archive_read_support_filter_lz4(ar->outer);
	archive_read_support_format_raw(ar->outer);
	if (archive_read_open_fd(ar->outer, ar->fd, BLOCK) != ARCHIVE_OK ||
	    archive_read_next_header(ar->outer, &entry) != ARCHIVE_OK)
		return damaged(ar, ar->outer, err);
	if (archive_filter_count(ar->outer) > 2) /* "none" counts too */
		return cenv_err_set(err, CENV_E_INTEGRITY, "it is compressed more than once");
	return 0;
}

static int open_tar(struct cenv_archive *ar, struct cenv_err *err)
{
	if (open_outer(ar, err) < 0)
		return -1;
	ar->inner = archive_read_new();
	archive_read_support_format_tar(ar->inner);
	if (archive_read_open(ar->inner, ar, NULL, feed_inner, NULL) != ARCHIVE_OK)
		return not_an_archive(ar, err);
	return 0;
}

/* The end record, whose comment reaches to the file's last byte when nothing was cut or added. */
static bool zip_is_whole(int fd, unsigned long long size)
{
	enum { RECORD = 22, COMMENT = 65535 };
	size_t len = size < RECORD + COMMENT ? (size_t)size : RECORD + COMMENT;
	unsigned char *tail = cenv_xmalloc(len + 1);
	bool whole = false;

	if (pread(fd, tail, len, (off_t)(size - len)) != (ssize_t)len)
		len = 0;
	for (size_t i = len; i-- > 0 && !whole;)
		whole = len - i >= RECORD && !memcmp(tail + i, "PK\5\6", 4) &&
			len - i - RECORD == (size_t)(tail[i + 20] | tail[i + 21] << 8);
	free(tail);
	return whole;
}

static int open_zip(struct cenv_archive *ar, struct cenv_err *err)
{
	if (!zip_is_whole(ar->fd, ar->size)) {
		cenv_err_set(err, CENV_E_INTEGRITY,
			     "the zip archive is cut short, or something follows it");
		cenv_err_hint(err, "download it again");
		return -1;
	}
	ar->inner = archive_read_new();
	archive_read_support_format_zip_seekable(ar->inner);
	if (archive_read_open_fd(ar->inner, ar->fd, BLOCK) != ARCHIVE_OK)
		return damaged(ar, ar->inner, err);
	return 0;
}

static struct cenv_archive *open_archive(int fd, unsigned long long raw_max, struct cenv_err *err)
{
	struct cenv_archive *ar = cenv_xcalloc(1, sizeof(*ar));
	char magic[4] = "";
	struct stat st;
	int ret;

	ar->fd = fd;
	ar->raw_max = raw_max;
	ar->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (fstat(fd, &st) < 0 || pread(fd, magic, sizeof(magic), 0) < 0) {
		cenv_err_sys(err, errno, "cannot read the archive");
		close_archive(ar);
		return NULL;
	}
	ar->size = (unsigned long long)st.st_size;
	ret = memcmp(magic, "PK\3\4", 4) && memcmp(magic, "PK\5\6", 4) ? open_tar(ar, err)
								       : open_zip(ar, err);
	if (ret == 0)
		return ar;
	close_archive(ar);
	return NULL;
}

/*
 * What follows tar's end mark and the compressed stream must be zeros: some writers pad. A
 * second archive there would be read by programs that pass over end marks, and by us not.
 */
static int check_end(struct cenv_archive *ar, struct cenv_err *err)
{
	static const char garbage[] = "something that does not belong to it follows the archive";
	unsigned long long end = (unsigned long long)archive_filter_bytes(ar->inner, 0);
	char chunk[4096];
	const void *data;
	la_int64_t used;
	ssize_t n;
	size_t len;
	int ret;

	while ((ret = read_outer(ar, &data, &len)) == ARCHIVE_OK)
		;
	if (ret != ARCHIVE_EOF)
		return damaged(ar, ar->outer, err);
	if (ar->content > end)
		return cenv_err_set(err, CENV_E_INTEGRITY, garbage);
	if (ar->raw - ar->content < 512) {
		cenv_err_set(err, CENV_E_INTEGRITY,
			     "the archive is cut short: its end mark is missing");
		cenv_err_hint(err, "download it again");
		return -1;
	}
	used = archive_filter_bytes(ar->outer, -1);
	while ((n = pread(ar->fd, chunk, sizeof(chunk), used)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (chunk[i])
				return cenv_err_set(err, CENV_E_INTEGRITY, garbage);
		used += n;
	}
	return n < 0 ? cenv_err_sys(err, errno, "cannot read the archive") : 0;
}

static enum cenv_member_type member_type(struct archive_entry *entry, const char **kind)
{
	if (archive_entry_hardlink(entry))
		return CENV_MEMBER_HARDLINK;
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		return CENV_MEMBER_FILE;
	case AE_IFDIR:
		return CENV_MEMBER_DIR;
	case AE_IFLNK:
		return CENV_MEMBER_SYMLINK;
	case AE_IFIFO:
		*kind = "a fifo";
		break;
	case AE_IFCHR:
	case AE_IFBLK:
		*kind = "a device";
		break;
	case AE_IFSOCK:
		*kind = "a socket";
		break;
	default:
		*kind = "of an unknown type";
	}
	return CENV_MEMBER_OTHER;
}

static int fill_member(struct archive_entry *entry, struct cenv_member *member,
		       struct cenv_err *err)
{
	la_int64_t size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : 0;

	*member = (struct cenv_member){0};
	member->type = member_type(entry, &member->kind);
	member->path = archive_entry_pathname(entry);
	if (member->type == CENV_MEMBER_HARDLINK)
		member->link = archive_entry_hardlink(entry);
	else if (member->type == CENV_MEMBER_SYMLINK)
		member->link = archive_entry_symlink(entry);
	if (!member->path)
		return cenv_err_set(err, CENV_E_INTEGRITY, "a member's name is not valid UTF-8");
	if (!member->link &&
	    (member->type == CENV_MEMBER_HARDLINK || member->type == CENV_MEMBER_SYMLINK))
		return cenv_err_set(err, CENV_E_INTEGRITY,
				    "the link target of member '%s' is missing or not valid UTF-8",
				    member->path);
	if (size < 0)
		return cenv_err_set(err, CENV_E_INTEGRITY, "member '%s' has a negative size",
				    member->path);
	member->size = (unsigned long long)size;
	member->executable = archive_entry_perm(entry) & 0100;
	member->has_mtime = archive_entry_mtime_is_set(entry);
	member->mtime.tv_sec = archive_entry_mtime(entry);
	member->mtime.tv_nsec = archive_entry_mtime_nsec(entry);
	return 1;
}

/*
 * libarchive drops the rest of a pax header that it cannot read and goes on, with the name that
 * the header was to replace. Other readers stop there, so what is unpacked would depend on the
 * reader. What else it warns of is harmless (owners) or judged by walk.c (names).
 */
static bool dropped_header(struct archive *a)
{
	const char *why = archive_error_string(a);

	return why && strstr(why, "pax ") && strstr(why, "attribute");
}

static int next_in_locale(struct cenv_archive *ar, struct cenv_member *member, struct cenv_err *err)
{
	struct archive_entry *entry;
	int ret = archive_read_next_header(ar->inner, &entry);

	if (ret == ARCHIVE_EOF)
		return ar->outer ? check_end(ar, err) : 0;
	if (ret == ARCHIVE_WARN && dropped_header(ar->inner))
		return damaged(ar, ar->inner, err);
	if (ret == ARCHIVE_OK || ret == ARCHIVE_WARN)
		return fill_member(entry, member, err);
	return archive_file_count(ar->inner) ? damaged(ar, ar->inner, err)
					     : not_an_archive(ar, err);
}

static int next_member(struct cenv_archive *ar, struct cenv_member *member, struct cenv_err *err)
{
	locale_t old = ar->utf8 ? uselocale(ar->utf8) : (locale_t)0;
	int ret = next_in_locale(ar, member, err);

	if (old)
		uselocale(old);
	return ret;
}

static int read_member(struct cenv_archive *ar, const void **data, size_t *len,
		       unsigned long long *offset, struct cenv_err *err)
{
	la_int64_t at = 0;
	int ret = archive_read_data_block(ar->inner, data, len, &at);

	if (ret == ARCHIVE_EOF)
		return 0;
	/* a warning here is a wrong checksum or size of a zip member */
	if (ret != ARCHIVE_OK || at < 0)
		return damaged(ar, ar->inner, err);
	*offset = (unsigned long long)at;
	return 1;
}

static bool archive_is_zip(const struct cenv_archive *ar)
{
	return !ar->outer;
}

CENV_MODULE_EXPORT const struct cenv_archive_module cenv_module_archive = {
	.head = {CENV_MODULE_ABI},
	.open = open_archive,
	.next = next_member,
	.read = read_member,
	.is_zip = archive_is_zip,
	.close = close_archive,
};

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/strv.h"
#include "store/build/source.h"
#include "store/fs/fs.h"
#include "store/unpack/sniff.h"
#include "store/unpack/unpack.h"

/* A scratch folder: `ar` is the archive, `out` where it is unpacked, `bait` must stay as it is. */
struct scratch {
	char dir[64];
	int fd, out;
};

struct row {
	unsigned type; /* AE_IFREG ..., or HARD; 0 ends the list */
	const char *path;
	const char *text; /* contents or target; NULL: none */
	int mode;	  /* 0: 0644 */
	long long mtime;  /* 0: 1000000000 */
};

#define HARD 1
#define FILE_(path, text)                                                                          \
	{                                                                                          \
		AE_IFREG, path, text, 0, 0                                                         \
	}
#define DIR_(path)                                                                                 \
	{                                                                                          \
		AE_IFDIR, path, NULL, 0755, 0                                                      \
	}
#define LINK_(path, text)                                                                          \
	{                                                                                          \
		AE_IFLNK, path, text, 0777, 0                                                      \
	}
#define HARD_(path, text)                                                                          \
	{                                                                                          \
		HARD, path, text, 0, 0                                                             \
	}

static int setup(void **state)
{
	struct scratch *s = cenv_xcalloc(1, sizeof(*s));

	snprintf(s->dir, sizeof(s->dir), "/tmp/cenv-unpack-XXXXXX");
	if (!mkdtemp(s->dir))
		return -1;
	s->fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mkdirat(s->fd, "out", 0755);
	s->out = openat(s->fd, "out", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = s;
	return cenv_fs_write(s->fd, "bait", "bait", 4, 0644, 0, &(struct cenv_err)CENV_ERR_INIT);
}

static int teardown(void **state)
{
	struct scratch *s = *state;
	struct cenv_err err = CENV_ERR_INIT;
	int ret;

	close(s->out);
	close(s->fd);
	ret = cenv_fs_remove_tree(AT_FDCWD, s->dir, &err);
	cenv_err_release(&err);
	free(s);
	return ret;
}

static void empty_out(struct scratch *s)
{
	struct cenv_err err = CENV_ERR_INIT;

	close(s->out);
	assert_int_equal(cenv_fs_remove_tree(s->fd, "out", &err), 0);
	assert_int_equal(mkdirat(s->fd, "out", 0755), 0);
	s->out = openat(s->fd, "out", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* ---- making archives ---- */

static void must(struct archive *a, int ret)
{
	if (ret != ARCHIVE_OK)
		fail_msg("libarchive: %s", archive_error_string(a));
}

static void add_row(struct archive *a, const struct row *row)
{
	struct archive_entry *e = archive_entry_new();
	unsigned type = row->type == HARD ? AE_IFREG : row->type;
	size_t len = row->text && row->type == AE_IFREG ? strlen(row->text) : 0;

	archive_entry_set_pathname(e, row->path);
	archive_entry_set_filetype(e, type);
	archive_entry_set_perm(e, (unsigned)(row->mode ? row->mode : 0644));
	archive_entry_set_mtime(e, row->mtime ? row->mtime : 1000000000, 0);
	archive_entry_set_size(e, (la_int64_t)len);
	if (row->type == HARD)
		archive_entry_set_hardlink(e, row->text);
	if (type == AE_IFLNK)
		archive_entry_set_symlink(e, row->text);
	if (type == AE_IFCHR || type == AE_IFBLK)
		archive_entry_set_rdev(e, 0x103);
	must(a, archive_write_header(a, e));
	if (len)
		assert_int_equal(archive_write_data(a, row->text, len), len);
	archive_entry_free(e);
}

/* kind: "tar" (pax), "ustar", "gnutar", "zip", or a filter's name around a pax tarball */
static struct archive *start_archive(struct scratch *s, const char *kind)
{
	struct archive *a = archive_write_new();
	char *path = cenv_strf("%s/ar", s->dir);

	if (!strcmp(kind, "zip"))
		must(a, archive_write_set_format_zip(a));
	else if (!strcmp(kind, "ustar"))
		must(a, archive_write_set_format_ustar(a));
	else if (!strcmp(kind, "gnutar"))
		must(a, archive_write_set_format_gnutar(a));
	else
		must(a, archive_write_set_format_pax(a));
	if (strcmp(kind, "zip") && !strstr(kind, "tar"))
		must(a, archive_write_add_filter_by_name(a, kind));
	must(a, archive_write_open_filename(a, path));
	free(path);
	return a;
}

static void make(struct scratch *s, const char *kind, const struct row *rows)
{
	/* only to write: what is tested must not depend on the locale */
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), old = uselocale(utf8);
	struct archive *a = start_archive(s, kind);

	for (; rows->type; rows++)
		add_row(a, rows);
	must(a, archive_write_close(a));
	archive_write_free(a);
	uselocale(old);
	freelocale(utf8);
}

/* ---- asking ---- */

static int unpack(struct scratch *s, struct cenv_err *err)
{
	return cenv_unpack(s->fd, "ar", "lib-1.0.tar.gz", s->out, NULL, err);
}

static void unpack_fine(struct scratch *s)
{
	struct cenv_err err = CENV_ERR_INIT;

	if (unpack(s, &err) < 0)
		fail_msg("%s", err.msg);
}

static void assert_contents(int dirfd, const char *name, const char *text)
{
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_buf buf = CENV_BUF_INIT;

	if (cenv_fs_read(dirfd, name, 1 << 20, &buf, &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(buf.buf, text);
	cenv_buf_release(&buf);
}

static void assert_bait_is_untouched(struct scratch *s)
{
	struct cenv_strv names = {0};
	struct cenv_err err = CENV_ERR_INIT;
	char *all;

	assert_int_equal(cenv_fs_list(s->fd, ".", &names, &err), 0);
	all = cenv_strv_join(&names, " ");
	assert_string_equal(all, "ar bait out");
	assert_contents(s->fd, "bait", "bait");
	free(all);
	cenv_strv_release(&names);
}

/* Refused by unpack and by the tree hash, with exit 4, archive and reason named, nothing outside.
 */
static void assert_refused(struct scratch *s, const char *reason)
{
	struct cenv_err err = CENV_ERR_INIT;

	assert_int_equal(unpack(s, &err), -1);
	if (err.code != CENV_E_INTEGRITY || !strstr(err.msg, reason))
		fail_msg("wanted '%s', got code %d: %s", reason, err.code, err.msg);
	assert_non_null(strstr(err.msg, "cannot unpack 'lib-1.0.tar.gz': "));
	assert_bait_is_untouched(s);
	cenv_err_release(&err);
	empty_out(s);
}

static char *tree_hash(struct scratch *s)
{
	struct cenv_err err = CENV_ERR_INIT;
	char from_archive[CENV_SHA256_HEX], from_folder[CENV_SHA256_HEX];

	if (cenv_tree_hash_file(s->fd, "ar", "lib", NULL, from_archive, &err) < 0 ||
	    cenv_tree_hash_dir(s->fd, "out", from_folder, &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(from_archive, from_folder);
	return cenv_xstrdup(from_archive);
}

/* ---- hostile ---- */

static void hostile_members_are_refused(void **state)
{
	static char long_name[300], long_target[5000], deep[700];
	static const struct {
		const char *kind, *reason;
		struct row rows[4];
	} cases[] = {
		{"tar", "'../x' leaves the target", {FILE_("../x", "x")}},
		{"tar", "'a/../../x' leaves", {FILE_("a/../../x", "x")}},
		{"tar", "'a/../' leaves", {DIR_("a/..")}},
		{"tar", "'./../x' leaves", {FILE_("./../x", "x")}},
		{"zip", "'../x' leaves the target", {FILE_("../x", "x")}},
		{"tar", "'/tmp/cenv-x' has an absolute name", {FILE_("/tmp/cenv-x", "x")}},
		{"zip", "has an absolute name", {FILE_("/tmp/cenv-x", "x")}},
		{"tar", "'l' links to a place outside", {LINK_("l", "..")}},
		{"tar", "'l' links to a place outside", {LINK_("l", "../bait")}},
		{"tar", "'a/l' links to a place outside", {LINK_("a/l", "../../bait")}},
		{"tar", "'l' links to an absolute path", {LINK_("l", "/etc/passwd")}},
		{"zip", "'l' links to an absolute path", {LINK_("l", "/etc/passwd")}},
		{"tar", "through a folder and up", {FILE_("z", "z"), LINK_("a/l", "b/../../c")}},
		{"tar",
		 "'d/x' leads through a link",
		 {DIR_("e/"), LINK_("d", "e"), FILE_("d/x", "x")}},
		{"tar",
		 "'d/x/y' leads through a link",
		 {DIR_("e/x/"), LINK_("d", "e"), DIR_("d/x/y")}},
		{"tar",
		 "'f/x' leads through a link or a file",
		 {FILE_("f", "f"), FILE_("f/x", "x")}},
		{"tar", "'l' is there twice", {LINK_("l", "f"), FILE_("l", "x")}},
		{"tar", "'f' is there twice", {FILE_("f", "1"), FILE_("f", "2")}},
		{"tar", "'f' is there twice", {FILE_("f", "1"), FILE_("./f", "2")}},
		{"tar", "'d' is there twice", {DIR_("d/"), FILE_("d", "2")}},
		{"tar", "'f' leads through a link or a file", {FILE_("f", "1"), DIR_("f/")}},
		{"tar", "hard link", {FILE_("z", "z"), HARD_("h", "../bait")}},
		{"tar", "hard link", {FILE_("z", "z"), HARD_("h", "/etc/passwd")}},
		{"tar", "is a hard link to 'nothing'", {FILE_("z", "z"), HARD_("h", "nothing")}},
		{"tar",
		 "is a hard link to 'l'",
		 {FILE_("z", "z"), LINK_("l", "z"), HARD_("h", "l")}},
		{"tar",
		 "is a hard link to 'd/z'",
		 {FILE_("e/z", "z"), LINK_("d", "e"), HARD_("h", "d/z")}},
		{"tar", "'p' is a fifo", {{AE_IFIFO, "p", NULL, 0, 0}}},
		{"tar", "'c' is a device", {{AE_IFCHR, "c", NULL, 0, 0}}},
		{"tar", "'b' is a device", {{AE_IFBLK, "b", NULL, 0, 0}}},
		{"ustar", "control characters", {FILE_("a\033[31mb", "x")}},
		{"ustar", "control characters", {FILE_("a\nb", "x")}},
		{"ustar", "control characters", {LINK_("l", "a\rb")}},
		{"ustar", "not UTF-8", {FILE_("caf\xe9", "x")}},
		{"zip", "has a backslash", {FILE_("a/..\\..\\x", "x")}},
		{"tar", "name that is too long", {FILE_(long_name, "x")}},
		{"tar", "link target that is too long", {LINK_("l", long_target)}},
		{"tar", "nested too deeply", {FILE_(deep, "x")}},
		/* a link beside its top folder is no longer inside once that is left away */
		{"tar",
		 "'p/l' links to a place outside",
		 {FILE_("p/f", "x"), LINK_("p/l", "../p/f")}},
	};
	struct scratch *s = *state;

	memset(long_name, 'n', 256);
	memset(long_target, 't', sizeof(long_target) - 1);
	for (size_t i = 0; i < 600; i += 2)
		memcpy(deep + i, "d/", 2);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make(s, cases[i].kind, cases[i].rows);
		assert_refused(s, cases[i].reason);
	}
}

static void setuid_and_write_bits_are_dropped(void **state)
{
	static const struct row rows[] = {{AE_IFREG, "p/a", "a", 06777, 0},
					  {AE_IFREG, "p/b", "b", 0666, 0},
					  {AE_IFREG, "p/c", "c", 0400, 0},
					  {0}};
	static const int want[] = {0755, 0644, 0644};
	struct scratch *s = *state;
	struct stat st;

	make(s, "tar", rows);
	unpack_fine(s);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(fstatat(s->out, rows[i].path + 2, &st, 0), 0);
		assert_int_equal(st.st_mode & 07777, want[i]);
		assert_int_equal(st.st_mtime, 1000000000);
		assert_int_equal(st.st_uid, geteuid());
	}
}

/* `count` files of `each` zero bytes */
static void make_bomb(struct scratch *s, const char *kind, unsigned count, size_t each)
{
	struct archive *a = start_archive(s, kind);
	char *zeros = cenv_xcalloc(1, each + 1);

	for (unsigned i = 0; i < count; i++) {
		struct archive_entry *e = archive_entry_new();
		char *name = cenv_strf("d/%u", i);

		archive_entry_set_pathname(e, name);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, 0644);
		archive_entry_set_size(e, (la_int64_t)each);
		must(a, archive_write_header(a, e));
		if (each)
			assert_int_equal(archive_write_data(a, zeros, each), each);
		archive_entry_free(e);
		free(name);
	}
	must(a, archive_write_close(a));
	archive_write_free(a);
	free(zeros);
}

static void bombs_are_stopped_by_the_limits(void **state)
{
	struct scratch *s = *state;
	struct cenv_unpack_limits few = {.max_entries = 10}, small = {.max_bytes = 1 << 20},
				  large = {.max_ratio = 100000};
	struct cenv_err err = CENV_ERR_INIT;

	make_bomb(s, "gzip", 11, 1);
	assert_int_equal(cenv_unpack(s->fd, "ar", "lib", s->out, &few, &err), -1);
	assert_non_null(strstr(err.msg, "more than 10 members, the next is 'd/10'"));
	empty_out(s);
	make_bomb(s, "zip", 2, (1 << 19) + 1);
	assert_int_equal(cenv_unpack(s->fd, "ar", "lib", s->out, &small, &err), -1);
	assert_non_null(strstr(err.msg, "'d/1' makes it unpack to more than 1 MiB"));
	assert_non_null(strstr(err.hint, "--archive-max-size"));
	empty_out(s);
	make_bomb(s, "zip", 2, 1 << 19);
	assert_int_equal(cenv_unpack(s->fd, "ar", "lib", s->out, &small, &err), 0);
	empty_out(s);

	/* 80 MiB in some tens of KiB: beyond 64 MiB and 200 : 1 */
	make_bomb(s, "gzip", 20, 4 << 20);
	assert_refused(s, "makes it unpack to more than 200 times its own size");
	assert_int_equal(cenv_unpack(s->fd, "ar", "lib", s->out, &large, &err), 0);
	cenv_err_release(&err);
}

/* A tar header of our own, for what libarchive would not write. */
static void raw_header(char block[512], const char *name, const char *size, char type)
{
	unsigned sum = 0;

	memset(block, 0, 512);
	snprintf(block, 100, "%s", name);
	memcpy(block + 100, "0000644", 8);
	memcpy(block + 108, "0000000", 8);
	memcpy(block + 116, "0000000", 8);
	memcpy(block + 124, size, 12);
	memcpy(block + 136, "07346545000", 12);
	block[156] = type;
	if (type == '1' || type == '2')
		block[157] = 't'; /* a link target, which a pax header may override */
	memcpy(block + 257, "ustar\00000", 8);
	memset(block + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
}

static void sizes_that_lie_are_refused(void **state)
{
	struct scratch *s = *state;
	struct cenv_err err = CENV_ERR_INIT;
	char blocks[2048] = "";

	/* base-256: 2^62 bytes */
	raw_header(blocks, "x", "\x80\0\0\0\x40\0\0\0\0\0\0\0", '0');
	assert_int_equal(cenv_fs_write(s->fd, "ar", blocks, sizeof(blocks), 0644, 0, &err), 0);
	assert_refused(s, "makes it unpack to more than 200 times");
	/* one GiB announced as a pax header */
	raw_header(blocks, "x", "10000000000", 'x');
	assert_int_equal(cenv_fs_write(s->fd, "ar", blocks, sizeof(blocks), 0644, 0, &err), 0);
	assert_refused(s, "");
	raw_header(blocks, "x", "10000000000", 'L');
	assert_int_equal(cenv_fs_write(s->fd, "ar", blocks, sizeof(blocks), 0644, 0, &err), 0);
	assert_refused(s, "");
}

/* A pax header (type x) that overrides what the ustar header after it says. */
static void make_pax(struct scratch *s, const char *name, char type, const char *key,
		     const char *value)
{
	struct cenv_err err = CENV_ERR_INIT;
	char *blocks = cenv_xcalloc(1, 512 * 6), size[13];
	int len = (int)(strlen(key) + strlen(value)) + 3;

	len += len + 2 > 99 ? 3 : 2; /* the length counts its own digits */
	snprintf(size, sizeof(size), "%011o", (unsigned)len);
	raw_header(blocks, "pax", size, 'x');
	snprintf(blocks + 512, 512, "%d %s=%s\n", len, key, value);
	raw_header(blocks + 1024, name, "00000000000", type);
	assert_int_equal(cenv_fs_write(s->fd, "ar", blocks, 512 * 6, 0644, 0, &err), 0);
	free(blocks);
}

static void pax_headers_cannot_smuggle_names_in(void **state)
{
	static const struct {
		char type;
		const char *key, *value, *reason;
	} rows[] = {
		{'0', "path", "../x", "'../x' leaves the target"},
		{'0', "path", "/tmp/cenv-x", "has an absolute name"},
		{'0', "path", "a\nb", "control characters"},
		{'0', "path", "caf\xe9", "UTF-8"},
		{'2', "linkpath", "../../etc/passwd", "links to a place outside"},
		{'2', "linkpath", "/etc/passwd", "links to an absolute path"},
		{'1', "linkpath", "../bait", "leaves the target"},
		{'0', "GNU.sparse.name", "../x", "leaves the target"},
		{'0', "size", "-1", ""},
		{'0', "size", "9223372036854775807", ""},
	};
	struct scratch *s = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		make_pax(s, "plain", rows[i].type, rows[i].key, rows[i].value);
		assert_refused(s, rows[i].reason);
	}
	make_pax(s, "plain", '0', "path", "p/fine"); /* the helper makes what it should */
	unpack_fine(s);
	assert_contents(s->out, "fine", "");
}

/* What a full disk gives, without one. */
static void a_full_disk_is_no_fault_of_the_archive(void **state)
{
	struct scratch *s = *state;
	struct rlimit limit, small;
	struct cenv_err err = CENV_ERR_INIT;
	int ret;

	make_bomb(s, "gzip", 1, 100000);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = (struct rlimit){1000, limit.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	ret = unpack(s, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(ret, -1);
	assert_int_equal(err.code, CENV_E_IO);
	assert_non_null(strstr(err.msg, "File too large"));
	cenv_err_release(&err);
}

static void read_archive(struct scratch *s, struct cenv_buf *out)
{
	struct cenv_err err = CENV_ERR_INIT;

	cenv_buf_reset(out);
	if (cenv_fs_read(s->fd, "ar", 1 << 24, out, &err) < 0)
		fail_msg("%s", err.msg);
}

static void write_archive(struct scratch *s, const void *data, size_t len)
{
	struct cenv_err err = CENV_ERR_INIT;

	assert_int_equal(cenv_fs_write(s->fd, "ar", data, len, 0644, 0, &err), 0);
}

static const char *const kinds[] = {"tar", "ustar", "gnutar", "gzip", "bzip2",
				    "xz",  "zstd",  "lz4",    "zip"};
#define NKINDS (sizeof(kinds) / sizeof(*kinds))

static void an_archive_cut_anywhere_is_refused(void **state)
{
	struct scratch *s = *state;
	struct cenv_buf whole = CENV_BUF_INIT;
	struct row rows[6] = {DIR_("p/"), FILE_("p/one", "first"), FILE_("p/two", NULL),
			      FILE_("p/three", "third")};
	char *random = cenv_xcalloc(1, 3001);
	unsigned x = 1;

	for (int i = 0; i < 3000; i++) /* does not compress well */
		random[i] = (char)('0' + ((x = x * 1103515245u + 12345u) >> 16) % 70);
	rows[2].text = random;
	for (size_t k = 0; k < NKINDS; k++) {
		make(s, kinds[k], rows);
		read_archive(s, &whole);
		/* tar pads its end mark with zeros to 10 KiB, which may be missing */
		size_t end = strstr(kinds[k], "tar") ? whole.len - 6000 : whole.len;

		if (strstr(kinds[k], "tar"))
			while (end > 512 && !whole.buf[end - 1])
				end--;
		for (size_t cut = 0; cut < end; cut += 1 + end / 37) {
			write_archive(s, whole.buf, cut);
			assert_refused(s, "");
		}
		write_archive(s, whole.buf, end - 1);
		assert_refused(s, "");
	}
	free(random);
	cenv_buf_release(&whole);
}

static void what_follows_an_archive_is_refused_unless_zero(void **state)
{
	static const struct row rows[] = {FILE_("p/one", "first"), {0}};
	struct scratch *s = *state;
	struct cenv_buf whole = CENV_BUF_INIT;

	for (size_t k = 0; k < NKINDS; k++) {
		make(s, kinds[k], rows);
		read_archive(s, &whole);
		cenv_buf_adds(&whole, "<script>garbage</script>");
		write_archive(s, whole.buf, whole.len);
		assert_refused(s, "");
	}
	for (size_t k = 0; k < 4; k++) { /* padding of tape blocks */
		make(s, kinds[k], rows);
		read_archive(s, &whole);
		for (int i = 0; i < 1024; i++)
			cenv_buf_addc(&whole, '\0');
		write_archive(s, whole.buf, whole.len);
		unpack_fine(s);
		empty_out(s);
	}
	cenv_buf_release(&whole);
}

static void what_is_no_archive_gets_a_message_that_says_what_it_is(void **state)
{
	static const struct {
		const char *text, *reason;
	} rows[] = {
		{"", "the file is empty"},
		{"\n <!DOCTYPE html>\n<html><title>404</title></html>", "is an HTML page"},
		{"\xef\xbb\xbf<HTML lang=en>", "is an HTML page"},
		{"404: Not Found", "no archive that cenv reads"},
		{"version https://git-lfs.github.com/spec/v1\n", "no archive that cenv reads"},
		{"\x1f\x8b\x08", ""},
		{"PK\3\4", "zip archive is cut short"},
		{"7z\xbc\xaf\x27\x1c", "no archive that cenv reads"},
	};
	struct scratch *s = *state;
	struct cenv_err err = CENV_ERR_INIT;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		write_archive(s, rows[i].text, strlen(rows[i].text));
		assert_refused(s, rows[i].reason);
	}
	assert_int_equal(cenv_unpack(s->fd, "absent", "lib", s->out, NULL, &err), -1);
	assert_int_equal(err.code, CENV_E_IO);
	assert_int_equal(cenv_unpack(s->fd, "out", "lib", s->out, NULL, &err), -1);
	assert_non_null(strstr(err.msg, "not a file"));
	cenv_err_release(&err);
}

static void a_tarball_compressed_twice_is_refused(void **state)
{
	static const struct row rows[] = {FILE_("p/one", "first"), {0}};
	struct scratch *s = *state;
	struct archive *a = archive_write_new();
	char *path = cenv_strf("%s/ar", s->dir);

	must(a, archive_write_set_format_pax(a));
	must(a, archive_write_add_filter_gzip(a));
	must(a, archive_write_add_filter_xz(a));
	must(a, archive_write_open_filename(a, path));
	add_row(a, rows);
	must(a, archive_write_close(a));
	archive_write_free(a);
	free(path);
	assert_refused(s, "compressed more than once");
}

/* ---- benign ---- */

static void every_kind_unpacks_to_the_same_tree(void **state)
{
	static const struct row rows[] = {
		DIR_("p-1.0/"),
		FILE_("p-1.0/README", "read me"),
		{AE_IFREG, "p-1.0/configure", "#!/bin/sh\n", 0755, 1234567890},
		FILE_("p-1.0/src/deep/er/x.c", "int x;\n"),
		FILE_("p-1.0/empty", ""),
		LINK_("p-1.0/src/r", "../README"),
		{0}};
	struct scratch *s = *state;
	char *first = NULL;
	struct stat st;

	for (size_t k = 0; k < NKINDS; k++) {
		char target[64] = "", *hash;

		make(s, kinds[k], rows);
		unpack_fine(s);
		assert_contents(s->out, "src/deep/er/x.c", "int x;\n");
		assert_contents(s->out, "empty", "");
		assert_int_equal(readlinkat(s->out, "src/r", target, sizeof(target) - 1), 9);
		assert_string_equal(target, "../README");
		assert_int_equal(fstatat(s->out, "configure", &st, 0), 0);
		assert_int_equal(st.st_mode & 07777, 0755);
		assert_int_equal(st.st_mtime, 1234567890);
		hash = tree_hash(s);
		if (first)
			assert_string_equal(hash, first);
		else
			first = cenv_xstrdup(hash);
		free(hash);
		empty_out(s);
	}
	/* the normal form, written out: a change of it would break what users have pinned */
	assert_string_equal(first,
			    "189861fb67d4d685e5bcaf5fc9f3d7cd5082f232b4806fabfdd761d513e04ca9");
	free(first);
}

static void names_in_every_benign_form_unpack(void **state)
{
	static char long_name[256];
	static const struct row rows[] = {DIR_("./"),
					  DIR_("./p/"),
					  FILE_("./p/gr\xc3\xbc\xc3\x9f"
						"e",
						"pax"),
					  FILE_("p//double", "slash"),
					  FILE_("p/./dot", "dot"),
					  FILE_("p/..x", "two dots that are a name"),
					  FILE_("p/...", "three"),
					  FILE_("p/back\\slash", "fine in tar"),
					  FILE_("p/README", "case"),
					  FILE_("p/readme", "twin"),
					  FILE_(long_name, "255 bytes"),
					  HARD_("p/hard", "./p/README"),
					  DIR_("p/"),
					  LINK_("p/dangling", "nowhere"),
					  LINK_("p/here", "."),
					  {0}};
	struct scratch *s = *state;
	struct stat a, b;

	memset(long_name, 'n', 255);
	memcpy(long_name, "p/", 2);
	make(s, "tar", rows);
	unpack_fine(s);
	assert_contents(s->out,
			"gr\xc3\xbc\xc3\x9f"
			"e",
			"pax");
	assert_contents(s->out, "double", "slash");
	assert_contents(s->out, "dot", "dot");
	assert_contents(s->out, "..x", "two dots that are a name");
	assert_contents(s->out, "back\\slash", "fine in tar");
	assert_contents(s->out, "readme", "twin");
	assert_contents(s->out, long_name + 2, "255 bytes");
	assert_int_equal(fstatat(s->out, "README", &a, 0), 0);
	assert_int_equal(fstatat(s->out, "hard", &b, 0), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	free(tree_hash(s));
}

static void only_a_single_top_folder_is_left_away(void **state)
{
	static const struct {
		struct row rows[5];
		const char *want; /* what must be there */
	} cases[] = {
		{{FILE_("p/f", "x")}, "f"},
		{{FILE_("p/p", "x")}, "p"},
		{{FILE_("p/p/f", "x"), FILE_("p/g", "x")}, "p/f"},
		{{FILE_("p/.cenv-top-0", "x"), FILE_("p/f", "x")}, ".cenv-top-0"},
		{{FILE_("p/f", "x"), FILE_("q/f", "x")}, "p/f"},
		{{FILE_("p/f", "x"), FILE_("f", "x")}, "p/f"},
		{{FILE_("f", "x")}, "f"},
		{{LINK_("l", "p"), FILE_("p/f", "x")}, "p/f"},
		{{FILE_("pax_global_header", "52 comment="), FILE_("p/f", "x")}, "f"},
		/* stays inside even without the top folder above it */
		{{FILE_("p/f", "x"), LINK_("p/d/l", "../f")}, "d/l"},
		{{FILE_("p/f", "x"), FILE_("q", "x"), LINK_("p/l", "../q")}, "p/l"},
	};
	struct scratch *s = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make(s, "tar", cases[i].rows);
		unpack_fine(s);
		assert_contents(s->out, cases[i].want, "x");
		free(tree_hash(s));
		empty_out(s);
	}
}

static void times_keep_their_order_to_the_nanosecond(void **state)
{
	struct scratch *s = *state;
	struct archive *a = start_archive(s, "xz");
	struct stat st;

	for (int i = 0; i < 2; i++) {
		struct archive_entry *e = archive_entry_new();

		archive_entry_set_pathname(e, i ? "p/configure" : "p/configure.ac");
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, 0644);
		archive_entry_set_mtime(e, 1700000000, i ? 2000 : 1000);
		archive_entry_set_size(e, 0);
		must(a, archive_write_header(a, e));
		archive_entry_free(e);
	}
	must(a, archive_write_close(a));
	archive_write_free(a);
	unpack_fine(s);
	assert_int_equal(fstatat(s->out, "configure.ac", &st, 0), 0);
	assert_int_equal(st.st_mtim.tv_nsec, 1000);
	assert_int_equal(fstatat(s->out, "configure", &st, 0), 0);
	assert_int_equal(st.st_mtim.tv_nsec, 2000);
}

static void sparse_files_unpack_with_their_holes(void **state)
{
	struct scratch *s = *state;
	struct archive *a = start_archive(s, "tar");
	struct archive_entry *e = archive_entry_new();
	char *zeros = cenv_xcalloc(1, 1 << 20);
	struct cenv_buf got = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;

	archive_entry_set_pathname(e, "p/sparse");
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_size(e, 1 << 20);
	archive_entry_sparse_add_entry(e, 4096, 4096);
	must(a, archive_write_header(a, e));
	memset(zeros + 4096, 'd', 4096);
	assert_int_equal(archive_write_data(a, zeros, 1 << 20), 1 << 20);
	must(a, archive_write_close(a));
	archive_entry_free(e);
	archive_write_free(a);
	unpack_fine(s);
	assert_int_equal(cenv_fs_read(s->out, "sparse", 1 << 21, &got, &err), 0);
	assert_int_equal(got.len, 1 << 20);
	assert_memory_equal(got.buf, zeros, 1 << 20);
	free(tree_hash(s));
	free(zeros);
	cenv_buf_release(&got);
}

/* ---- one member, tree hash ---- */

static void a_member_is_found_below_the_single_top_folder_only(void **state)
{
	static const struct {
		struct row rows[3];
		int found;
	} cases[] = {
		{{FILE_("p/cenv.ini", "want"), FILE_("p/f", "")}, 1},
		{{FILE_("f", ""), FILE_("cenv.ini", "want")}, 1},
		{{FILE_("p/cenv.ini", "other"), FILE_("f", "")}, 0},
		{{FILE_("p/d/cenv.ini", "other"), FILE_("p/f", "")}, 0},
		{{LINK_("p/cenv.ini", "f"), FILE_("p/f", "")}, 0},
	};
	struct scratch *s = *state;
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_buf out = CENV_BUF_INIT;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cenv_buf_reset(&out);
		make(s, "gzip", cases[i].rows);
		assert_int_equal(
			cenv_unpack_member(s->fd, "ar", "lib", "cenv.ini", 100, NULL, &out, &err),
			cases[i].found);
		assert_string_equal(out.buf, cases[i].found ? "want" : "");
	}
	make(s, "gzip", cases[0].rows);
	assert_int_equal(cenv_unpack_member(s->fd, "ar", "lib", "cenv.ini", 3, NULL, &out, &err), -1);
	assert_non_null(strstr(err.msg, "larger than 3 bytes"));
	cenv_err_release(&err);
	cenv_buf_release(&out);
}

static void a_tree_hash_changes_with_names_contents_modes_and_links_only(void **state)
{
	static const struct row base[] = {
		FILE_("p/a", "a"), FILE_("p/b", "b"), LINK_("p/l", "a"), {0}};
	static const struct {
		struct row rows[5];
		int same;
	} cases[] = {
		{{LINK_("q/l", "a"), FILE_("q/b", "b"), FILE_("q/a", "a")}, 1}, /* order, top */
		{{FILE_("a", "a"), FILE_("b", "b"), LINK_("l", "a")}, 1},	/* no top */
		{{DIR_("p/"), FILE_("p/a", "a"), FILE_("p/b", "b"), LINK_("p/l", "a")}, 1},
		{{{AE_IFREG, "p/a", "a", 0600, 77}, FILE_("p/b", "b"), LINK_("p/l", "a")}, 1},
		{{{AE_IFREG, "p/a", "a", 0755, 0}, FILE_("p/b", "b"), LINK_("p/l", "a")}, 0},
		{{FILE_("p/a", "b"), FILE_("p/b", "a"), LINK_("p/l", "a")}, 0},
		{{FILE_("p/a", "a"), FILE_("p/b", "b"), LINK_("p/l", "b")}, 0},
		{{FILE_("p/a", "a"), FILE_("p/b", "b"), FILE_("p/l", "a")}, 0},
		{{FILE_("p/a", "a"), FILE_("p/b", "b")}, 0},
	};
	struct scratch *s = *state;
	struct cenv_err err = CENV_ERR_INIT;
	char want[CENV_SHA256_HEX], got[CENV_SHA256_HEX];

	make(s, "gzip", base);
	assert_int_equal(cenv_tree_hash_file(s->fd, "ar", "lib", NULL, want, &err), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make(s, "xz", cases[i].rows);
		assert_int_equal(cenv_tree_hash_file(s->fd, "ar", "lib", NULL, got, &err), 0);
		if (cases[i].same != !strcmp(got, want))
			fail_msg("case %zu", i);
	}
}

static void a_large_archive_unpacks_in_little_memory(void **state)
{
	struct scratch *s = *state;
	struct cenv_unpack_limits limits = {.max_ratio = 100000};
	struct cenv_err err = CENV_ERR_INIT;
	struct rusage before, after;

	make_bomb(s, "gzip", 25, 4 << 20);
	getrusage(RUSAGE_SELF, &before);
	assert_int_equal(cenv_unpack(s->fd, "ar", "lib", s->out, &limits, &err), 0);
	getrusage(RUSAGE_SELF, &after);
	assert_true(after.ru_maxrss - before.ru_maxrss < 16 * 1024);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* What is left out of the key is left out of the copy that is built, and nothing else is. */
static void a_folders_hash_leaves_out_version_control_and_environments(void **state)
{
	static const struct {
		const char *path;
		bool counts;
	} rows[] = {
		{".git/HEAD", false},	   {"sub/.git", false},	       {".hg/store/x", false},
		{"a/b/.svn/entries", false}, {".cenv/cenv.cfg", false}, {"env/cenv.cfg", false},
		{"env/lib/x.so", false},   {".gitignore", true},       {"git/HEAD", true},
		{"cenv.ini", true},	   {"sub/.git2/x", true},      {"x.svn", true},
	};
	char before[CENV_SHA256_HEX], after[CENV_SHA256_HEX], copied[CENV_SHA256_HEX];
	char folder[] = "/tmp/cenv-folder-test-XXXXXX";
	struct cenv_err err = CENV_ERR_INIT;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	fd = cenv_fs_open_dir(AT_FDCWD, folder, &err);
	assert_int_equal(cenv_fs_mkdirs(fd, "src/sub", 0755, &err), 0);
	assert_int_equal(cenv_fs_write(fd, "src/sub/x.c", "int x;\n", 7, 0754, 0, &err), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *path = cenv_path_join("src", rows[i].path), *from = cenv_path_join(folder, "src");
		int to;

		assert_int_equal(cenv_tree_hash_dir(fd, "src", before, &err), 0);
		assert_int_equal(cenv_fs_mkdirs_for(fd, path, &err), 0);
		assert_int_equal(cenv_fs_write(fd, path, "new", 3, 0644, 0, &err), 0);
		assert_int_equal(cenv_tree_hash_dir(fd, "src", after, &err), 0);
		if (rows[i].counts != (strcmp(before, after) != 0))
			fail_msg("'%s' %s", path, rows[i].counts ? "does not count" : "counts");
		assert_int_equal(cenv_fs_mkdirs(fd, "copy", 0755, &err), 0);
		to = cenv_fs_open_dir(fd, "copy", &err);
		assert_int_equal(cenv_source_copy(from, to, &err), 0);
		assert_int_equal(cenv_fs_exists(to, rows[i].path), rows[i].counts);
		close(to);
		assert_int_equal(cenv_tree_hash_dir(fd, "copy", copied, &err), 0);
		assert_string_equal(copied, after);
		assert_int_equal(cenv_fs_remove_tree(fd, "copy", &err), 0);
		free(path);
		free(from);
	}
	close(fd);
	assert_int_equal(cenv_fs_remove_tree(AT_FDCWD, folder, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_large_archive_unpacks_in_little_memory),
		TEST(hostile_members_are_refused),
		TEST(setuid_and_write_bits_are_dropped),
		TEST(bombs_are_stopped_by_the_limits),
		TEST(sizes_that_lie_are_refused),
		TEST(pax_headers_cannot_smuggle_names_in),
		TEST(a_full_disk_is_no_fault_of_the_archive),
		TEST(an_archive_cut_anywhere_is_refused),
		TEST(what_follows_an_archive_is_refused_unless_zero),
		TEST(what_is_no_archive_gets_a_message_that_says_what_it_is),
		TEST(a_tarball_compressed_twice_is_refused),
		TEST(every_kind_unpacks_to_the_same_tree),
		TEST(names_in_every_benign_form_unpack),
		TEST(only_a_single_top_folder_is_left_away),
		TEST(times_keep_their_order_to_the_nanosecond),
		TEST(sparse_files_unpack_with_their_holes),
		TEST(a_member_is_found_below_the_single_top_folder_only),
		TEST(a_tree_hash_changes_with_names_contents_modes_and_links_only),
		TEST(a_folders_hash_leaves_out_version_control_and_environments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

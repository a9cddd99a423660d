/* SPDX-License-Identifier: MIT */
#include "store/build/shadow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/digest/digest.h"
#include "store/fs/fs.h"

/* Goes up when the rules below change, so that older shadows are not used. */
#define SHADOW_FORMAT 2
#define MOUNTS_MAX (1 << 20)

/* ---- the rules ---- */

static bool listed(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

#define LISTED(names, name) listed(names, sizeof(names) / sizeof(*(names)), name)

bool cenv_shadow_keeps_header(const char *name)
{
	/* glibc's and musl's headers, libcrypt's, the kernel's, the compiler's */
	static const char *const kept[] = {
		"a.out.h", "aio.h", "aliases.h", "alloca.h", "alltypes.h", "ar.h", "argp.h",
		"argz.h", "arpa", "asm", "asm-generic", "assert.h", "bits", "byteswap.h", "c++",
		"complex.h", "cpio.h", "crypt.h", "ctype.h", "cxl", "dirent.h", "dlfcn.h", "elf.h",
		"endian.h", "envz.h", "err.h", "errno.h", "error.h", "execinfo.h", "fcntl.h",
		"features-time64.h", "features.h", "fenv.h", "finclude", "fmtmsg.h", "fnmatch.h",
		"fortify", "fpu_control.h", "fstab.h", "fts.h", "ftw.h", "gconv.h", "getopt.h",
		"glob.h", "gnu", "gnu-versions.h", "grp.h", "gshadow.h", "iconv.h", "ieee754.h",
		"ifaddrs.h", "inttypes.h", "iso646.h", "langinfo.h", "lastlog.h", "libgen.h",
		"libintl.h", "limits.h", "link.h", "linux", "locale.h", "malloc.h", "math.h",
		"mcheck.h", "memory.h", "misc", "mntent.h", "monetary.h", "mqueue.h", "mtd", "net",
		"netash", "netatalk", "netax25", "netdb.h", "neteconet", "netinet", "netipx",
		"netiucv", "netpacket", "netrom", "netrose", "nfs", "nl_types.h", "nss.h",
		"obstack.h", "paths.h", "poll.h", "printf.h", "proc_service.h", "protocols",
		"pthread.h", "pty.h", "pwd.h", "rdma", "re_comp.h", "regex.h", "regexp.h",
		"resolv.h", "rpc", "sched.h", "scsi", "search.h", "semaphore.h", "setjmp.h",
		"sgtty.h", "shadow.h", "signal.h", "sound", "spawn.h", "stab.h", "stdalign.h",
		"stdarg.h", "stdbit.h", "stdbool.h", "stdc-predef.h", "stdckdint.h", "stddef.h",
		"stdint.h", "stdio.h", "stdio_ext.h", "stdlib.h", "stdnoreturn.h", "string.h",
		"strings.h", "stropts.h", "sys", "syscall.h", "sysexits.h", "syslog.h", "tar.h",
		"termio.h", "termios.h", "tgmath.h", "thread_db.h", "threads.h", "time.h",
		"ttyent.h", "uchar.h", "ucontext.h", "ulimit.h", "unistd.h", "utime.h", "utmp.h",
		"utmpx.h", "values.h", "video", "wait.h", "wchar.h", "wctype.h", "wordexp.h", "xen",
	};

	return LISTED(kept, name);
}

/* "libm" of libm.so and libm-2.36.a; up to the first dot otherwise. */
static bool is_toolchain_library(const char *name)
{
	static const char *const stems[] = {
		"libBrokenLocale", "libanl", "libasan", "libatomic", "libc", "libc++", "libc++abi",
		"libc_malloc_debug", "libc_nonshared", "libcrypt", "libdl", "libg", "libgcc",
		"libgcc_eh", "libgcc_s", "libgomp", "libitm", "liblsan", "libm", "libmcheck",
		"libmvec", "libnss_compat", "libnss_hesiod", "libpthread", "libpthread_nonshared",
		"libquadmath", "libresolv", "librt", "libssp", "libssp_nonshared", "libstdc++",
		"libstdc++fs", "libsupc++", "libthread_db", "libtsan", "libubsan", "libunwind",
		"libutil", "libxnet",
	};
	char *stem = cenv_xstrndup(name, strcspn(name, "."));
	bool found = LISTED(stems, stem) || cenv_str_starts(name, "libm-") ||
		     cenv_str_starts(name, "ld-");

	free(stem);
	return found;
}

bool cenv_shadow_keeps_library(const char *name, bool is_link)
{
	if (is_toolchain_library(name))
		return true;
	if (cenv_str_ends(name, ".a") || cenv_str_ends(name, ".la") || cenv_str_ends(name, ".sh") ||
	    cenv_str_ends(name, ".pc"))
		return false;
	/* a library without a version may be what a program loads: libbfd-2.40-system.so */
	return !cenv_str_ends(name, ".so") || !is_link;
}

bool cenv_shadow_keeps_library_folder(const char *name)
{
	return strcmp(name, "pkgconfig") != 0 && strcmp(name, "cmake") != 0;
}

/* Compilers name files by the way of GCCDIR/../../.., which through a link would lead out of the
 * shadow: their folders are mounted. Linking all others saves a hundred mounts a build. */
static bool is_compiler_folder(const char *name)
{
	return cenv_str_starts(name, "gcc") || cenv_str_starts(name, "llvm") ||
	       cenv_str_starts(name, "clang");
}

bool cenv_shadow_is_config_program(const char *name)
{
	const char *at = strstr(name, "-config");

	if (!at || cenv_str_ends(name, "pkg-config"))
		return false;
	at += strlen("-config");
	return *at == '\0' || (*at == '-' && at[1] >= '0' && at[1] <= '9') ||
	       (*at >= '0' && *at <= '9');
}

/* ---- which folders ---- */

enum kind { INCLUDE, LIBRARY, PROGRAMS };

struct folder {
	char *path;
	enum kind kind;
	struct stat st;
};

struct folders {
	struct folder *v;
	size_t n, cap;
};

/* A symlink (lib64 -> lib) leads to a folder that is in the list by itself. */
static void add_folder(struct folders *list, const char *path, enum kind kind)
{
	struct folder folder = {.kind = kind};

	if (lstat(path, &folder.st) < 0 || !S_ISDIR(folder.st.st_mode))
		return;
	folder.path = cenv_xstrdup(path);
	CENV_GROW(list->v, list->n, list->cap);
	list->v[list->n++] = folder;
}

/* A folder and those of single targets in it: /usr/lib/x86_64-linux-gnu. */
static int add_with_targets(struct folders *list, const char *path, enum kind kind,
			    struct cenv_err *err)
{
	struct cenv_strv names = {0};
	int ret = 0;

	add_folder(list, path, kind);
	if (cenv_fs_is_dir(AT_FDCWD, path))
		ret = cenv_fs_list(AT_FDCWD, path, &names, err);
	for (size_t i = 0; ret == 0 && i < names.n; i++) {
		if (strstr(names.v[i], "-linux-")) {
			char *sub = cenv_path_join(path, names.v[i]);

			add_folder(list, sub, kind);
			free(sub);
		}
	}
	cenv_strv_release(&names);
	return ret;
}

/* Parents come before what is in them, as mounting needs it. */
static int find_folders(struct folders *list, struct cenv_err *err)
{
	static const struct {
		const char *path;
		enum kind kind;
	} tops[] = {
		{"/usr/include", INCLUDE},   {"/usr/lib", LIBRARY},
		{"/usr/lib64", LIBRARY},     {"/usr/local/include", INCLUDE},
		{"/usr/local/lib", LIBRARY}, {"/usr/local/lib64", LIBRARY},
		{"/usr/bin", PROGRAMS},      {"/usr/local/bin", PROGRAMS},
	};

	for (size_t i = 0; i < sizeof(tops) / sizeof(*tops); i++)
		if (add_with_targets(list, tops[i].path, tops[i].kind, err) < 0)
			return -1;
	return 0;
}

static void release_folders(struct folders *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i].path);
	free(list->v);
}

static bool is_listed_folder(const struct folders *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->v[i].path, path))
			return true;
	return false;
}

static int fingerprint(const struct folders *list, char out[CENV_SHA256_HEX], struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	int ret;

	cenv_buf_addf(&text, "%d\n", SHADOW_FORMAT);
	for (size_t i = 0; i < list->n; i++) {
		const struct stat *st = &list->v[i].st;

		cenv_buf_addf(&text, "%s %llu %lld.%09ld\n", list->v[i].path,
			      (unsigned long long)st->st_ino, (long long)st->st_mtim.tv_sec,
			      st->st_mtim.tv_nsec);
	}
	ret = cenv_sha256_data(text.buf, text.len, out, err);
	cenv_buf_release(&text);
	return ret;
}

/* ---- making ---- */

/* One run of making a shadow: `mounts` becomes a file that lists what is mounted where. */
struct maker {
	const struct folders *folders;
	int fd; /* the shadow's folder */
	struct cenv_buf mounts;
};

/* A text that stands in for a library is a linker script. */
static bool is_elf(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char magic[4] = "";
	bool elf = fd >= 0 && read(fd, magic, 4) == 4 && !memcmp(magic, "\177ELF", 4);

	if (fd >= 0)
		close(fd);
	return elf;
}

static bool keeps(const struct folder *folder, int realfd, const char *name, mode_t mode)
{
	if (folder->kind == INCLUDE)
		return cenv_shadow_keeps_header(name);
	if (S_ISDIR(mode))
		return cenv_shadow_keeps_library_folder(name);
	return cenv_shadow_keeps_library(name, S_ISLNK(mode) || (cenv_str_ends(name, ".so") &&
								  !is_elf(realfd, name)));
}

static int shadow_entry(struct maker *maker, const struct folder *folder, int realfd, int shadowfd,
			const char *name, struct cenv_err *err)
{
	char *path = cenv_path_join(folder->path, name), *target = NULL;
	bool nested = is_listed_folder(maker->folders, path);
	struct stat st;
	int ret = 0;

	if (fstatat(realfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		goto out; /* gone meanwhile: the fingerprint will differ next time */
	if (!nested && !keeps(folder, realfd, name, st.st_mode))
		goto out;
	if (nested || (S_ISDIR(st.st_mode) && is_compiler_folder(name))) {
		ret = mkdirat(shadowfd, name, 0755);
		if (!nested)
			cenv_buf_addf(&maker->mounts, "keep %s\n", path);
	} else {
		target = cenv_strf("%s%s", CENV_SHADOW_HOST, path);
		ret = symlinkat(target, shadowfd, name);
	}
	if (ret < 0)
		cenv_err_sys(err, errno, "cannot create '%s' in the store", name);
out:
	free(path);
	free(target);
	return ret;
}

static int shadow_folder(struct maker *maker, size_t index, struct cenv_err *err)
{
	const struct folder *folder = &maker->folders->v[index];
	char *name = cenv_strf("%zu", index);
	struct cenv_strv names = {0};
	int realfd = -1, shadowfd = -1, ret = -1;

	if (mkdirat(maker->fd, name, 0755) < 0) {
		cenv_err_sys(err, errno, "cannot create a folder in the store");
		goto out;
	}
	shadowfd = cenv_fs_open_dir(maker->fd, name, err);
	realfd = shadowfd < 0 ? -1 : cenv_fs_open_dir(AT_FDCWD, folder->path, err);
	if (realfd < 0 || cenv_fs_list(realfd, ".", &names, err) < 0)
		goto out;
	cenv_buf_addf(&maker->mounts, "shadow %s %s\n", name, folder->path);
	ret = 0;
	for (size_t i = 0; ret == 0 && i < names.n; i++)
		ret = strpbrk(names.v[i], "\n") ? 0
						: shadow_entry(maker, folder, realfd, shadowfd,
							       names.v[i], err);
out:
	if (realfd >= 0)
		close(realfd);
	if (shadowfd >= 0)
		close(shadowfd);
	cenv_strv_release(&names);
	free(name);
	return ret;
}

/* A mount cannot cover a symlink, so what it leads to is covered. */
static int hide_programs(struct maker *maker, const char *folder, struct cenv_err *err)
{
	struct cenv_strv names = {0}, hidden = {0};
	int ret = cenv_fs_list(AT_FDCWD, folder, &names, err);

	for (size_t i = 0; ret == 0 && i < names.n; i++) {
		char *path, *real;

		if (!cenv_shadow_is_config_program(names.v[i]))
			continue;
		path = cenv_path_join(folder, names.v[i]);
		real = realpath(path, NULL);
		if (real && cenv_str_starts(real, "/usr/") &&
		    cenv_shadow_is_config_program(cenv_path_base(real)))
			cenv_strv_add(&hidden, real);
		free(real);
		free(path);
	}
	cenv_strv_sort_unique(&hidden);
	for (size_t i = 0; i < hidden.n; i++)
		cenv_buf_addf(&maker->mounts, "hide %s\n", hidden.v[i]);
	cenv_strv_release(&names);
	cenv_strv_release(&hidden);
	return ret;
}

static int fill(struct maker *maker, struct cenv_err *err)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < maker->folders->n; i++) {
		const struct folder *folder = &maker->folders->v[i];

		if (folder->kind == PROGRAMS)
			ret = hide_programs(maker, folder->path, err);
		else
			ret = shadow_folder(maker, i, err);
	}
	if (ret == 0)
		ret = cenv_fs_write(maker->fd, "mounts", maker->mounts.buf, maker->mounts.len, 0644,
				    0, err);
	return ret;
}

static int make_shadow(const struct cenv_store *store, const struct folders *folders,
		       const char *name, struct cenv_err *err)
{
	struct maker maker = {.folders = folders, .fd = -1, .mounts = CENV_BUF_INIT};
	char *tmp = cenv_store_tmpdir(store, "shadow", err);
	int ret = -1;

	if (!tmp)
		return -1;
	maker.fd = cenv_fs_open_dir(store->fd, tmp, err);
	if (maker.fd < 0 || fill(&maker, err) < 0)
		goto out;
	fchmod(maker.fd, 0755);
	/* another process may have been first: its folder is as good */
	if (renameat(store->fd, tmp, store->fd, name) < 0 && errno != EEXIST && errno != ENOTEMPTY) {
		cenv_err_sys(err, errno, "cannot create '%s/%s'", store->path, name);
		goto out;
	}
	ret = 0;
out:
	if (maker.fd >= 0)
		close(maker.fd);
	if (cenv_fs_exists(store->fd, tmp)) {
		struct cenv_err ignored = CENV_ERR_INIT;

		cenv_fs_remove_tree(store->fd, tmp, &ignored);
		cenv_err_release(&ignored);
	}
	cenv_buf_release(&maker.mounts);
	free(tmp);
	return ret;
}

/* ---- mounting ---- */

static void mount_words(struct cenv_strv *argv, const char *option, const char *from,
			const char *to)
{
	cenv_strv_add(argv, option);
	cenv_strv_add(argv, from);
	cenv_strv_add(argv, to);
}

static void mount_line(const struct cenv_store *store, const char *shadow, char *line,
		       struct cenv_strv *argv)
{
	char *rest = strchr(line, ' '), *path;

	if (!rest)
		return;
	*rest++ = '\0';
	if (!strcmp(line, "keep")) {
		/* it may have gone since: that is no reason to build nothing */
		mount_words(argv, "--ro-bind-try", rest, rest);
	} else if (!strcmp(line, "hide")) {
		mount_words(argv, "--ro-bind", "/dev/null", rest);
	} else if (!strcmp(line, "shadow") && (path = strchr(rest, ' '))) {
		char *from = cenv_strf("%s/%s/%.*s", store->path, shadow, (int)(path - rest), rest);

		mount_words(argv, "--ro-bind", from, path + 1);
		free(from);
	}
}

static int mount_all(const struct cenv_store *store, const char *shadow, struct cenv_strv *argv,
		     struct cenv_err *err)
{
	static const char *const empty[] = {"/usr/share/pkgconfig", "/usr/local/share/pkgconfig"};
	char *file = cenv_path_join(shadow, "mounts"), *line, *next;
	struct cenv_buf text = CENV_BUF_INIT;
	int ret = cenv_fs_read(store->fd, file, MOUNTS_MAX, &text, err);

	for (line = text.buf; ret == 0 && (next = strchr(line, '\n')); line = next + 1) {
		*next = '\0';
		mount_line(store, shadow, line, argv);
	}
	for (size_t i = 0; ret == 0 && i < sizeof(empty) / sizeof(*empty); i++) {
		if (!cenv_fs_is_dir(AT_FDCWD, empty[i]))
			continue;
		cenv_strv_add(argv, "--tmpfs");
		cenv_strv_add(argv, empty[i]);
	}
	cenv_buf_release(&text);
	free(file);
	return ret;
}

int cenv_shadow_mount(const struct cenv_store *store, struct cenv_strv *argv,
		      struct cenv_err *err)
{
	struct folders folders = {0};
	char hash[CENV_SHA256_HEX], *shadow = NULL;
	int ret = -1;

	if (find_folders(&folders, err) < 0 || fingerprint(&folders, hash, err) < 0)
		goto out;
	shadow = cenv_strf("shadow/%.16s", hash);
	if (!cenv_fs_exists(store->fd, shadow) && make_shadow(store, &folders, shadow, err) < 0)
		goto out;
	mount_words(argv, "--ro-bind", "/usr", CENV_SHADOW_HOST "/usr");
	ret = mount_all(store, shadow, argv, err);
out:
	if (ret < 0)
		cenv_err_wrap(err, "cannot mask the system's development files");
	release_folders(&folders);
	free(shadow);
	return ret;
}

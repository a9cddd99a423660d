/* SPDX-License-Identifier: MIT */
#include "store/object/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/str.h"
#include "store/object/elf_ops.h"

static const char magic[] = "\177ELF";

bool cenv_elf_is_magic(const void *data, size_t len)
{
	return len >= sizeof(magic) - 1 && !memcmp(data, magic, sizeof(magic) - 1);
}

static void split_paths(struct cenv_elf *elf)
{
	for (size_t i = 0; i < elf->npaths; i++) {
		for (const char *p = elf->paths[i].text; *p;) {
			size_t len = strcspn(p, ":");

			if (len)
				cenv_strv_addn(&elf->runpath, p, len);
			p += len + (p[len] == ':');
		}
	}
}

int cenv_elf_parse(struct cenv_elf *out, const char *data, size_t len, const char *label,
		   struct cenv_err *err)
{
	const struct cenv_elf_ops *ops;

	*out = (struct cenv_elf){0};
	if (!cenv_elf_is_magic(data, len))
		return 0;
	ops = cenv_module_load("elf", err);
	if (!ops)
		return -1;
	if (ops->parse(out, data, len, label, err) < 0) {
		cenv_elf_release(out);
		return -1;
	}
	split_paths(out);
	return 1;
}

/* 1 mapped, 0 too short for an ELF file or none, -1 error */
static int map_file(int fd, const char *name, char **data, size_t *len, struct cenv_err *err)
{
	char start[sizeof(magic) - 1];
	struct stat st;
	ssize_t n = pread(fd, start, sizeof(start), 0);

	if (n < 0 || fstat(fd, &st) < 0)
		return cenv_err_sys(err, errno, "cannot read '%s'", name);
	if (!cenv_elf_is_magic(start, (size_t)n))
		return 0;
	*len = (size_t)st.st_size;
	*data = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (*data == MAP_FAILED)
		return cenv_err_sys(err, errno, "cannot read '%s'", name);
	return 1;
}

int cenv_elf_read(struct cenv_elf *out, int dirfd, const char *name, struct cenv_err *err)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY), ret;
	char *data = NULL;
	size_t len = 0;

	*out = (struct cenv_elf){0};
	if (fd < 0)
		return cenv_err_sys(err, errno, "cannot open '%s'", name);
	ret = map_file(fd, name, &data, &len, err);
	close(fd);
	if (ret <= 0)
		return ret;
	ret = cenv_elf_parse(out, data, len, name, err);
	munmap(data, len);
	return ret;
}

void cenv_elf_release(struct cenv_elf *elf)
{
	free(elf->soname);
	for (size_t i = 0; i < elf->npaths; i++)
		free(elf->paths[i].text);
	cenv_strv_release(&elf->needed);
	cenv_strv_release(&elf->runpath);
	*elf = (struct cenv_elf){0};
}

bool cenv_elf_is_base_library(const char *soname)
{
	/* glibc and musl, their loaders, and the run-time libraries of gcc and clang */
	static const char *const patterns[] = {
		"libc.so.*",        "libm.so.*",       "libdl.so.*",        "libpthread.so.*",
		"librt.so.*",       "libutil.so.*",    "libresolv.so.*",    "libanl.so.*",
		"libmvec.so.*",     "libnss_*.so.*",   "libthread_db.so.*", "libBrokenLocale.so.*",
		"ld-linux*.so.*",   "ld64.so.*",       "ld.so.*",           "ld-musl-*.so.*",
		"libc.musl-*.so.*", "libc.so",         "linux-vdso.so.*",   "libgcc_s.so.*",
		"libstdc++.so.*",   "libatomic.so.*",  "libgomp.so.*",      "libquadmath.so.*",
		"libgfortran.so.*", "libssp.so.*",     "libitm.so.*",       "libasan.so.*",
		"libubsan.so.*",    "liblsan.so.*",    "libtsan.so.*",      "libhwasan.so.*",
		"libc++.so.*",      "libc++abi.so.*",  "libunwind.so.1",    "libomp.so.*",
	};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++)
		if (cenv_glob_match(patterns[i], soname))
			return true;
	return false;
}

/* SPDX-License-Identifier: MIT */
#include "store/env/constants.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "store/fs/fs.h"

/* the file's bytes between two symbols: no generated source, no look-up at run time */
#define EMBED(symbol, file)                                                                        \
	__asm__(".section .rodata\n"                                                               \
		".global cenv_embed_" #symbol "\n.hidden cenv_embed_" #symbol "\n"                  \
		".global cenv_embed_" #symbol "_end\n.hidden cenv_embed_" #symbol "_end\n"          \
		"cenv_embed_" #symbol ":\n.incbin \"" CENV_ACTIVATE_DIR "/" file "\"\n"             \
		"cenv_embed_" #symbol "_end:\n.byte 0\n.previous\n");                               \
	extern const char cenv_embed_##symbol[], cenv_embed_##symbol##_end[]

EMBED(activate, "activate.sh");
EMBED(activate_fish, "activate.fish");
EMBED(activate_csh, "activate.csh");
EMBED(cc, "cc.sh");
EMBED(toolchain, "toolchain.cmake");
EMBED(gitignore, "gitignore");

#define CONSTANT(file, where, symbol, permissions)                                                 \
	{                                                                                          \
		.name = file, .path = where, .start = cenv_embed_##symbol,                         \
		.end = cenv_embed_##symbol##_end, .mode = permissions                              \
	}

const struct cenv_constant cenv_constants[] = {
	CONSTANT("activate", "bin/activate", activate, 0444),
	CONSTANT("activate.fish", "bin/activate.fish", activate_fish, 0444),
	CONSTANT("activate.csh", "bin/activate.csh", activate_csh, 0444),
	CONSTANT("cc", "bin/cc", cc, 0555),
	CONSTANT("cc", "bin/c++", cc, 0555), /* it looks at the name it was called by */
	CONSTANT("toolchain.cmake", "lib/cenv/toolchain.cmake", toolchain, 0444),
	CONSTANT("gitignore", ".gitignore", gitignore, 0444),
};
const size_t cenv_nconstants = sizeof(cenv_constants) / sizeof(*cenv_constants);

static size_t size_of(const struct cenv_constant *c)
{
	return (size_t)(c->end - c->start);
}

static int write_one(int dirfd, const char *name, const struct cenv_constant *c,
		     struct cenv_err *err)
{
	return cenv_fs_write(dirfd, name, c->start, size_of(c), c->mode, 0, err);
}

static int write_all(int dirfd, struct cenv_err *err)
{
	for (size_t i = 0; i < cenv_nconstants; i++)
		if (write_one(dirfd, cenv_constants[i].name, &cenv_constants[i], err) < 0)
			return -1;
	return 0;
}

/** Make const/<id> under another name and rename it; who comes second drops his. */
static int publish(const struct cenv_store *store, const char *folder, struct cenv_err *err)
{
	char *tmp = cenv_store_tmpdir(store, "const", err);
	struct cenv_err ignored = CENV_ERR_INIT;
	int fd, ret = -1;

	if (!tmp)
		return -1;
	fd = cenv_fs_open_dir(store->fd, tmp, err);
	if (fd >= 0) {
		ret = fchmod(fd, 0755) < 0
			      ? cenv_err_sys(err, errno, "cannot prepare '%s/%s'", store->path, tmp)
			      : write_all(fd, err);
		close(fd);
	}
	if (ret == 0 && renameat(store->fd, tmp, store->fd, folder) < 0 && errno != EEXIST &&
	    errno != ENOTEMPTY)
		ret = cenv_err_sys(err, errno, "cannot create '%s/%s'", store->path, folder);
	cenv_fs_remove_tree(store->fd, tmp, &ignored);
	cenv_err_release(&ignored);
	free(tmp);
	return ret;
}

/** The folder of the constant files in the store, made when it is not there. -1: none, no error. */
static int open_folder(const struct cenv_store *store)
{
	const char *folder = "const/" CENV_CONST_ID;
	struct cenv_err err = CENV_ERR_INIT;
	int fd = openat(store->fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* a store that cannot be written is no reason to fail: the files are written instead */
	if (fd < 0 && errno == ENOENT && publish(store, folder, &err) == 0)
		fd = openat(store->fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cenv_err_release(&err);
	return fd;
}

/** Does the store's copy still look like ours? Somebody may have edited a link to it. */
static bool is_whole(int constfd, const struct cenv_constant *c)
{
	struct stat st;

	return fstatat(constfd, c->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       (size_t)st.st_size == size_of(c) && (st.st_mode & 07777) == c->mode;
}

static int link_over(int constfd, const struct cenv_constant *c, int envfd)
{
	char tmp[64];
	int ret;

	if (linkat(constfd, c->name, envfd, c->path, 0) == 0)
		return 0;
	if (errno != EEXIST)
		return -1;
	snprintf(tmp, sizeof(tmp), ".cenv-link-%ld", (long)getpid());
	if (linkat(constfd, c->name, envfd, tmp, 0) < 0)
		return -1;
	ret = renameat(envfd, tmp, envfd, c->path);
	/* a rename onto another link of the same file does nothing, and leaves it */
	unlinkat(envfd, tmp, 0);
	return ret;
}

static int place_one(int constfd, const struct cenv_constant *c, int envfd, struct cenv_err *err)
{
	struct cenv_err ignored = CENV_ERR_INIT;
	bool refreshed = false;

	if (constfd >= 0 && !is_whole(constfd, c)) {
		refreshed = write_one(constfd, c->name, c, &ignored) == 0;
		cenv_err_release(&ignored);
		if (!refreshed)
			constfd = -1;
	}
	if (constfd >= 0 && link_over(constfd, c, envfd) == 0)
		return 0;
	if (constfd >= 0 && errno == EMLINK && !refreshed) {
		/* the file system's limit: a fresh copy takes the next links */
		refreshed = write_one(constfd, c->name, c, &ignored) == 0;
		cenv_err_release(&ignored);
		if (refreshed && link_over(constfd, c, envfd) == 0)
			return 0;
	}
	return write_one(envfd, c->path, c, err);
}

int cenv_constants_place(int envfd, const struct cenv_store *store, struct cenv_err *err)
{
	int constfd = store ? open_folder(store) : -1, ret = 0;

	for (size_t i = 0; i < cenv_nconstants && ret == 0; i++)
		ret = place_one(constfd, &cenv_constants[i], envfd, err);
	if (constfd >= 0)
		close(constfd);
	return ret;
}

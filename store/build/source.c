/* SPDX-License-Identifier: MIT */
#include "store/build/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/strv.h"
#include "store/fs/fs.h"
#include "store/proc/proc.h"
#include "store/unpack/unpack.h"

static int copy_folder(int from, int to, struct cenv_err *err);

static int copy_link(int from, int to, const char *name, struct cenv_err *err)
{
	struct cenv_buf target = CENV_BUF_INIT;
	int ret = cenv_fs_readlink(from, name, &target, err);

	if (ret == 0 && symlinkat(target.buf, to, name) < 0)
		ret = cenv_err_sys(err, errno, "cannot create link '%s'", name);
	cenv_buf_release(&target);
	return ret;
}

static int copy_subfolder(int from, int to, const char *name, struct cenv_err *err)
{
	int subfrom = -1, subto = -1, ret = -1;

	if (mkdirat(to, name, 0755) < 0) {
		cenv_err_sys(err, errno, "cannot create folder '%s'", name);
		goto out;
	}
	subfrom = cenv_fs_open_dir(from, name, err);
	if (subfrom < 0)
		goto out;
	subto = cenv_fs_open_dir(to, name, err);
	if (subto < 0)
		goto out;
	ret = copy_folder(subfrom, subto, err);
out:
	if (subfrom >= 0)
		close(subfrom);
	if (subto >= 0)
		close(subto);
	return ret;
}

static int copy_entry(int from, int to, const char *name, struct cenv_err *err)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return cenv_err_sys(err, errno, "cannot examine '%s'", name);
	if (S_ISLNK(st.st_mode))
		return copy_link(from, to, name, err);
	if (S_ISDIR(st.st_mode))
		return copy_subfolder(from, to, name, err);
	if (S_ISREG(st.st_mode))
		return cenv_fs_copy(from, name, to, name, st.st_mode & 0100 ? 0755 : 0644, err);
	return 0; /* sockets and the like are no sources */
}

static int copy_folder(int from, int to, struct cenv_err *err)
{
	struct cenv_strv names = {0};
	int ret = cenv_fs_list(from, ".", &names, err);

	for (size_t i = 0; ret == 0 && i < names.n; i++) {
		if (!cenv_tree_leaves_out(from, names.v[i]))
			ret = copy_entry(from, to, names.v[i], err);
		if (ret == 0)
			ret = cenv_interrupt_check(err);
	}
	cenv_strv_release(&names);
	return ret;
}

int cenv_source_copy(const char *from, int tofd, struct cenv_err *err)
{
	int fd = cenv_fs_open_dir(AT_FDCWD, from, err);
	int ret;

	if (fd < 0)
		return -1;
	ret = copy_folder(fd, tofd, err);
	close(fd);
	return ret < 0 ? cenv_err_wrap(err, "cannot copy '%s'", from) : 0;
}

static int settle_folder(int dirfd, struct cenv_err *err)
{
	static const struct timespec times[2] = {{.tv_sec = CENV_SOURCE_EPOCH},
						 {.tv_sec = CENV_SOURCE_EPOCH}};
	struct cenv_strv names = {0};
	int ret = cenv_fs_list(dirfd, ".", &names, err);

	for (size_t i = 0; ret == 0 && i < names.n; i++) {
		const char *name = names.v[i];

		if (cenv_fs_is_dir(dirfd, name)) {
			int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

			if (fd >= 0) {
				ret = settle_folder(fd, err);
				close(fd);
			}
		}
		if (ret == 0 && utimensat(dirfd, name, times, AT_SYMLINK_NOFOLLOW) < 0)
			ret = cenv_err_sys(err, errno, "cannot set the time of '%s'", name);
	}
	cenv_strv_release(&names);
	return ret;
}

int cenv_source_settle(int dirfd, const char *label, struct cenv_err *err)
{
	if (settle_folder(dirfd, err) < 0)
		return cenv_err_wrap(err, "cannot prepare '%s'", label);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "store/usage.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fs/fs.h"

enum { DEPTH_MAX = 256 };

/* Bytes of everything below an open directory, which is closed. Hard links inside one object are
 * rare enough not to matter. */
static unsigned long long tree_bytes(int fd, unsigned depth)
{
	unsigned long long total = 0;
	DIR *dir = fdopendir(fd);
	struct dirent *e;
	struct stat st;

	if (!dir) {
		close(fd);
		return 0;
	}
	while ((e = cenv_fs_next(dir))) {
		if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		total += (unsigned long long)st.st_blocks * 512;
		if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX) {
			int child = openat(dirfd(dir), e->d_name,
					   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

			if (child >= 0)
				total += tree_bytes(child, depth + 1);
		}
	}
	closedir(dir);
	return total;
}

static size_t count_entries(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;
	size_t n = 0;

	if (!dir) {
		if (copy >= 0)
			close(copy);
		return 0;
	}
	while ((e = cenv_fs_next(dir)))
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

void cenv_store_usage(struct cenv_store_usage *out, const struct cenv_store *store)
{
	struct {
		const char *folder;
		size_t *n;
		unsigned long long *bytes;
	} rows[] = {
		{"sources", &out->sources, &out->source_bytes},
		{"objects", &out->objects, &out->object_bytes},
		{"logs", &out->logs, &out->log_bytes},
		{"build", &out->builds, &out->build_bytes},
	};

	*out = (struct cenv_store_usage){0};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int fd = openat(store->fd, rows[i].folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			continue;
		*rows[i].n = count_entries(fd);
		*rows[i].bytes = tree_bytes(fd, 0);
	}
}

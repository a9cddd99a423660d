/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_FS_FS_H
#define CENV_STORE_FS_FS_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/strv.h"

/*
 * Files. Everything works on an open directory and a name relative to it
 * (AT_FDCWD is allowed); every descriptor is close-on-exec; names in messages
 * are the ones that were passed.
 */

/** Does the machine lack something just now, descriptors or memory? No fault of what was opened. */
bool cenv_fs_is_shortage(int error);

/** Open a directory for reading. @return the fd or -1 with err set. */
int cenv_fs_open_dir(int dirfd, const char *name, struct cenv_err *err);

/**
 * Open a directory that can be reached without following a link, from dirfd on.
 * @return the fd, or -1 with errno set.
 */
int cenv_fs_open_beneath(int dirfd, const char *path);

/**
 * Read a whole file into buf (appended). What is no file, as a pipe nobody writes into, is refused
 * and never waited for.
 * @param max refuse a larger file with CENV_E_IO / EFBIG.
 * @return 0 or -1 (err->sys is ENOENT when it is not there).
 */
int cenv_fs_read(int dirfd, const char *name, size_t max, struct cenv_buf *buf,
		 struct cenv_err *err);
/** The same of what the user names: a pipe is waited for and read to its end. */
int cenv_fs_read_any(int dirfd, const char *name, size_t max, struct cenv_buf *buf,
		     struct cenv_err *err);
/** The same for text that others wrote: what is no file or larger than max is CENV_E_SYNTAX. */
int cenv_fs_read_text(int dirfd, const char *name, size_t max, struct cenv_buf *buf,
		      struct cenv_err *err);

enum cenv_fs_write_flags {
	CENV_FS_SYNC = 1 << 0,   /* fsync file and directory before returning */
	CENV_FS_CREATE = 1 << 1, /* fail with EEXIST when the name exists */
};

/**
 * Replace a file as a whole: a neighbour is written and renamed over `name`.
 * On failure the old file is as it was and no neighbour is left.
 */
int cenv_fs_write(int dirfd, const char *name, const void *data, size_t len, mode_t mode,
		  unsigned flags, struct cenv_err *err);

/**
 * The same for a file that is the user's: a symlink stays one and the file it leads to is
 * replaced, which keeps its mode; a device or a pipe is written to. A new file gets 0644.
 */
int cenv_fs_update(const char *path, const void *data, size_t len, struct cenv_err *err);

/** Is it a regular file, perhaps behind symlinks? */
bool cenv_fs_is_file(int dirfd, const char *name);

/** mkdir -p of a relative or absolute path; existing directories are fine. */
int cenv_fs_mkdirs(int dirfd, const char *path, mode_t mode, struct cenv_err *err);

/** mkdirs of everything before the last '/' of path. */
int cenv_fs_mkdirs_for(int dirfd, const char *path, struct cenv_err *err);

/** rm -rf without following symlinks; makes read-only directories writable first. Absent is fine. */
int cenv_fs_remove_tree(int dirfd, const char *name, struct cenv_err *err);

/** Does it exist (lstat)? */
bool cenv_fs_exists(int dirfd, const char *name);

bool cenv_fs_is_dir(int dirfd, const char *name);

/** Copy a regular file with reflink or copy_file_range when possible. The target must not exist. */
int cenv_fs_copy(int srcdir, const char *src, int dstdir, const char *dst, mode_t mode,
		 struct cenv_err *err);

/** Write all of it, retrying short writes and EINTR. @return 0 or -1 with errno set. */
int cenv_fs_write_all(int fd, const void *data, size_t len);

/**
 * The next entry but "." and "..".
 * @return NULL at the end, when errno is 0, or when the directory cannot be read further: never take
 *         a part of a directory for the whole.
 */
struct dirent *cenv_fs_next(DIR *dir);

/** Names in a directory without . and .., sorted bytewise; *out is empty before, and on failure. */
int cenv_fs_list(int dirfd, const char *name, struct cenv_strv *out, struct cenv_err *err);

/** readlink into buf (appended). */
int cenv_fs_readlink(int dirfd, const char *name, struct cenv_buf *buf, struct cenv_err *err);

/** Absolute path with symlinks and . .. resolved; NULL with err set. Caller frees. */
char *cenv_fs_realpath(const char *path, struct cenv_err *err);

/** The working directory joined with path unless path is absolute; no symlink is resolved,
 *  "." components and doubled slashes go. Caller frees. */
char *cenv_fs_absolute(const char *path, struct cenv_err *err);

/** dir + "/" + name; dir alone when name is empty. Caller frees. */
char *cenv_path_join(const char *dir, const char *name);

/** Borrowed pointer to the part after the last '/'. */
const char *cenv_path_base(const char *path);

/** Everything before the last '/': "." without one, "/" for the root. Caller frees. */
char *cenv_path_dir(const char *path);

/* ---- locks ---- */

/**
 * Take an flock on a file that stays (created when absent).
 *
 * @param exclusive false for a shared lock.
 * @param waiting   called once, before blocking, when somebody else holds it; may be NULL.
 * @return an fd that holds the lock until it is closed, or -1 (CENV_E_INTERRUPT when a signal
 *         with a handler arrives while it waits).
 */
int cenv_fs_lock(int dirfd, const char *name, bool exclusive, void (*waiting)(void *payload),
		 void *payload, struct cenv_err *err);

#endif

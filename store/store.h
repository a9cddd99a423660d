/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_STORE_H
#define CENV_STORE_STORE_H

#include <stdbool.h>

#include "core/base/err.h"

/*
 * The store: $CENV_HOME, by default ${XDG_CACHE_HOME:-~/.cache}/cenv. Shared by
 * all environments and processes, deletable at any time.
 *
 *     sources/<sha256>       verified archives
 *     objects/<build key>/   finished builds: manifest, tree/
 *     logs/                  build logs
 *     build/                 build folders; a failed one stays until the next try
 *     shadow/                the system's development files, masked
 *     const/                 constant files that environments link
 *     index/                 copies of URL indexes
 *     locks/                 flock files, one per thing being made, and "users"
 *     tmp/                   everything is written here first and renamed
 *     CACHEDIR.TAG           tells backup programs that it can be left out
 *
 * Whoever has it open shares the lock locks/users: who gets that for himself alone knows that
 * nothing in tmp/ or build/ is anybody's any more.
 */
struct cenv_store {
	char *path; /* absolute */
	int fd;     /* directory, O_CLOEXEC */
	int users;  /* holds locks/users; -1 in a store that cannot be written */
};

/** The path it would have, from the environment. Caller frees; NULL with err and hint set. */
char *cenv_store_default_path(struct cenv_err *err);

/**
 * Open, creating it and its folders as needed (0700 by default). Refused when it
 * belongs to another user or is writable by others.
 */
int cenv_store_open(struct cenv_store *out, const char *path, struct cenv_err *err);
void cenv_store_release(struct cenv_store *store);

/**
 * Become its only user, until cenv_store_share(): others that open it wait.
 * @return false, without waiting, when somebody else has it open.
 */
bool cenv_store_alone(const struct cenv_store *store);
void cenv_store_share(const struct cenv_store *store);

/** A fresh folder under tmp/, 0700: its name relative to the store. Caller frees. */
char *cenv_store_tmpdir(const struct cenv_store *store, const char *hint, struct cenv_err *err);

#endif

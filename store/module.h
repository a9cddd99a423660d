/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_MODULE_H
#define CENV_STORE_MODULE_H

#include "core/base/err.h"

/*
 * Modules: the parts of the store that need a costly library (libcurl,
 * libarchive, libcrypto, libelf) are shared objects `cenv-NAME.so` that the
 * program loads when it first needs them: linked in, they would make every
 * command start several times slower. A module exports one symbol,
 * `cenv_module_NAME`: a struct of function pointers whose first member is
 * struct cenv_module_head. The header of each part declares ordinary
 * functions; its *.c file in the program forwards them through the table.
 */

/** Goes up whenever any table changes; program and modules are built together. */
#define CENV_MODULE_ABI 1

struct cenv_module_head {
	int abi; /* CENV_MODULE_ABI */
};

/**
 * The table of a module, loaded on first use and kept until the program ends.
 * Safe to call from several threads.
 *
 * @param name "digest", "net", "archive", "elf".
 * @return the table, or NULL with err set (the file and the loader's reason named).
 */
const void *cenv_module_load(const char *name, struct cenv_err *err);

/** Marks the table symbol as the only thing a module exports. */
#define CENV_MODULE_EXPORT __attribute__((visibility("default")))

/**
 * A path below the installation that this program belongs to, found from
 * /proc/self/exe so that the tree can be moved: cenv_install_path("share/cenv/recipes").
 * Caller frees; NULL with err set when /proc is not mounted.
 */
char *cenv_install_path(const char *relative, struct cenv_err *err);

#endif

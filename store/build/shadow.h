/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_BUILD_SHADOW_H
#define CENV_STORE_BUILD_SHADOW_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/err.h"
#include "core/base/strv.h"
#include "store/store.h"

/*
 * Shadows of the system's development folders, which hold only what belongs to the C library
 * and the compiler, so that a build finds no library that it was not given. A shadow is a
 * folder of links below shadow/ in the store, mounted over the real one; the links lead to
 * the real folders, mounted at another place. It is made again when a folder has changed.
 */

/** Where the sandbox shows the machine's /usr for the links to lead to. */
#define CENV_SHADOW_HOST "/.host"

/** May a build see this header or folder of headers directly in an include folder? */
bool cenv_shadow_keeps_header(const char *name);

/**
 * May a build see this file directly in a library folder? Versioned shared libraries stay,
 * programs need them; the links and archives that a linker looks for go, except those of the
 * C library and the compiler.
 *
 * @param is_link the file is a symlink or a linker script, not a library itself.
 */
bool cenv_shadow_keeps_library(const char *name, bool is_link);

/** May a build see this folder in a library folder? */
bool cenv_shadow_keeps_library_folder(const char *name);

/** Does a program of this name tell where a library is: xml2-config, llvm-config-14? */
bool cenv_shadow_is_config_program(const char *name);

/** Make the shadows unless they are there, and append bubblewrap's words that mount them. */
int cenv_shadow_mount(const struct cenv_store *store, struct cenv_strv *argv,
		      struct cenv_err *err);

#endif

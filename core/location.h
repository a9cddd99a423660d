/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_LOCATION_H
#define CENV_CORE_LOCATION_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/* URLs and paths as text. */

/** Length of "https" in "https://...", "file" in "file:...": letters, digits and + . - before a
 *  colon; 0 when there is none. One letter is no scheme. */
size_t cenv_location_scheme(const char *text);

/** Has it a scheme? */
bool cenv_location_is_url(const char *text);

/** "scheme://": what follows is a host, which may be empty. */
bool cenv_location_has_host(const char *text);

/** A path, or a URL that can be read: https, http or file. @return 0, or -1 with CENV_E_SYNTAX. */
int cenv_location_check_scheme(const char *text, struct cenv_err *err);

/**
 * What `ref`, written in a file that stands in folder or URL `base`, means from outside:
 * URLs and absolute paths stay, "./" goes. base NULL or "": as it is. Caller frees.
 */
char *cenv_location_join(const char *base, const char *ref);

/** Folder of a file or URL, without the last slash ("/" excepted): "" for a bare name. Caller frees. */
char *cenv_location_dir(const char *file);

/** Lexical normal form: no ".", no doubled slashes, ".." taken together with what precedes it.
 *  For comparing only: with symbolic links it can name another file. Caller frees. */
char *cenv_location_normal(const char *path);

/** Undo %20 and the like, in place. */
void cenv_location_percent_decode(char *s);
/** A path as it stands in a URL. Caller frees. */
char *cenv_location_percent_encode(const char *path);

/**
 * Append a URL or path so that it reads back from a requirement: what ends a
 * location there is percent-encoded, a relative path starts with "./".
 */
void cenv_location_quote(struct cenv_buf *out, const char *location);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_FETCH_URL_H
#define CENV_STORE_FETCH_URL_H

#include <stdbool.h>

/* URLs as far as downloading needs to look into them; see fetch.h for the public ones. */

/** Does `scheme://` come first, whatever its case? */
bool cenv_url_has_scheme(const char *url, const char *scheme);

/** http or https. */
bool cenv_url_is_remote(const char *url);

/** The host is this machine: localhost, 127.0.0.0/8, ::1. */
bool cenv_url_is_loopback(const char *url);

/** Last component of the path, without query and fragment, percent-decoded; NULL when there is
 *  none or it is no plain file name. Caller frees. */
char *cenv_url_file_name(const char *url);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_SECRET_H
#define CENV_CORE_SECRET_H

#include <stddef.h>

#include "core/base/buf.h"

/*
 * Credentials in URLs: "user:password@", and query parameters that are secrets by their names
 * (token, key, signature, ...). They are used, and stay out of all that is printed or kept. What
 * is no URL because of a '/' in the password is masked as well, and so is a URL within another.
 */

/** The URL without its user name and password, and with *** for secret parameters. Anything
 *  that is no URL comes back as it is. Caller frees. */
char *cenv_url_redact(const char *url);

/**
 * Append a text with *** for the credentials of every URL in it. A URL ends at a blank,
 * or at a quote that ends a word.
 *
 * @param at an offset in the text.
 * @return where that is in what was appended.
 */
size_t cenv_secrets_mask(struct cenv_buf *out, const char *text, size_t len, size_t at);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_UNPACK_SNIFF_H
#define CENV_STORE_UNPACK_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

/** How many bytes of a file are worth looking at. */
#define CENV_SNIFF_LEN 512

/** Does it begin as a web page does? Servers answer so where a download is gone or needs a login. */
bool cenv_sniff_html(const void *data, size_t len);
bool cenv_sniff_html_fd(int fd);

#endif

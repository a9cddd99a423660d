/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_BASE_BUF_H
#define CENV_CORE_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "core/base/err.h"

/*
 * One growing byte buffer. `buf` is always NUL-terminated and never NULL after
 * CENV_BUF_INIT; `len` does not count the NUL, and the contents may hold NULs.
 */
struct cenv_buf {
	char *buf;
	size_t len;
	size_t cap; /* 0: buf is the shared empty string */
};

extern char cenv_buf_empty[1];

#define CENV_BUF_INIT                                                                              \
	{                                                                                          \
		.buf = cenv_buf_empty                                                              \
	}

void cenv_buf_init(struct cenv_buf *buf);
void cenv_buf_release(struct cenv_buf *buf);
/** Empty it, keeping the storage. */
void cenv_buf_reset(struct cenv_buf *buf);
/** Make room for `extra` more bytes and the NUL. */
void cenv_buf_grow(struct cenv_buf *buf, size_t extra);
/** Shorten to `len` bytes. */
void cenv_buf_truncate(struct cenv_buf *buf, size_t len);
void cenv_buf_add(struct cenv_buf *buf, const void *data, size_t len);
void cenv_buf_adds(struct cenv_buf *buf, const char *s);
void cenv_buf_addc(struct cenv_buf *buf, char c);
void cenv_buf_addf(struct cenv_buf *buf, const char *fmt, ...) CENV_PRINTF(2, 3);
void cenv_buf_vaddf(struct cenv_buf *buf, const char *fmt, va_list ap) CENV_PRINTF(2, 0);
/** Take the string; the buffer is empty again. The caller frees it. */
char *cenv_buf_detach(struct cenv_buf *buf);

/** printf into a new string. The caller frees it. */
char *cenv_strf(const char *fmt, ...) CENV_PRINTF(1, 2);

#endif

/* SPDX-License-Identifier: MIT */
#include "core/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

char cenv_buf_empty[1];

void cenv_buf_init(struct cenv_buf *buf)
{
	*buf = (struct cenv_buf)CENV_BUF_INIT;
}

void cenv_buf_release(struct cenv_buf *buf)
{
	if (buf->cap)
		free(buf->buf);
	cenv_buf_init(buf);
}

void cenv_buf_reset(struct cenv_buf *buf)
{
	buf->len = 0;
	if (buf->cap)
		buf->buf[0] = '\0';
}

void cenv_buf_grow(struct cenv_buf *buf, size_t extra)
{
	size_t need = buf->len + extra + 1;

	if (need <= buf->cap)
		return;
	if (need < buf->cap * 2)
		need = buf->cap * 2;
	if (need < 64)
		need = 64;
	buf->buf = cenv_xrealloc(buf->cap ? buf->buf : NULL, need);
	buf->cap = need;
	buf->buf[buf->len] = '\0';
}

void cenv_buf_truncate(struct cenv_buf *buf, size_t len)
{
	if (len < buf->len) {
		buf->len = len;
		buf->buf[len] = '\0';
	}
}

void cenv_buf_add(struct cenv_buf *buf, const void *data, size_t len)
{
	if (!len)
		return;
	cenv_buf_grow(buf, len);
	memcpy(buf->buf + buf->len, data, len);
	buf->len += len;
	buf->buf[buf->len] = '\0';
}

void cenv_buf_adds(struct cenv_buf *buf, const char *s)
{
	cenv_buf_add(buf, s, strlen(s));
}

void cenv_buf_addc(struct cenv_buf *buf, char c)
{
	cenv_buf_add(buf, &c, 1);
}

void cenv_buf_vaddf(struct cenv_buf *buf, const char *fmt, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len <= 0)
		return;
	cenv_buf_grow(buf, (size_t)len);
	vsnprintf(buf->buf + buf->len, (size_t)len + 1, fmt, ap);
	buf->len += (size_t)len;
}

void cenv_buf_addf(struct cenv_buf *buf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	cenv_buf_vaddf(buf, fmt, ap);
	va_end(ap);
}

char *cenv_buf_detach(struct cenv_buf *buf)
{
	char *s = buf->cap ? buf->buf : cenv_xstrdup("");

	cenv_buf_init(buf);
	return s;
}

char *cenv_strf(const char *fmt, ...)
{
	struct cenv_buf buf = CENV_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	cenv_buf_vaddf(&buf, fmt, ap);
	va_end(ap);
	return cenv_buf_detach(&buf);
}

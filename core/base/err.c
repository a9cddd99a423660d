/* SPDX-License-Identifier: MIT */
#include "core/base/err.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"

static const int exit_status[CENV_E_COUNT] = {
	[CENV_OK] = 0,          [CENV_E_FAIL] = 1,    [CENV_E_NO] = 1,
	[CENV_E_IO] = 1,        [CENV_E_USAGE] = 2,   [CENV_E_SYNTAX] = 2,
	[CENV_E_UNSAT] = 3,     [CENV_E_NOTFOUND] = 3, [CENV_E_NETWORK] = 4,
	[CENV_E_INTEGRITY] = 4, [CENV_E_BUILD] = 5,   [CENV_E_NOENV] = 6,
	[CENV_E_INTERRUPT] = 130,
};

int cenv_exit_status(enum cenv_code code)
{
	return (unsigned)code < CENV_E_COUNT ? exit_status[code] : 1;
}

CENV_PRINTF(1, 0)
static char *format(const char *fmt, va_list ap)
{
	struct cenv_buf buf = CENV_BUF_INIT;

	cenv_buf_vaddf(&buf, fmt, ap);
	return cenv_buf_detach(&buf);
}

void cenv_err_release(struct cenv_err *err)
{
	free(err->msg);
	free(err->detail);
	free(err->hint);
	*err = (struct cenv_err)CENV_ERR_INIT;
}

int cenv_err_set(struct cenv_err *err, enum cenv_code code, const char *fmt, ...)
{
	va_list ap;
	char *msg;

	va_start(ap, fmt);
	msg = format(fmt, ap); /* before the release: an argument may be the old message */
	va_end(ap);
	cenv_err_release(err);
	err->code = code;
	err->msg = msg;
	return -1;
}

int cenv_err_sys(struct cenv_err *err, int saved_errno, const char *fmt, ...)
{
	struct cenv_buf buf = CENV_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	cenv_buf_vaddf(&buf, fmt, ap);
	va_end(ap);
	cenv_buf_addf(&buf, ": %s", strerror(saved_errno));
	cenv_err_release(err);
	err->code = CENV_E_IO;
	err->sys = saved_errno;
	err->msg = cenv_buf_detach(&buf);
	return -1;
}

int cenv_err_wrap(struct cenv_err *err, const char *fmt, ...)
{
	struct cenv_buf buf = CENV_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	cenv_buf_vaddf(&buf, fmt, ap);
	va_end(ap);
	cenv_buf_addf(&buf, ": %s", err->msg ? err->msg : "unknown error");
	free(err->msg);
	err->msg = cenv_buf_detach(&buf);
	return -1;
}

void cenv_err_hint(struct cenv_err *err, const char *fmt, ...)
{
	va_list ap;
	char *hint;

	va_start(ap, fmt);
	hint = format(fmt, ap);
	va_end(ap);
	free(err->hint);
	err->hint = hint;
}

void cenv_err_detail(struct cenv_err *err, const char *fmt, ...)
{
	struct cenv_buf buf = CENV_BUF_INIT;
	va_list ap;

	if (err->detail)
		cenv_buf_adds(&buf, err->detail);
	va_start(ap, fmt);
	cenv_buf_vaddf(&buf, fmt, ap);
	va_end(ap);
	if (buf.len > 0 && buf.buf[buf.len - 1] != '\n')
		cenv_buf_addc(&buf, '\n');
	free(err->detail);
	err->detail = cenv_buf_detach(&buf);
}

void cenv_err_move(struct cenv_err *to, struct cenv_err *from)
{
	cenv_err_release(to);
	*to = *from;
	*from = (struct cenv_err)CENV_ERR_INIT;
}

int cenv_err_copy(struct cenv_err *to, const struct cenv_err *from)
{
	cenv_err_set(to, from->code, "%s", from->msg ? from->msg : "");
	to->sys = from->sys;
	if (from->detail)
		cenv_err_detail(to, "%s", from->detail);
	if (from->hint)
		cenv_err_hint(to, "%s", from->hint);
	return -1;
}

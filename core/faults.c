/* SPDX-License-Identifier: MIT */
#include "core/faults.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"

void cenv_faults_add(struct cenv_faults *faults, unsigned line, const char *fmt, ...)
{
	struct cenv_buf buf = CENV_BUF_INIT;
	size_t at = faults->n;
	va_list ap;

	if (faults->n == CENV_FAULTS_MAX) {
		faults->dropped++;
		return;
	}
	va_start(ap, fmt);
	cenv_buf_vaddf(&buf, fmt, ap);
	va_end(ap);
	CENV_GROW(faults->v, faults->n, faults->cap);
	/* kept in line order, equal lines as they came; nearly always this is the end */
	while (at > 0 && faults->v[at - 1].line > line) {
		faults->v[at] = faults->v[at - 1];
		at--;
	}
	faults->v[at] = (struct cenv_fault){.line = line, .text = cenv_buf_detach(&buf)};
	faults->n++;
}

int cenv_faults_report(struct cenv_faults *faults, const char *what, struct cenv_err *err)
{
	if (faults->n == 0)
		return 0;
	cenv_err_set(err, CENV_E_SYNTAX, "malformed %s '%s'", what, faults->path);
	for (size_t i = 0; i < faults->n; i++) {
		const struct cenv_fault *fault = &faults->v[i];

		if (fault->line)
			cenv_err_detail(err, "%s:%u: %s", faults->path, fault->line, fault->text);
		else
			cenv_err_detail(err, "%s: %s", faults->path, fault->text);
	}
	if (faults->dropped)
		cenv_err_detail(err, "%s: and %zu more fault%s", faults->path, faults->dropped,
				cenv_plural(faults->dropped));
	return -1;
}

void cenv_faults_release(struct cenv_faults *faults)
{
	for (size_t i = 0; i < faults->n; i++)
		free(faults->v[i].text);
	free(faults->v);
	*faults = (struct cenv_faults){.path = faults->path};
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "core/explain.h"

/* Names that the user asks for and no index has. */

/* "'zlib', 'zlc' or 'xz'"; empty when nothing is near. */
static void add_near_names(const struct cenv_resolver *r, const char *key, struct cenv_buf *out)
{
	const char *near[3];
	size_t n = 0;

	if (r->provider->suggest)
		n = r->provider->suggest(r->provider->payload, key, near, 3);
	for (size_t i = 0; i < n; i++)
		cenv_buf_addf(out, "%s'%s'", cenv_explain_separator(i, n, " or "), near[i]);
}

/* What may help; empty when nothing is known. */
static void add_help(const struct cenv_resolver *r, const char *key, struct cenv_buf *out)
{
	struct cenv_buf near = CENV_BUF_INIT;

	if (cenv_explain_hidden(r->provider, key)) {
		cenv_buf_addf(out, "cenv's own recipes have '%s': leave out --no-default-index",
			      key);
	} else {
		add_near_names(r, key, &near);
		if (near.len)
			cenv_buf_addf(out, "did you mean %s?", near.buf);
	}
	cenv_buf_release(&near);
}

void cenv_explain_unknown(const struct cenv_resolver *r, const struct cenv_requirement *req,
			  struct cenv_err *err)
{
	struct cenv_buf help = CENV_BUF_INIT;
	char *origin = cenv_origin_text(&req->origin);

	add_help(r, req->key, &help);
	if (err->code == CENV_OK) {
		cenv_err_set(err, CENV_E_NOTFOUND, "no package is called '%s' (%s)", req->name,
			     origin);
		if (help.len)
			cenv_err_hint(err, "%s", help.buf);
	} else {
		cenv_err_detail(err, "no package is called '%s' either (%s)%s%s", req->name, origin,
				help.len ? ": " : "", help.buf);
	}
	free(origin);
	cenv_buf_release(&help);
}

/* SPDX-License-Identifier: MIT */
/* Requirements as values: writing, copying, freeing. Parsing is in requirement.c. */
#include "core/requirement.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/location.h"
#include "core/optline.h"

static void format_features(const struct cenv_requirement *req, struct cenv_buf *out)
{
	const char *sep = "[";

	for (size_t i = 0; i < req->features_on.n; i++, sep = ",")
		cenv_buf_addf(out, "%s%s", sep, req->features_on.v[i]);
	for (size_t i = 0; i < req->features_off.n; i++, sep = ",")
		cenv_buf_addf(out, "%s-%s", sep, req->features_off.v[i]);
	if (*sep == ',')
		cenv_buf_addc(out, ']');
}

static void format_subject(const struct cenv_requirement *req, struct cenv_buf *out)
{
	if (req->editable)
		cenv_buf_adds(out, "-e ");
	if (req->name) {
		cenv_buf_adds(out, req->name);
		format_features(req, out);
		if (req->location)
			cenv_buf_adds(out, " @ ");
	}
	if (req->location)
		cenv_location_quote(out, req->location);
	else
		cenv_specifier_format(&req->spec, out);
	if (!req->name)
		format_features(req, out);
}

void cenv_requirement_format(const struct cenv_requirement *req, struct cenv_buf *out)
{
	format_subject(req, out);
	if (req->marker_text)
		cenv_buf_addf(out, " ; %s", req->marker_text);
	for (size_t i = 0; i < req->hashes.n; i++)
		cenv_buf_addf(out, " --hash=sha256:%s", req->hashes.v[i]);
	for (size_t i = 0; i < req->tree_hashes.n; i++)
		cenv_buf_addf(out, " --tree-hash=sha256:%s", req->tree_hashes.v[i]);
	for (size_t i = 0; i < req->options.n; i++) {
		cenv_buf_adds(out, " --config-settings=options=");
		cenv_optline_quote(out, req->options.v[i]);
	}
}

char *cenv_origin_text(const struct cenv_origin *origin)
{
	if (!origin->file || origin->added)
		return cenv_xstrdup("the command line");
	return origin->line ? cenv_strf("%s:%u", origin->file, origin->line)
			    : cenv_xstrdup(origin->file);
}

static struct cenv_strv copy_list(const struct cenv_strv *from)
{
	struct cenv_strv to = {0};

	cenv_strv_add_all(&to, from);
	return to;
}

/* A marker never changes, but each requirement owns its own. */
static struct cenv_marker *copy_marker(const char *text)
{
	struct cenv_marker *marker = NULL;
	struct cenv_err err = CENV_ERR_INIT;

	if (text && cenv_marker_parse(&marker, text, strlen(text), NULL, &err) < 0)
		cenv_err_release(&err); /* cannot be: the text has been parsed before */
	return marker;
}

void cenv_requirement_copy(struct cenv_requirement *to, const struct cenv_requirement *from)
{
	*to = (struct cenv_requirement){
		.kind = from->kind,
		.name = cenv_xstrdup(from->name),
		.key = cenv_xstrdup(from->key),
		.features_on = copy_list(&from->features_on),
		.features_off = copy_list(&from->features_off),
		.location = cenv_xstrdup(from->location),
		.editable = from->editable,
		.hashes = copy_list(&from->hashes),
		.tree_hashes = copy_list(&from->tree_hashes),
		.options = copy_list(&from->options),
		.marker_text = cenv_xstrdup(from->marker_text),
		.marker = copy_marker(from->marker_text),
		.origin = from->origin,
		.text = cenv_xstrdup(from->text),
	};
	to->origin.file = cenv_xstrdup(from->origin.file);
	cenv_specifier_copy(&to->spec, &from->spec);
}

void cenv_requirement_release(struct cenv_requirement *req)
{
	if (req->borrowed) {
		*req = (struct cenv_requirement){0};
		return;
	}
	free(req->name);
	free(req->key);
	cenv_strv_release(&req->features_on);
	cenv_strv_release(&req->features_off);
	cenv_specifier_release(&req->spec);
	free(req->location);
	cenv_strv_release(&req->hashes);
	cenv_strv_release(&req->tree_hashes);
	cenv_strv_release(&req->options);
	free(req->marker_text);
	cenv_marker_free(req->marker);
	free(req->origin.file);
	free(req->text);
	*req = (struct cenv_requirement){0};
}

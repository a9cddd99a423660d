/* SPDX-License-Identifier: MIT */
#include "store/pipeline/satisfied.h"

#include <stdlib.h>
#include <string.h>

#include "store/pipeline/given.h"

static bool same_location(const struct cenv_record *record, const struct cenv_requirement *req)
{
	char *url;
	bool same;

	/* a folder's contents may have changed: only hashing it tells */
	if (!record->by_url || !record->url || !record->sha256)
		return false;
	/* so may what a URL gives, unless a hash pins it */
	if (!req->hashes.n)
		return false;
	url = cenv_given_location(req);
	same = !strcmp(url, record->url);
	free(url);
	return same;
}

static bool same_options(const struct cenv_record *record, const struct cenv_requirement *req)
{
	if (!req->options.n && !cenv_specifier_pinned(&req->spec))
		return true;
	return cenv_strv_equal(&record->options, &req->options);
}

bool cenv_record_has_hash(const struct cenv_record *record, const struct cenv_strv *hashes,
			  const struct cenv_strv *tree_hashes)
{
	if (!hashes->n && !tree_hashes->n)
		return true;
	return (record->sha256 && cenv_strv_has(hashes, record->sha256)) ||
	       (record->tree_hash && cenv_strv_has(tree_hashes, record->tree_hash));
}

bool cenv_record_satisfies(const struct cenv_record *record, const struct cenv_requirement *req)
{
	if (req->kind != CENV_REQ_NAME && !same_location(record, req))
		return false;
	if (!cenv_specifier_match(&req->spec, record->version) || !same_options(record, req))
		return false;
	if (!cenv_record_has_hash(record, &req->hashes, &req->tree_hashes))
		return false;
	for (size_t i = 0; i < req->features_on.n; i++)
		if (!cenv_strv_has(&record->features, req->features_on.v[i]))
			return false;
	for (size_t i = 0; i < req->features_off.n; i++)
		if (cenv_strv_has(&record->features, req->features_off.v[i]))
			return false;
	return true;
}

static bool breaks_constraint(const struct cenv_requirements *wanted,
			      const struct cenv_records *installed)
{
	for (size_t i = 0; i < wanted->nconstraints; i++) {
		const struct cenv_requirement *c = &wanted->constraints[i];
		const struct cenv_record *r = c->key ? cenv_records_find(installed, c->key) : NULL;

		if (r && !cenv_record_satisfies(r, c))
			return true;
	}
	return false;
}

bool cenv_wanted_is_installed(const struct cenv_requirements *wanted,
			      const struct cenv_records *installed)
{
	for (size_t i = 0; i < wanted->n; i++) {
		const struct cenv_requirement *req = &wanted->reqs[i];
		const struct cenv_record *record;

		if (req->marker || !req->key) /* needs the toolchain, or the archive */
			return false;
		record = cenv_records_find(installed, req->key);
		if (!record || !record->direct || !cenv_record_satisfies(record, req))
			return false;
	}
	return !breaks_constraint(wanted, installed);
}

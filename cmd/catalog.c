/* SPDX-License-Identifier: MIT */
#include "cmd/catalog.h"

#include <stdlib.h>

#include "core/base/str.h"
#include "store/store.h"

static bool has_url(const struct cenv_strv *indexes)
{
	for (size_t i = 0; i < indexes->n; i++)
		if (cenv_str_starts(indexes->v[i], "http"))
			return true;
	return false;
}

int catalog_open(struct cenv_index **out, const struct catalog_opts *o, struct cenv_err *err)
{
	struct cenv_index_options options = {
		.locations = &o->indexes,
		.no_default = o->no_default,
		.offline = o->offline,
	};
	struct cenv_store store = {.fd = -1};
	char *path;
	int ret;

	if (!has_url(&o->indexes))
		return cenv_index_open(out, &options, NULL, err);
	path = cenv_store_default_path(err);
	if (!path || cenv_store_open(&store, path, err) < 0) {
		free(path);
		return -1;
	}
	free(path);
	ret = cenv_index_open(out, &options, &store, err);
	cenv_store_release(&store);
	return ret;
}

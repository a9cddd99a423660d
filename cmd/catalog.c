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

int catalog_open(struct catalog *out, const struct catalog_opts *o, struct cenv_err *err)
{
	struct cenv_index_options options = {
		.locations = &o->indexes,
		.no_default = o->no_default,
		.offline = o->offline,
	};
	char *path;
	int ret;

	*out = (struct catalog){.store = {.fd = -1}};
	if (!has_url(&o->indexes))
		return cenv_index_open(&out->index, &options, NULL, err);
	path = cenv_store_default_path(err);
	ret = path ? cenv_store_open(&out->store, path, err) : -1;
	free(path);
	return ret < 0 ? -1 : cenv_index_open(&out->index, &options, &out->store, err);
}

void catalog_close(struct catalog *catalog)
{
	cenv_index_free(catalog->index);
	if (catalog->store.path)
		cenv_store_release(&catalog->store);
}

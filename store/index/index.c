/* SPDX-License-Identifier: MIT */
#include "store/index/index.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/fetch/fetch.h"
#include "store/index/folder.h"
#include "store/index/url.h"
#include "store/module.h"

struct source {
	bool is_url;
	struct cenv_index_folder folder; /* unless is_url */
	struct cenv_index_url url;       /* if is_url */
};

/* What is known of one name. */
struct entry {
	struct cenv_recipe *recipe;  /* NULL: no index has it */
	struct cenv_err err;         /* why it could not be read */
	const struct source *source; /* the one that had it */
};

struct cenv_index {
	struct source **sources; /* in order */
	size_t n;
	bool is_view;           /* the sources are another index's */
	bool has_default;       /* the recipes shipped with cenv are among them */
	struct source *hidden;  /* they, opened for a view when they are not; or NULL */
	struct cenv_map entries; /* by normalised name, struct entry */
	struct cenv_strv names;
	bool has_names;
};

static void add_source(struct cenv_index *index, struct source *source)
{
	index->sources =
		cenv_xreallocarray(index->sources, index->n + 1, sizeof(*index->sources));
	index->sources[index->n++] = source;
}

static void source_free(struct source *source)
{
	if (!source)
		return;
	if (source->is_url)
		cenv_index_url_release(&source->url);
	else
		cenv_index_folder_release(&source->folder);
	free(source);
}

static struct source *open_folder(const char *path, struct cenv_err *err)
{
	struct source *source = cenv_xcalloc(1, sizeof(*source));

	if (cenv_index_folder_open(&source->folder, path, err) == 0)
		return source;
	free(source);
	return NULL;
}

static struct source *open_url(const char *location, const struct cenv_store *store, bool offline,
			       struct cenv_err *err)
{
	struct source *source = cenv_xcalloc(1, sizeof(*source));

	source->is_url = true;
	if (cenv_index_url_open(&source->url, location, store, offline, err) == 0)
		return source;
	free(source);
	return NULL;
}

/* A location as the user gave it: a URL, a file: URL or a path. */
static int add_location(struct cenv_index *index, const char *location,
			const struct cenv_store *store, bool offline, struct cenv_err *err)
{
	struct source *source;
	char *path;

	if (cenv_index_is_url(location)) {
		source = open_url(location, store, offline, err);
	} else {
		path = cenv_url_local_path(location);
		source = open_folder(path ? path : location, err);
		free(path);
	}
	if (!source)
		return -1;
	add_source(index, source);
	return 0;
}

static struct source *open_default(struct cenv_err *err)
{
	char *path = cenv_install_path("share/cenv/recipes", err);
	struct source *source = path ? open_folder(path, err) : NULL;

	free(path);
	return source;
}

static int add_default(struct cenv_index *index, struct cenv_err *err)
{
	struct source *source = open_default(err);

	if (!source) {
		cenv_err_hint(err, "cenv's recipes are part of its installation; "
				   "--no-default-index does without");
		return -1;
	}
	add_source(index, source);
	index->has_default = true;
	return 0;
}

int cenv_index_open(struct cenv_index **out, const struct cenv_index_options *options,
		    const struct cenv_store *store, struct cenv_err *err)
{
	const struct cenv_strv *locations = options->locations;
	struct cenv_index *index = cenv_xcalloc(1, sizeof(*index));
	int ret = 0;

	*out = NULL;
	for (size_t i = 0; ret == 0 && locations && i < locations->n; i++)
		ret = add_location(index, locations->v[i], store, options->offline, err);
	if (ret == 0 && !options->no_default)
		ret = add_default(index, err);
	if (ret == 0)
		*out = index;
	else
		cenv_index_free(index);
	return ret;
}

static void entry_free(void *value)
{
	struct entry *entry = value;

	cenv_recipe_free(entry->recipe);
	cenv_err_release(&entry->err);
	free(entry);
}

void cenv_index_free(struct cenv_index *index)
{
	if (!index)
		return;
	cenv_map_release(&index->entries, entry_free);
	for (size_t i = 0; i < index->n && !index->is_view; i++)
		source_free(index->sources[i]);
	source_free(index->hidden);
	free(index->sources);
	cenv_strv_release(&index->names);
	free(index);
}

static int parse(struct cenv_recipe **out, struct cenv_buf *text, const char *file,
		 const char *key, struct cenv_err *err)
{
	if (cenv_recipe_outline(out, text, file, key, err) < 0)
		return -1;
	if (strcmp((*out)->key, key) != 0) {
		cenv_err_set(err, CENV_E_SYNTAX, "malformed recipe '%s'", file);
		cenv_err_detail(err, "%s: it is named '%s', and its file '%s'", file, (*out)->name,
				key);
		cenv_recipe_free(*out);
		*out = NULL;
		return -1;
	}
	return 0;
}

static int read_recipe(struct source *source, const char *key, struct cenv_buf *text, char **file,
		       struct cenv_err *err)
{
	if (source->is_url)
		return cenv_index_url_read(&source->url, key, text, file, err);
	return cenv_index_folder_read(&source->folder, key, text, file, err);
}

/* Ask the sources in order; entry->recipe stays NULL when none has it. */
static int look_up(struct cenv_index *index, const char *key, struct entry *entry,
		   struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	char *file = NULL;
	int ret = 0;

	for (size_t i = 0; ret == 0 && !file && i < index->n; i++) {
		entry->source = index->sources[i];
		ret = read_recipe(index->sources[i], key, &text, &file, err);
	}
	if (ret == 0 && file)
		ret = parse(&entry->recipe, &text, file, key, err);
	cenv_buf_release(&text);
	free(file);
	return ret;
}

int cenv_index_recipe(struct cenv_index *index, const char *key, const struct cenv_recipe **out,
		      struct cenv_err *err)
{
	int ret = cenv_index_outline(index, key, out, err);

	if (ret == 0 && *out)
		cenv_recipe_read_all(*out);
	return ret;
}

int cenv_index_outline(struct cenv_index *index, const char *key, const struct cenv_recipe **out,
		       struct cenv_err *err)
{
	struct entry *entry = cenv_map_get(&index->entries, key);

	*out = NULL;
	if (!entry) {
		entry = cenv_xcalloc(1, sizeof(*entry));
		look_up(index, key, entry, &entry->err);
		cenv_map_put(&index->entries, key, entry);
	}
	*out = entry->recipe;
	return entry->err.code == CENV_OK ? 0 : cenv_err_copy(err, &entry->err);
}

bool cenv_index_is_remote(const struct cenv_index *index)
{
	for (size_t i = 0; i < index->n; i++)
		if (index->sources[i]->is_url && !index->sources[i]->url.offline)
			return true;
	return false;
}

void cenv_index_rest(struct cenv_index *index)
{
	for (size_t i = 0; i < index->n; i++)
		if (index->sources[i]->is_url)
			cenv_index_url_rest(&index->sources[i]->url);
}

static bool may_have(struct source *source, const char *key)
{
	return source->is_url ? !cenv_index_url_lacks(&source->url, key)
			      : cenv_index_folder_has(&source->folder, key);
}

int cenv_index_prefetch(struct cenv_index *index, const char *const *keys, size_t n,
			struct cenv_err *err)
{
	const char **left;
	size_t nleft = 0;
	int ret = 0;

	if (!cenv_index_is_remote(index))
		return 0;
	left = cenv_xcalloc(n, sizeof(*left));
	for (size_t i = 0; i < n; i++)
		if (!cenv_map_has(&index->entries, keys[i]))
			left[nleft++] = keys[i];
	for (size_t i = 0; ret == 0 && i < index->n && nleft; i++) {
		size_t kept = 0;

		if (index->sources[i]->is_url)
			ret = cenv_index_url_prefetch(&index->sources[i]->url, left, nleft, err);
		/* the first that has a name wins: later ones are asked for the rest */
		for (size_t k = 0; k < nleft; k++)
			if (!may_have(index->sources[i], left[k]))
				left[kept++] = left[k];
		nleft = kept;
	}
	free(left);
	return ret;
}

static int add_names(struct source *source, struct cenv_strv *out, struct cenv_err *err)
{
	if (source->is_url)
		return cenv_index_url_names(&source->url, out, err);
	return cenv_index_folder_names(&source->folder, out, err);
}

int cenv_index_names(struct cenv_index *index, const struct cenv_strv **out, struct cenv_err *err)
{
	*out = &index->names;
	if (index->has_names)
		return 0;
	for (size_t i = 0; i < index->n; i++) {
		if (add_names(index->sources[i], &index->names, err) < 0) {
			cenv_strv_release(&index->names);
			index->names = (struct cenv_strv){0};
			return -1;
		}
	}
	cenv_strv_sort_unique(&index->names);
	index->has_names = true;
	return 0;
}

static const char *label_of(const struct source *source)
{
	return source->is_url ? source->url.label : source->folder.path;
}

const char *cenv_index_origin(const struct cenv_index *index, const char *key)
{
	const struct entry *entry = cenv_map_get(&index->entries, key);

	if (!entry || !entry->recipe)
		return NULL;
	return label_of(entry->source);
}

/* ---- other arrangements ---- */

struct cenv_index *cenv_index_rearrange(struct cenv_index *index, size_t nth, const char **first)
{
	struct cenv_err ignored = CENV_ERR_INIT;
	struct cenv_index *view;

	*first = NULL;
	if (!index->has_default && !index->hidden) {
		index->hidden = open_default(&ignored);
		cenv_err_release(&ignored);
	}
	if (index->hidden ? nth >= index->n : nth + 1 >= index->n)
		return NULL;
	view = cenv_xcalloc(1, sizeof(*view));
	view->is_view = true;
	nth += !index->hidden;
	if (nth) {
		add_source(view, index->sources[nth]);
		*first = label_of(index->sources[nth]);
	}
	for (size_t i = 0; i < index->n; i++)
		if (!nth || i != nth)
			add_source(view, index->sources[i]);
	if (!nth)
		add_source(view, index->hidden);
	return view;
}

/* SPDX-License-Identifier: MIT */
#include "store/index/index.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/index/folder.h"
#include "store/module.h"

struct source {
	char *location;
	struct cenv_index_folder folder;
};

/* What is known of one name. */
struct entry {
	struct cenv_recipe *recipe;  /* NULL: no index has it */
	const struct source *source; /* the one that had it */
};

struct cenv_index {
	struct source *sources; /* in order */
	size_t n;
	struct cenv_map entries; /* by normalised name, struct entry */
	struct cenv_strv names;
	bool has_names;
};

static int add_source(struct cenv_index *index, const char *location, struct cenv_err *err)
{
	struct source source = {0};

	if (cenv_index_folder_open(&source.folder, location, err) < 0)
		return -1;
	source.location = cenv_xstrdup(location);
	index->sources = cenv_xreallocarray(index->sources, index->n + 1, sizeof(source));
	index->sources[index->n++] = source;
	return 0;
}

static int add_default(struct cenv_index *index, struct cenv_err *err)
{
	char *path = cenv_install_path("share/cenv/recipes", err);
	int ret = path ? add_source(index, path, err) : -1;

	free(path);
	if (ret < 0)
		cenv_err_hint(err, "cenv's recipes are part of its installation; "
				   "--no-default-index does without");
	return ret;
}

int cenv_index_open(struct cenv_index **out, const struct cenv_index_options *options,
		    const struct cenv_store *store, struct cenv_err *err)
{
	const struct cenv_strv *locations = options->locations;
	struct cenv_index *index = cenv_xcalloc(1, sizeof(*index));
	int ret = 0;

	(void)store;
	*out = NULL;
	for (size_t i = 0; ret == 0 && locations && i < locations->n; i++)
		ret = add_source(index, locations->v[i], err);
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
	free(entry);
}

void cenv_index_free(struct cenv_index *index)
{
	if (!index)
		return;
	cenv_map_release(&index->entries, entry_free);
	for (size_t i = 0; i < index->n; i++) {
		cenv_index_folder_release(&index->sources[i].folder);
		free(index->sources[i].location);
	}
	free(index->sources);
	cenv_strv_release(&index->names);
	free(index);
}

static int parse(struct cenv_recipe **out, const struct cenv_buf *text, const char *file,
		 const char *key, struct cenv_err *err)
{
	if (cenv_recipe_parse(out, text->buf, text->len, file, false, err) < 0)
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

/* Ask the sources in order; entry->recipe stays NULL when none has it. */
static int look_up(struct cenv_index *index, const char *key, struct entry *entry,
		   struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	char *file = NULL;
	int ret = 0;

	for (size_t i = 0; ret == 0 && !file && i < index->n; i++) {
		entry->source = &index->sources[i];
		ret = cenv_index_folder_read(&index->sources[i].folder, key, &text, &file, err);
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
	struct entry *entry = cenv_map_get(&index->entries, key);

	*out = NULL;
	if (!entry) {
		entry = cenv_xcalloc(1, sizeof(*entry));
		if (look_up(index, key, entry, err) < 0) {
			entry_free(entry);
			return -1;
		}
		cenv_map_put(&index->entries, key, entry);
	}
	*out = entry->recipe;
	return 0;
}

void cenv_index_prefetch(struct cenv_index *index, const char *const *keys, size_t n)
{
	/* a folder's recipe is read in less time than it takes to ask for it early */
	(void)index;
	(void)keys;
	(void)n;
}

int cenv_index_names(struct cenv_index *index, const struct cenv_strv **out, struct cenv_err *err)
{
	*out = &index->names;
	if (index->has_names)
		return 0;
	for (size_t i = 0; i < index->n; i++) {
		if (cenv_index_folder_names(&index->sources[i].folder, &index->names, err) < 0) {
			cenv_strv_release(&index->names);
			index->names = (struct cenv_strv){0};
			return -1;
		}
	}
	cenv_strv_sort_unique(&index->names);
	index->has_names = true;
	return 0;
}

const char *cenv_index_origin(const struct cenv_index *index, const char *key)
{
	const struct entry *entry = cenv_map_get(&index->entries, key);

	return entry && entry->recipe ? entry->source->location : NULL;
}

/* SPDX-License-Identifier: MIT */
#include "store/index/url.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/recipe.h"
#include "store/digest/digest.h"
#include "store/fetch/fetch.h"
#include "store/fs/fs.h"

/* index.json of ten thousand libraries is a few megabytes */
#define LIST_MAX (64u << 20)

bool cenv_index_is_url(const char *location)
{
	return cenv_str_starts(location, "https://") || cenv_str_starts(location, "http://");
}

int cenv_index_url_open(struct cenv_index_url *out, const char *url, const struct cenv_store *store,
			bool offline, struct cenv_err *err)
{
	char hex[CENV_SHA256_HEX];
	size_t len = strlen(url);

	while (len > 0 && url[len - 1] == '/')
		len--;
	*out = (struct cenv_index_url){
		.url = cenv_xstrndup(url, len), .store = store, .offline = offline};
	out->label = cenv_url_redact(out->url);
	if (!store)
		return 0;
	if (cenv_sha256_data(out->url, len, hex, err) < 0) {
		cenv_index_url_release(out);
		return -1;
	}
	out->dir = cenv_strf("index/%s", hex);
	return 0;
}

void cenv_index_url_release(struct cenv_index_url *index)
{
	cenv_map_release(&index->list, free);
	free(index->url);
	free(index->label);
	free(index->dir);
	*index = (struct cenv_index_url){0};
}

/* ---- copies in the store ---- */

/* @return whether there is a copy, of that hash when one is given */
static bool read_copy(const struct cenv_index_url *index, const char *name, size_t max,
		      const char *sha256, struct cenv_buf *text)
{
	struct cenv_err err = CENV_ERR_INIT;
	char hex[CENV_SHA256_HEX];
	bool good = false;
	char *path;

	if (!index->store)
		return false;
	path = cenv_path_join(index->dir, name);
	cenv_buf_reset(text);
	if (cenv_fs_read(index->store->fd, path, max, text, &err) == 0)
		good = !sha256 || (cenv_sha256_data(text->buf, text->len, hex, &err) == 0 &&
				   strcmp(hex, sha256) == 0);
	if (!good)
		cenv_buf_reset(text);
	cenv_err_release(&err); /* a copy that cannot be read is none */
	free(path);
	return good;
}

static void write_copy(const struct cenv_index_url *index, const char *name,
		       const struct cenv_buf *text)
{
	struct cenv_err err = CENV_ERR_INIT;
	char *path;

	if (!index->store)
		return;
	path = cenv_path_join(index->dir, name);
	/* a full disk costs the next run a download, and this one nothing */
	if (cenv_fs_mkdirs(index->store->fd, index->dir, 0755, &err) == 0)
		cenv_fs_write(index->store->fd, path, text->buf, text->len, 0644, 0, &err);
	cenv_err_release(&err);
	free(path);
}

/* ---- index.json ---- */

static int malformed_list(const struct cenv_index_url *index, const char *what,
			  struct cenv_err *err)
{
	return cenv_err_set(err, CENV_E_SYNTAX, "malformed '%s/index.json': %s", index->label, what);
}

static int take_package(struct cenv_index_url *index, const cJSON *package, struct cenv_err *err)
{
	const cJSON *sha256 = cJSON_GetObjectItemCaseSensitive(package, "sha256");
	const char *name = package->string;
	char *key;

	if (!cenv_name_valid(name, strlen(name)))
		return malformed_list(index, "a name that cannot be a package's", err);
	if (!cJSON_IsString(sha256) ||
	    !cenv_is_sha256(sha256->valuestring, strlen(sha256->valuestring)))
		return malformed_list(index, "a package without its recipe's 'sha256'", err);
	key = cenv_name_normalize(name);
	free(cenv_map_put(&index->list, key, cenv_xstrdup(sha256->valuestring)));
	free(key);
	return 0;
}

static int parse_list(struct cenv_index_url *index, const struct cenv_buf *text,
		      struct cenv_err *err)
{
	cJSON *json = cJSON_ParseWithLength(text->buf, text->len);
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(json, "version");
	const cJSON *packages = cJSON_GetObjectItemCaseSensitive(json, "packages");
	const cJSON *package;
	int ret = 0;

	if (!json)
		ret = malformed_list(index, "it is not JSON", err);
	else if (!cJSON_IsNumber(version) || version->valuedouble != 1)
		ret = malformed_list(index, "'version' is not 1", err);
	else if (!cJSON_IsObject(packages))
		ret = malformed_list(index, "there are no 'packages'", err);
	for (package = ret == 0 ? packages->child : NULL; ret == 0 && package;
	     package = package->next)
		ret = take_package(index, package, err);
	cJSON_Delete(json);
	index->has_list = ret == 0;
	return ret;
}

static int fetch(const struct cenv_index_url *index, const char *url, size_t max,
		 struct cenv_buf *text, struct cenv_err *err)
{
	struct cenv_fetch_options options = {.offline = index->offline};

	return cenv_fetch_text(url, max, &options, text, err);
}

/* @return 1 got, 0 the server has none, -1 failed */
static int get_list(struct cenv_index_url *index, struct cenv_buf *text, struct cenv_err *err)
{
	char *url;
	int ret;

	if (index->offline)
		return read_copy(index, "index.json", LIST_MAX, NULL, text);
	url = cenv_strf("%s/index.json", index->url);
	ret = fetch(index, url, LIST_MAX, text, err);
	free(url);
	if (ret == 0) {
		write_copy(index, "index.json", text);
		return 1;
	}
	if (err->code != CENV_E_NOTFOUND)
		return -1;
	cenv_err_release(err);
	return 0;
}

static int need_list(struct cenv_index_url *index, struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	int ret;

	if (index->asked)
		return 0;
	ret = get_list(index, &text, err);
	if (ret > 0)
		ret = parse_list(index, &text, err);
	cenv_buf_release(&text);
	if (ret < 0)
		return cenv_err_wrap(err, "cannot read the index '%s'", index->label);
	index->asked = true;
	return 0;
}

/* ---- recipes ---- */

static int check_hash(const char *label, const struct cenv_buf *text, const char *sha256,
		      struct cenv_err *err)
{
	char hex[CENV_SHA256_HEX];

	if (!sha256)
		return 0;
	if (cenv_sha256_data(text->buf, text->len, hex, err) < 0)
		return -1;
	if (strcmp(hex, sha256) == 0)
		return 0;
	cenv_err_set(err, CENV_E_INTEGRITY, "the recipe '%s' is not the one its index names",
		     label);
	cenv_err_detail(err, "expected sha256 %s\nactual   sha256 %s", sha256, hex);
	return -1;
}

/* @return 1 got, 0 not there, -1 failed */
static int get_recipe(const struct cenv_index_url *index, const char *name, const char *label,
		      const char *sha256, struct cenv_buf *text, struct cenv_err *err)
{
	char *url = cenv_strf("%s/%s", index->url, name);
	int ret = fetch(index, url, CENV_RECIPE_MAX, text, err);

	free(url);
	if (ret < 0) {
		/* what index.json lists must be there */
		if (err->code != CENV_E_NOTFOUND || sha256)
			return -1;
		cenv_err_release(err);
		return 0;
	}
	if (check_hash(label, text, sha256, err) < 0)
		return -1;
	write_copy(index, name, text);
	return 1;
}

int cenv_index_url_read(struct cenv_index_url *index, const char *key, struct cenv_buf *text,
			char **file, struct cenv_err *err)
{
	const char *sha256;
	char *name, *label;
	int got = 1;

	*file = NULL;
	if (!cenv_name_valid(key, strlen(key)))
		return 0;
	if (need_list(index, err) < 0)
		return -1;
	sha256 = cenv_map_get(&index->list, key);
	if (index->has_list && !sha256)
		return 0;
	name = cenv_strf("%s.ini", key);
	label = cenv_strf("%s/%s", index->label, name);
	/* without a hash a copy may be out of date: only offline is it better than nothing */
	if ((!sha256 && !index->offline) ||
	    !read_copy(index, name, CENV_RECIPE_MAX, sha256, text))
		got = get_recipe(index, name, label, sha256, text, err);
	if (got > 0)
		*file = label;
	else
		free(label);
	free(name);
	return got < 0 ? -1 : 0;
}

int cenv_index_url_names(struct cenv_index_url *index, struct cenv_strv *out, struct cenv_err *err)
{
	if (need_list(index, err) < 0)
		return -1;
	for (size_t i = 0; i < index->list.n; i++) {
		if (index->list.entries[i].key)
			cenv_strv_add(out, index->list.entries[i].key);
	}
	return 0;
}

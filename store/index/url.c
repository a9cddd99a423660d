/* SPDX-License-Identifier: MIT */
#include "store/index/url.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/recipe.h"
#include "core/secret.h"
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

static void answer_free(void *answer)
{
	cenv_fetch_text_items_free(answer, 1);
}

void cenv_index_url_rest(struct cenv_index_url *index)
{
	cenv_fetch_session_close(&index->session);
}

void cenv_index_url_release(struct cenv_index_url *index)
{
	cenv_index_url_rest(index);
	cenv_index_list_release(&index->list);
	cenv_map_release(&index->fetched, answer_free);
	cenv_err_release(&index->list_err);
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

static int parse_list(struct cenv_index_url *index, const struct cenv_buf *text,
		      struct cenv_err *err)
{
	char *label = cenv_strf("%s/index.json", index->label);
	int ret = cenv_index_list_parse(&index->list, text->buf, text->len, label, err);

	free(label);
	index->has_list = ret == 0;
	/* what cannot be read is no better offline */
	if (ret == 0 && !index->offline)
		write_copy(index, "index.json", text);
	return ret;
}

/* A question to the server, for name below its URL. */
static struct cenv_fetch_text_item *new_question(const struct cenv_index_url *index,
						 const char *name)
{
	struct cenv_fetch_text_item *item = cenv_xcalloc(1, sizeof(*item));

	*item = (struct cenv_fetch_text_item){.url = cenv_strf("%s/%s", index->url, name),
					      .text = CENV_BUF_INIT};
	return item;
}

static int ask(struct cenv_index_url *index, struct cenv_fetch_text_item *items, size_t n,
	       size_t max, struct cenv_err *err)
{
	struct cenv_fetch_options options = {.offline = index->offline};

	return cenv_fetch_texts(&index->session, items, n, max, &options, err);
}

/* @return 1 got, 0 the server has none, -1 failed */
static int get_list(struct cenv_index_url *index, struct cenv_buf *text, struct cenv_err *err)
{
	struct cenv_fetch_text_item *answer;
	int ret;

	if (index->offline)
		return read_copy(index, "index.json", LIST_MAX, NULL, text);
	answer = new_question(index, "index.json");
	ret = ask(index, answer, 1, LIST_MAX, err);
	if (ret == 0 && answer->err.code == CENV_OK) {
		cenv_buf_add(text, answer->text.buf, answer->text.len);
		ret = 1;
	} else if (ret == 0 && answer->err.code != CENV_E_NOTFOUND) {
		cenv_err_move(err, &answer->err);
		ret = -1;
	}
	answer_free(answer);
	return ret;
}

static int need_list(struct cenv_index_url *index, struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	int ret;

	if (index->asked)
		return 0;
	if (index->list_err.code != CENV_OK) /* asking again for each name takes its time each time */
		return cenv_err_copy(err, &index->list_err);
	ret = get_list(index, &text, err);
	if (ret > 0)
		ret = parse_list(index, &text, err);
	cenv_buf_release(&text);
	if (ret < 0) {
		cenv_err_wrap(err, "cannot read the index '%s'", index->label);
		return cenv_err_copy(&index->list_err, err);
	}
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

/* What came of a question for a recipe. @return 1 got, 0 not there, -1 failed */
static int take_answer(const struct cenv_index_url *index, const char *key, const char *label,
		       struct cenv_fetch_text_item *answer, struct cenv_buf *text,
		       struct cenv_err *err)
{
	const char *sha256 = cenv_map_get(&index->list.sha256, key);

	if (answer->err.code == CENV_E_NOTFOUND && !sha256)
		return 0;
	/* what index.json lists must be there */
	if (answer->err.code != CENV_OK) {
		cenv_err_move(err, &answer->err);
		return -1;
	}
	cenv_buf_reset(text);
	cenv_buf_add(text, answer->text.buf, answer->text.len);
	return check_hash(label, text, sha256, err) < 0 ? -1 : 1;
}

/* @return 1 got, 0 not there, -1 failed */
static int get_recipe(struct cenv_index_url *index, const char *key, const char *name,
		      const char *label, struct cenv_buf *text, struct cenv_err *err)
{
	struct cenv_fetch_text_item *answer = cenv_map_remove(&index->fetched, key);
	int ret = 0;

	if (!answer) {
		answer = new_question(index, name);
		ret = ask(index, answer, 1, CENV_RECIPE_MAX, err);
	}
	if (ret == 0)
		ret = take_answer(index, key, label, answer, text, err);
	if (ret > 0)
		write_copy(index, name, text);
	answer_free(answer);
	return ret;
}

/* Without a hash a copy may be out of date: only offline is it better than nothing. */
static bool has_good_copy(const struct cenv_index_url *index, const char *key, const char *name,
			  struct cenv_buf *text)
{
	const char *sha256 = cenv_map_get(&index->list.sha256, key);

	return (sha256 || index->offline) && read_copy(index, name, CENV_RECIPE_MAX, sha256, text);
}

int cenv_index_url_read(struct cenv_index_url *index, const char *key, struct cenv_buf *text,
			char **file, struct cenv_err *err)
{
	char *name, *label;
	int got = 1;

	*file = NULL;
	if (!cenv_name_valid(key, strlen(key)))
		return 0;
	if (need_list(index, err) < 0)
		return -1;
	if (index->has_list && !cenv_map_has(&index->list.sha256, key))
		return 0;
	name = cenv_strf("%s.ini", key);
	label = cenv_strf("%s/%s", index->label, name);
	if (!has_good_copy(index, key, name, text))
		got = get_recipe(index, key, name, label, text, err);
	if (got > 0)
		*file = label;
	else
		free(label);
	free(name);
	return got < 0 ? -1 : 0;
}

/* ---- several at once ---- */

static bool must_be_fetched(const struct cenv_index_url *index, const char *key)
{
	struct cenv_buf text = CENV_BUF_INIT;
	bool good;
	char *name;

	if (!cenv_name_valid(key, strlen(key)) || cenv_map_has(&index->fetched, key) ||
	    (index->has_list && !cenv_map_has(&index->list.sha256, key)))
		return false;
	name = cenv_strf("%s.ini", key);
	good = has_good_copy(index, key, name, &text);
	free(name);
	cenv_buf_release(&text);
	return !good;
}

static int fetch_all(struct cenv_index_url *index, const struct cenv_strv *keys,
		     struct cenv_err *err)
{
	struct cenv_fetch_text_item *items = cenv_xcalloc(keys->n, sizeof(*items));
	int ret;

	for (size_t i = 0; i < keys->n; i++)
		items[i] = (struct cenv_fetch_text_item){
			.url = cenv_strf("%s/%s.ini", index->url, keys->v[i]),
			.text = CENV_BUF_INIT,
		};
	ret = ask(index, items, keys->n, CENV_RECIPE_MAX, err);
	for (size_t i = 0; ret == 0 && i < keys->n; i++) {
		struct cenv_fetch_text_item *answer = cenv_xcalloc(1, sizeof(*answer));

		*answer = items[i];
		items[i] = (struct cenv_fetch_text_item){.text = CENV_BUF_INIT};
		cenv_map_put(&index->fetched, keys->v[i], answer);
	}
	cenv_fetch_text_items_free(items, keys->n);
	return ret;
}

int cenv_index_url_prefetch(struct cenv_index_url *index, const char *const *keys, size_t n,
			    struct cenv_err *err)
{
	struct cenv_strv missing = {0};
	int ret = 0;

	if (index->offline)
		return 0;
	if (need_list(index, err) < 0) {
		if (err->code == CENV_E_INTERRUPT)
			return -1;
		cenv_err_release(err);
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		if (must_be_fetched(index, keys[i]))
			cenv_strv_add(&missing, keys[i]);
	cenv_strv_sort_unique(&missing);
	if (missing.n)
		ret = fetch_all(index, &missing, err);
	cenv_strv_release(&missing);
	return ret;
}

bool cenv_index_url_lacks(const struct cenv_index_url *index, const char *key)
{
	const struct cenv_fetch_text_item *answer = cenv_map_get(&index->fetched, key);

	if (index->has_list)
		return !cenv_map_has(&index->list.sha256, key);
	return answer && answer->err.code == CENV_E_NOTFOUND;
}

int cenv_index_url_names(struct cenv_index_url *index, struct cenv_strv *out, struct cenv_err *err)
{
	if (need_list(index, err) < 0)
		return -1;
	for (size_t i = 0; i < index->list.sha256.n; i++) {
		if (index->list.sha256.entries[i].key)
			cenv_strv_add(out, index->list.sha256.entries[i].key);
	}
	return 0;
}

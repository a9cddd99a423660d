/* SPDX-License-Identifier: MIT */
#include "store/pipeline/given.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/secret.h"
#include "core/version.h"
#include "store/fs/fs.h"
#include "store/unpack/unpack.h"

enum { RECIPE_MAX = 1 << 20 };

/* @param fresh receives whether it came just now, without a hash that it had to have. */
static int fetch_archive(struct cenv_given *given, const struct cenv_requirement *req,
			 const char *label, const struct cenv_store *store,
			 const struct cenv_fetch_options *fetch, bool *fresh, struct cenv_err *err)
{
	struct cenv_strv urls = {0};
	struct cenv_fetch_item item = {
		.name = req->name ? req->name : label,
		.version = "",
		.urls = &urls,
		.sha256 = &req->hashes,
		.tree_hashes = &req->tree_hashes,
	};
	int ret;

	cenv_strv_add(&urls, req->location);
	ret = cenv_fetch(store, &item, 1, fetch, err);
	if (ret == 0)
		given->sha256 = cenv_xstrdup(item.got_sha256);
	*fresh = item.got_from && !req->hashes.n && !req->tree_hashes.n;
	free(item.got_from);
	cenv_strv_release(&urls);
	return ret;
}

/* The library's own cenv.ini, if it carries one: 1 found, 0 not, -1 error. */
static int read_own_recipe(const struct cenv_given *given, const struct cenv_store *store,
			   const char *label, const struct cenv_unpack_limits *limits,
			   struct cenv_buf *text, struct cenv_err *err)
{
	char *path;
	int ret;

	if (given->sha256) {
		path = cenv_source_path(given->sha256);
		ret = cenv_unpack_member(store->fd, path, label, "cenv.ini", RECIPE_MAX, limits, text,
					 err);
		if (ret < 0)
			cenv_source_blame(store, given->sha256, err);
	} else if (!given->dir) {
		return 0;
	} else {
		path = cenv_path_join(given->dir, "cenv.ini");
		ret = !cenv_fs_exists(AT_FDCWD, path) ? 0
		      : cenv_fs_read_text(AT_FDCWD, path, RECIPE_MAX, text, err) < 0 ? -1 : 1;
	}
	free(path);
	return ret;
}

/* "v1.6.58.tar.gz" under a known name is version 1.6.58. */
static char *version_from_file(const char *base)
{
	char *padded = cenv_strf("x-%s", *base == 'v' ? base + 1 : base);
	char *name = NULL, *version = NULL;

	if (!cenv_archive_name_split(padded, &name, &version))
		version = NULL;
	free(name);
	free(padded);
	return version;
}

static int make_up_recipe(struct cenv_buf *text, const struct cenv_requirement *req,
			  const char *label, struct cenv_err *err)
{
	char *name = NULL, *version = NULL;
	int ret = 0;

	if (!cenv_archive_name_split(req->location, &name, &version)) {
		name = NULL;
		version = req->name ? version_from_file(label) : NULL;
	}
	if (req->name) {
		free(name);
		name = cenv_xstrdup(req->name);
	}
	if (!name && req->kind == CENV_REQ_PATH && !cenv_is_archive_name(req->location) &&
	    cenv_name_valid(label, strlen(label)))
		name = cenv_xstrdup(label);
	if (!name) {
		cenv_err_set(err, CENV_E_USAGE, "cannot tell the name and version of '%s'",
			     label);
		cenv_err_hint(err, "name it: 'NAME @ %s'", req->location);
		ret = -1;
	} else {
		cenv_buf_addf(text, "[package]\nname = %s\nversion = %s\n", name,
			      version ? version : "0");
	}
	free(name);
	free(version);
	return ret;
}

static int load_recipe(struct cenv_given *given, const struct cenv_requirement *req,
		       const char *label, const struct cenv_store *store, const struct cenv_unpack_limits *limits,
		       struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	char *path = cenv_strf("%s/cenv.ini", label);
	int ret = read_own_recipe(given, store, label, limits, &text, err);

	given->has_own_recipe = ret == 1;
	if (ret == 0)
		ret = make_up_recipe(&text, req, label, err);
	if (ret >= 0)
		ret = cenv_recipe_parse(&given->recipe, text.buf, text.len, path, true, err);
	if (ret == 0 && req->key && strcmp(req->key, given->recipe->key) != 0)
		ret = cenv_err_set(err, CENV_E_SYNTAX, "'%s' was asked for, but '%s' is '%s'",
				   req->name, label, given->recipe->name);
	cenv_buf_release(&text);
	free(path);
	return ret;
}

/* file: URLs of folders are paths, too */
static char *local_folder(const struct cenv_requirement *req)
{
	char *path = cenv_url_local_path(req->location);

	if (path && cenv_fs_is_dir(AT_FDCWD, path))
		return path;
	free(path);
	return NULL;
}

static int hash_folder(struct cenv_given *given, struct cenv_err *err)
{
	char hash[CENV_SHA256_HEX];

	if (cenv_tree_hash_dir(AT_FDCWD, given->dir, hash, err) < 0)
		return -1;
	given->tree_hash = cenv_xstrdup(hash);
	return 0;
}

/* Can it be had without the network? A local path that leads nowhere can't, but fetching says so. */
static bool is_here(const struct cenv_requirement *req, const struct cenv_store *store)
{
	char *local = cenv_url_local_path(req->location);
	bool here = local != NULL;

	free(local);
	for (size_t i = 0; i < req->hashes.n && !here; i++) {
		char *path = cenv_source_path(req->hashes.v[i]);

		here = cenv_fs_exists(store->fd, path);
		free(path);
	}
	return here;
}

char *cenv_given_location(const struct cenv_requirement *req)
{
	struct cenv_err ignored = CENV_ERR_INIT;
	char *path = req->kind == CENV_REQ_PATH ? cenv_fs_realpath(req->location, &ignored) : NULL;

	cenv_err_release(&ignored);
	return path ? path : cenv_url_redact(req->location);
}

/* The message names the archive already; which line asked for it is what it does not say. */
static int say_where(const struct cenv_requirement *req, struct cenv_err *err)
{
	char *origin;

	if (!req->origin.file || req->origin.added)
		return -1;
	origin = cenv_origin_text(&req->origin);
	cenv_err_wrap(err, "%s", origin);
	free(origin);
	return -1;
}

/* What messages call it: the file's or folder's name, without the secrets a URL may end with. */
static char *label_of(const struct cenv_requirement *req, const char *dir)
{
	struct cenv_err ignored = CENV_ERR_INIT;
	/* "." and "./libfoo/" are folders with names, too */
	char *real = dir ? cenv_fs_realpath(dir, &ignored) : NULL;
	char *base = cenv_archive_base_name(real ? real : req->location);

	cenv_err_release(&ignored);
	free(real);
	if (*base)
		return base;
	free(base);
	return cenv_url_redact(req->location);
}

/* What is no archive that can be used need not stay in the store. */
static void forget_archive(const struct cenv_given *given, const struct cenv_store *store)
{
	char *path = cenv_source_path(given->sha256);

	unlinkat(store->fd, path, 0);
	free(path);
}

static int load(struct cenv_given **out, const struct cenv_requirement *req,
		const struct cenv_store *store, const struct cenv_fetch_options *fetch,
		bool may_download, struct cenv_err *err)
{
	struct cenv_given *given = cenv_xcalloc(1, sizeof(*given));
	char *label;
	bool fresh = false;
	int ret = 0;

	given->req = req;
	given->dir = local_folder(req);
	label = label_of(req, given->dir);
	given->url = given->dir ? NULL : cenv_url_redact(req->location);
	if (given->dir)
		ret = hash_folder(given, err);
	else if (may_download || is_here(req, store))
		ret = fetch_archive(given, req, label, store, fetch, &fresh, err);
	if (ret == 0)
		ret = load_recipe(given, req, label, store, fetch->limits, err);
	free(label);
	if (ret < 0) {
		if (fresh && given->sha256 && err->code == CENV_E_INTEGRITY)
			forget_archive(given, store);
		cenv_given_free(given);
		return say_where(req, err);
	}
	*out = given;
	return 0;
}

int cenv_given_load(struct cenv_given **out, const struct cenv_requirement *req,
		    const struct cenv_store *store, const struct cenv_fetch_options *fetch,
		    struct cenv_err *err)
{
	return load(out, req, store, fetch, true, err);
}

int cenv_given_guess(struct cenv_given **out, const struct cenv_requirement *req,
		     const struct cenv_store *store, const struct cenv_fetch_options *fetch,
		     struct cenv_err *err)
{
	return load(out, req, store, fetch, false, err);
}

/* SPDX-License-Identifier: MIT */
/* cenv hash: what pins an archive. */
#include "cmd/commands.h"

#include <fcntl.h>

#include "cmd/archives.h"
#include "cmd/json.h"
#include "cmd/term.h"
#include "store/digest/digest.h"
#include "store/fs/fs.h"
#include "store/unpack/unpack.h"

struct hash_opts {
	bool json;
	struct archive_opts archives;
};

static int hash_one(const char *path, const struct cenv_unpack_limits *limits, cJSON *list,
		    struct cenv_err *err)
{
	char sha256[CENV_SHA256_HEX] = "", tree[CENV_SHA256_HEX];
	bool is_dir = cenv_fs_is_dir(AT_FDCWD, path);

	/* a device or a pipe could be read for ever, and not twice */
	if (!is_dir && cenv_fs_exists(AT_FDCWD, path) && !cenv_fs_is_file(AT_FDCWD, path))
		return cenv_err_set(err, CENV_E_INTEGRITY, "'%s' is neither a file nor a folder", path);
	if (!is_dir && cenv_sha256_file(AT_FDCWD, path, sha256, err) < 0)
		return -1;
	if ((is_dir ? cenv_tree_hash_dir(AT_FDCWD, path, tree, err)
		    : cenv_tree_hash_file(AT_FDCWD, path, path, limits, tree, err)) < 0)
		return -1;
	if (list) {
		cJSON *row = cJSON_CreateObject();

		json_add_string(row, "path", path);
		json_add_string(row, "sha256", *sha256 ? sha256 : NULL);
		json_add_string(row, "tree_hash", tree);
		cJSON_AddItemToArray(list, row);
		return 0;
	}
	term_print("%s\n", path);
	if (*sha256)
		term_print("  --hash=sha256:%s\n", sha256);
	term_print("  --tree-hash=sha256:%s\n", tree);
	return 0;
}

static int hash_run(struct cmd_ctx *ctx, void *opts, int argc, char **argv, struct cenv_err *err)
{
	const struct hash_opts *o = opts;
	const struct cenv_unpack_limits limits = archive_limits(&o->archives);
	cJSON *doc = o->json ? json_document() : NULL;
	cJSON *list = doc ? cJSON_AddArrayToObject(doc, "archives") : NULL;
	int ret = 0;

	(void)ctx;
	for (int i = 0; i < argc && ret == 0; i++)
		ret = hash_one(argv[i], &limits, list, err);
	if (doc && ret == 0)
		json_print(doc);
	else
		cJSON_Delete(doc);
	return ret;
}

static const struct cmd_opt opts[] = {
	{0, "json", CMD_FLAG, offsetof(struct hash_opts, json), NULL, 0, false,
	 "print one JSON document"},
	ARCHIVE_OPTS(struct hash_opts, archives),
	CMD_OPT_END,
};

static const struct cmd_example examples[] = {
	{"cenv hash zlib-1.3.1.tar.gz", "both hashes, as requirements take them"},
	{NULL, NULL},
};

const struct cmd_def cmd_hash = {
	.name = "hash",
	.summary = "Print the hashes that pin an archive",
	.args = "ARCHIVE|FOLDER...",
	.description =
		"Prints the sha256 of the archive's bytes, and the hash of the tree that is in it.\n"
		"The second stays the same when only the packing changes, as it does when a forge\n"
		"makes its archives anew.",
	.opts = opts,
	.examples = examples,
	.opts_size = sizeof(struct hash_opts),
	.complete = CMD_COMPLETE_FILE,
	.min_args = 1,
	.run = hash_run,
};

/* SPDX-License-Identifier: MIT */
#include "store/object/object.h"

#include <string.h>

#include "store/fs/fs.h"
#include "store/object/relocate.h"

/* An environment was moved: its patched files follow. */

struct attempt {
	struct cenv_buf original; /* the object's file, if `prefix` was what had been put in */
	bool is_proven;
};

/*
 * Does the file hold `prefix`, and nothing else that the entry does not know? The
 * proof is a hash, of the object's file or of the file as it was with the old
 * prefix: looking for the prefix alone takes "/a/b2" for "/a/b".
 */
static int try_prefix(struct attempt *out, const struct cenv_buf *data,
		      const struct cenv_manifest_entry *entry, const char *prefix,
		      const char *old_prefix, struct cenv_err *err)
{
	struct cenv_buf as_old = CENV_BUF_INIT;
	char hex[CENV_SHA256_HEX];
	int ret = 0;

	out->is_proven = false;
	cenv_buf_reset(&out->original);
	cenv_buf_add(&out->original, data->buf, data->len);
	if (!cenv_reloc_unpatch(&out->original, entry, prefix))
		return 0;
	ret = cenv_sha256_data(out->original.buf, out->original.len, hex, err);
	if (ret < 0 || (out->is_proven = !strcmp(hex, entry->sha256)))
		return ret;
	cenv_buf_add(&as_old, out->original.buf, out->original.len);
	if (cenv_reloc_patch(&as_old, entry, old_prefix)) {
		ret = cenv_sha256_data(as_old.buf, as_old.len, hex, err);
		out->is_proven = ret == 0 && !strcmp(hex, entry->sha256);
	}
	cenv_buf_release(&as_old);
	return ret;
}

static int changed_by_user(const char *name, struct cenv_err *err)
{
	cenv_err_set(err, CENV_E_FAIL, "'%s' was changed since it was installed", name);
	cenv_err_hint(err, "install its package again");
	return -1;
}

int cenv_object_rehome(int dirfd, const char *name, const struct cenv_manifest_entry *entry,
		       const char *old_prefix, const char *new_prefix,
		       char sha256[CENV_SHA256_HEX], struct cenv_err *err)
{
	struct attempt attempt = {.original = CENV_BUF_INIT};
	struct cenv_buf data = CENV_BUF_INIT;
	int ret = -1;

	if (entry->reloc_kind == CENV_RELOC_NONE)
		return 0;
	/* a text grows by at most the new prefix less nothing at each place */
	if (cenv_fs_read(dirfd, name, entry->size + entry->nrelocs * CENV_PLACEHOLDER_LEN, &data,
			 err) < 0 ||
	    try_prefix(&attempt, &data, entry, new_prefix, old_prefix, err) < 0)
		goto out;
	if (attempt.is_proven) { /* done before, by a command that was stopped later */
		ret = cenv_sha256_data(data.buf, data.len, sha256, err);
		goto out;
	}
	if (try_prefix(&attempt, &data, entry, old_prefix, old_prefix, err) < 0)
		goto out;
	if (!attempt.is_proven || !cenv_reloc_patch(&attempt.original, entry, new_prefix)) {
		changed_by_user(name, err);
		goto out;
	}
	if (cenv_sha256_data(attempt.original.buf, attempt.original.len, sha256, err) == 0)
		ret = cenv_fs_write(dirfd, name, attempt.original.buf, attempt.original.len,
				    entry->mode, 0, err);
out:
	cenv_buf_release(&attempt.original);
	cenv_buf_release(&data);
	return ret;
}

/* SPDX-License-Identifier: MIT */
#include "tests/lib/fake_object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "store/fs/fs.h"

static void must(int ret, const struct cenv_err *err)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "fake object: %s\n", err->msg ? err->msg : strerror(errno));
	abort();
}

static void add_folders(struct cenv_object *o, const char *path)
{
	for (const char *p = path; (p = strchr(p, '/')); p++) {
		char *dir = cenv_xstrndup(path, (size_t)(p - path));
		struct cenv_err err = CENV_ERR_INIT;

		if (cenv_fs_exists(o->treefd, dir)) {
			free(dir);
			continue;
		}
		must(cenv_fs_mkdirs(o->treefd, dir, 0755, &err), &err);
		*cenv_manifest_add(&o->manifest) =
			(struct cenv_manifest_entry){.type = 'd', .mode = 0755, .path = dir};
	}
}

/* The contents with placeholders in, each noted as a relocation. */
static void expand(struct cenv_buf *out, struct cenv_manifest_entry *e, const char *text)
{
	const char *mark;
	size_t cap = 0;

	for (; (mark = strstr(text, "@P@")); text = mark + 3) {
		cenv_buf_add(out, text, (size_t)(mark - text));
		CENV_GROW(e->relocs, e->nrelocs, cap);
		e->relocs[e->nrelocs++] = (struct cenv_reloc){.offset = out->len};
		e->reloc_kind = CENV_RELOC_TEXT;
		cenv_buf_adds(out, cenv_placeholder);
	}
	cenv_buf_adds(out, text);
}

static void add_file(struct cenv_object *o, const struct fake_file *file)
{
	struct cenv_manifest_entry e = {.type = file->link ? 'l' : 'f',
					.mode = file->link ? 0777 : 0644,
					.path = cenv_xstrdup(file->path),
					.target = cenv_xstrdup(file->link)};
	struct cenv_buf data = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;

	add_folders(o, file->path);
	if (file->link) {
		must(symlinkat(file->link, o->treefd, file->path), &err);
	} else {
		expand(&data, &e, file->text);
		e.size = data.len;
		must(cenv_sha256_data(data.buf, data.len, e.sha256, &err), &err);
		must(cenv_fs_write(o->treefd, file->path, data.buf, data.len, 0644, 0, &err), &err);
	}
	*cenv_manifest_add(&o->manifest) = e;
	cenv_buf_release(&data);
}

static struct cenv_object *open_folder(const char *dir, const char *name, const char *version)
{
	struct cenv_object *o = cenv_xcalloc(1, sizeof(*o));
	char *tree = cenv_path_join(dir, "tree");
	struct cenv_err err = CENV_ERR_INIT;

	must(o->dirfd = cenv_fs_open_dir(AT_FDCWD, dir, &err), &err);
	must(o->treefd = cenv_fs_open_dir(AT_FDCWD, tree, &err), &err);
	o->name = cenv_xstrdup(name);
	o->version = cenv_xstrdup(version);
	free(tree);
	return o;
}

struct cenv_object *fake_object(const char *base, const char *name, const char *version,
				const struct fake_file *files)
{
	char *dir = cenv_strf("%s/%s-%s", base, name, version), *tree = cenv_path_join(dir, "tree");
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;
	struct cenv_object *o;

	must(cenv_fs_remove_tree(AT_FDCWD, dir, &err), &err);
	must(cenv_fs_mkdirs(AT_FDCWD, tree, 0755, &err), &err);
	o = open_folder(dir, name, version);
	for (; files->path; files++)
		add_file(o, files);
	cenv_manifest_sort(&o->manifest);
	cenv_manifest_format(&o->manifest, &text);
	must(cenv_fs_write(o->dirfd, "manifest", text.buf, text.len, 0444, 0, &err), &err);
	cenv_buf_release(&text);
	free(tree);
	free(dir);
	return o;
}

struct cenv_object *fake_object_open(const char *base, const char *name, const char *version)
{
	char *dir = cenv_strf("%s/%s-%s", base, name, version);
	struct cenv_object *o = open_folder(dir, name, version);
	struct cenv_buf text = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;

	must(cenv_fs_read(o->dirfd, "manifest", 1 << 20, &text, &err), &err);
	must(cenv_manifest_parse(&o->manifest, text.buf, text.len, dir, &err), &err);
	cenv_buf_release(&text);
	free(dir);
	return o;
}

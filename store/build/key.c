/* SPDX-License-Identifier: MIT */
#include "store/build/key.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/strv.h"

/* A newline in a value cannot pass for another field. */
static void put(struct cenv_buf *out, const char *field, const char *value)
{
	cenv_buf_addf(out, "%s ", field);
	for (const char *p = value ? value : ""; *p; p++) {
		if (*p == '\n')
			cenv_buf_adds(out, "\\n");
		else if (*p == '\\')
			cenv_buf_adds(out, "\\\\");
		else
			cenv_buf_addc(out, *p);
	}
	cenv_buf_addc(out, '\n');
}

static void put_all(struct cenv_buf *out, const char *field, const struct cenv_strv *values)
{
	for (size_t i = 0; values && i < values->n; i++)
		put(out, field, values->v[i]);
}

static void put_section(struct cenv_buf *out, const struct cenv_build_section *section)
{
	put(out, "system", cenv_build_system_name(section->system));
	if (section->subdir)
		put(out, "subdir", section->subdir);
	put_all(out, "option", &section->options);
	put_all(out, "make", &section->make);
	put_all(out, "target", &section->targets);
	put_all(out, "install-target", &section->install_targets);
	put_all(out, "env", &section->env);
	put_all(out, "cflag", &section->cflags);
	put_all(out, "ldflag", &section->ldflags);
	put_all(out, "configure", &section->configure);
	put_all(out, "build", &section->build);
	put_all(out, "install", &section->install);
	put_all(out, "tool", &section->tools);
	put_all(out, "patch", &section->patches);
}

static void put_toolchain(struct cenv_buf *out, const struct cenv_toolchain *tc)
{
	put(out, "compiler", tc->compiler);
	put(out, "compiler-identity", tc->identity);
	put(out, "cc", tc->cc);
	put(out, "cxx", tc->cxx);
	put(out, "machine", tc->target);
	put(out, "libc", tc->libc);
	put(out, "libc-version", tc->libc_version);
}

/* Sorted, so that the order in which a caller found them does not matter. */
static void put_dependencies(struct cenv_buf *out, const struct cenv_build_request *req)
{
	struct cenv_strv deps = {0};

	for (size_t i = 0; i < req->ndeps; i++)
		cenv_strv_addf(&deps, "%s %s", req->deps[i]->name, req->deps[i]->key);
	cenv_strv_sort(&deps);
	put_all(out, "dependency", &deps);
	cenv_strv_release(&deps);
}

void cenv_build_key_text(const struct cenv_build_request *req, struct cenv_buf *out)
{
	cenv_buf_addf(out, "cenv-build %d\n", CENV_BUILD_FORMAT);
	put(out, "name", req->name);
	put(out, "version", req->version);
	if (req->source_sha256)
		put(out, "source-sha256", req->source_sha256);
	else
		put(out, "source-tree", req->source_dir_hash);
	put_section(out, &req->section);
	put_all(out, "feature", req->features);
	put_dependencies(out, req);
	put_toolchain(out, req->toolchain);
	put(out, "isolation", req->isolation == CENV_ISOLATION_NONE ? "none" : "sandbox");
}

int cenv_build_key(const struct cenv_build_request *req, char out[CENV_SHA256_HEX],
		   struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	int ret;

	cenv_build_key_text(req, &text);
	ret = cenv_sha256_data(text.buf, text.len, out, err);
	cenv_buf_release(&text);
	return ret;
}

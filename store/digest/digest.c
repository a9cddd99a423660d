/* SPDX-License-Identifier: MIT */
#include "store/digest/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "store/digest/module.h"

/* set by the first cenv_sha256_new(), which every other call comes after */
static const struct cenv_digest_module *module;

struct cenv_sha256 *cenv_sha256_new(struct cenv_err *err)
{
	const struct cenv_digest_module *table = cenv_module_load("digest", err);

	if (!table)
		return NULL;
	__atomic_store_n(&module, table, __ATOMIC_RELEASE);
	return table->sha256_new(err);
}

static const struct cenv_digest_module *loaded(void)
{
	return __atomic_load_n(&module, __ATOMIC_ACQUIRE);
}

void cenv_sha256_update(struct cenv_sha256 *ctx, const void *data, size_t len)
{
	loaded()->sha256_update(ctx, data, len);
}

void cenv_sha256_final(struct cenv_sha256 *ctx, char out[CENV_SHA256_HEX])
{
	loaded()->sha256_final(ctx, out);
}

void cenv_sha256_free(struct cenv_sha256 *ctx)
{
	if (ctx)
		loaded()->sha256_free(ctx);
}

int cenv_sha256_data(const void *data, size_t len, char out[CENV_SHA256_HEX], struct cenv_err *err)
{
	struct cenv_sha256 *ctx = cenv_sha256_new(err);

	if (!ctx)
		return -1;
	cenv_sha256_update(ctx, data, len);
	cenv_sha256_final(ctx, out);
	cenv_sha256_free(ctx);
	return 0;
}

int cenv_sha256_fd(int fd, const char *label, char out[CENV_SHA256_HEX], struct cenv_err *err)
{
	struct cenv_sha256 *ctx = cenv_sha256_new(err);
	char chunk[65536];
	ssize_t n;
	int ret = 0;

	if (!ctx)
		return -1;
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n > 0) {
			cenv_sha256_update(ctx, chunk, (size_t)n);
		} else if (errno != EINTR) {
			ret = cenv_err_sys(err, errno, "cannot read '%s'", label);
			break;
		}
	}
	if (ret == 0)
		cenv_sha256_final(ctx, out);
	cenv_sha256_free(ctx);
	return ret;
}

int cenv_sha256_file(int dirfd, const char *name, char out[CENV_SHA256_HEX], struct cenv_err *err)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY), ret;

	if (fd < 0)
		return cenv_err_sys(err, errno, "cannot open '%s'", name);
	ret = cenv_sha256_fd(fd, name, out, err);
	close(fd);
	return ret;
}

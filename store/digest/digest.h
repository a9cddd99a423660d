/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_DIGEST_DIGEST_H
#define CENV_STORE_DIGEST_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

/* SHA-256 by OpenSSL's EVP (the CPU's own instructions), in module "digest". */

#define CENV_SHA256_HEX 65 /* 64 digits and the NUL */

struct cenv_sha256; /* a running hash */

struct cenv_sha256 *cenv_sha256_new(struct cenv_err *err);
void cenv_sha256_update(struct cenv_sha256 *ctx, const void *data, size_t len);
/** Lower-case hex into out; ctx can be used again from the start. */
void cenv_sha256_final(struct cenv_sha256 *ctx, char out[CENV_SHA256_HEX]);
void cenv_sha256_free(struct cenv_sha256 *ctx);

int cenv_sha256_data(const void *data, size_t len, char out[CENV_SHA256_HEX], struct cenv_err *err);
/** Hash a file through a fixed buffer. */
int cenv_sha256_file(int dirfd, const char *name, char out[CENV_SHA256_HEX], struct cenv_err *err);
/** Hash from the descriptor's offset to its end. */
int cenv_sha256_fd(int fd, const char *label, char out[CENV_SHA256_HEX], struct cenv_err *err);

#endif

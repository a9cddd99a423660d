/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_DIGEST_MODULE_H
#define CENV_STORE_DIGEST_MODULE_H

#include <stddef.h>

#include "core/base/err.h"
#include "store/digest/digest.h"
#include "store/module.h"

/* The table of module "digest"; see store/digest/digest.h for what the functions do. */
struct cenv_digest_module {
	struct cenv_module_head head;
	struct cenv_sha256 *(*sha256_new)(struct cenv_err *err);
	void (*sha256_update)(struct cenv_sha256 *ctx, const void *data, size_t len);
	void (*sha256_final)(struct cenv_sha256 *ctx, char out[CENV_SHA256_HEX]);
	void (*sha256_free)(struct cenv_sha256 *ctx);
};

extern const struct cenv_digest_module cenv_module_digest;

#endif

/* SPDX-License-Identifier: MIT */
#include "store/digest/module.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "core/base/mem.h"

struct cenv_sha256 {
	EVP_MD *md;
	EVP_MD_CTX *evp;
};

static void must(int ok)
{
	if (ok != 1)
		abort(); /* in-memory hashing of a fetched algorithm has no other way to fail */
}

static void sha256_free(struct cenv_sha256 *ctx)
{
	if (!ctx)
		return;
	EVP_MD_CTX_free(ctx->evp);
	EVP_MD_free(ctx->md);
	free(ctx);
}

static struct cenv_sha256 *sha256_new(struct cenv_err *err)
{
	struct cenv_sha256 *ctx = cenv_xcalloc(1, sizeof(*ctx));

	ctx->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	ctx->evp = EVP_MD_CTX_new();
	if (ctx->md && ctx->evp && EVP_DigestInit_ex2(ctx->evp, ctx->md, NULL) == 1)
		return ctx;
	sha256_free(ctx);
	cenv_err_set(err, CENV_E_FAIL, "the OpenSSL library offers no SHA-256");
	cenv_err_hint(err, "check OPENSSL_CONF and OPENSSL_MODULES");
	return NULL;
}

static void sha256_update(struct cenv_sha256 *ctx, const void *data, size_t len)
{
	must(EVP_DigestUpdate(ctx->evp, data, len));
}

static void sha256_final(struct cenv_sha256 *ctx, char out[CENV_SHA256_HEX])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[32];

	must(EVP_DigestFinal_ex(ctx->evp, raw, NULL));
	must(EVP_DigestInit_ex2(ctx->evp, ctx->md, NULL));
	for (size_t i = 0; i < sizeof(raw); i++) {
		out[2 * i] = digits[raw[i] >> 4];
		out[2 * i + 1] = digits[raw[i] & 15];
	}
	out[2 * sizeof(raw)] = '\0';
}

CENV_MODULE_EXPORT const struct cenv_digest_module cenv_module_digest = {
	.head = {CENV_MODULE_ABI},
	.sha256_new = sha256_new,
	.sha256_update = sha256_update,
	.sha256_final = sha256_final,
	.sha256_free = sha256_free,
};

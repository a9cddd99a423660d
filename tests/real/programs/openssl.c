/* SPDX-License-Identifier: MIT */
/*
 * cc: -lssl -lcrypto
 * pkg-config: libssl libcrypto
 * run: bin/openssl version -a
 * run: printf abc | bin/openssl dgst -sha256 | grep -q ba7816bf8f01cfea414140de5dae2223
 * run: bin/openssl list -providers | grep -q default
 * run: bin/openssl s_client -help
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <stdio.h>

int main(void)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());

	if (!ctx || !EVP_Digest("abc", 3, digest, &n, EVP_sha256(), NULL) || n != 32 ||
	    digest[0] != 0xba || digest[31] != 0xad)
		return 1;
	SSL_CTX_free(ctx);
	return printf("%s\n", OpenSSL_version(OPENSSL_VERSION)) < 0;
}

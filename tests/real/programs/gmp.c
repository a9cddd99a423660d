/* SPDX-License-Identifier: MIT */
/*
 * cc: -lgmp
 * pkg-config: gmp
 */
#include <gmp.h>
#include <stdio.h>

int main(void)
{
	mpz_t n;

	mpz_init(n);
	mpz_ui_pow_ui(n, 2, 127);
	mpz_sub_ui(n, n, 1);
	if (!mpz_probab_prime_p(n, 25) || mpz_sizeinbase(n, 2) != 127)
		return 1;
	mpz_clear(n);
	return printf("gmp %s\n", gmp_version) < 0;
}

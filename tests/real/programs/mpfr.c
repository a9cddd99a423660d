/* SPDX-License-Identifier: MIT */
/*
 * cc: -lmpfr -lgmp
 * pkg-config: mpfr
 */
#include <stdio.h>

#include <mpfr.h>

int main(void)
{
	mpfr_t pi;
	char text[32];

	mpfr_init2(pi, 200);
	mpfr_const_pi(pi, MPFR_RNDN);
	mpfr_snprintf(text, sizeof(text), "%.20Rf", pi);
	mpfr_clear(pi);
	mpfr_free_cache();
	return printf("mpfr %s: %s\n", mpfr_get_version(), text) < 0 ||
	       text[21] != '6' /* 3.14159265358979323846 */;
}

/* SPDX-License-Identifier: MIT */
/*
 * cc: -lpcre2-8
 * pkg-config: libpcre2-8
 * run: bin/pcre2-config --version
 * run: bin/pcre2grep --version
 * run: bin/pcre2test -C version
 * run: echo words | bin/pcre2grep 'w(?=or)'
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>

int main(void)
{
	char version[64];
	int error;
	PCRE2_SIZE offset;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR) "(\\w+)-(\\d+)", PCRE2_ZERO_TERMINATED, 0,
					 &error, &offset, NULL);
	pcre2_match_data *match;

	if (!code || pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) != 0)
		return 1;
	match = pcre2_match_data_create_from_pattern(code, NULL);
	if (pcre2_match(code, (PCRE2_SPTR) "see pcre-2", 10, 0, 0, match, NULL) != 3 ||
	    pcre2_get_ovector_pointer(match)[0] != 4)
		return 1;
	pcre2_match_data_free(match);
	pcre2_code_free(code);
	pcre2_config(PCRE2_CONFIG_VERSION, version);
	return printf("pcre2 %s\n", version) < 0;
}

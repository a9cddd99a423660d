/* SPDX-License-Identifier: MIT */
/*
 * cc: -lffi
 * pkg-config: libffi
 */
#include <ffi.h>
#include <stdio.h>

static int add(int a, int b)
{
	return a + b;
}

int main(void)
{
	ffi_cif cif;
	ffi_type *types[] = {&ffi_type_sint, &ffi_type_sint};
	int a = 40, b = 2;
	void *values[] = {&a, &b};
	ffi_arg sum = 0;

	if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_sint, types) != FFI_OK)
		return 1;
	ffi_call(&cif, FFI_FN(add), &sum, values);
	return (int)sum != 42 || printf("libffi %d\n", (int)sum) < 0;
}

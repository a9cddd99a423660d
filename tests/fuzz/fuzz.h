/* SPDX-License-Identifier: MIT */
#ifndef CENV_TESTS_FUZZ_FUZZ_H
#define CENV_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** libFuzzer's entry point: one input. A broken promise aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif

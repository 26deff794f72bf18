// SPDX-License-Identifier: Apache-2.0

/// What Swift cannot see by itself: the entry of libFuzzer, which the toolchain brings, and files in memory.

#ifndef CFUZZ_H
#define CFUZZ_H

#include <stddef.h>
#include <stdint.h>

/// Calls `callback` with one input after the other, as the arguments say, and returns when it is done.
int LLVMFuzzerRunDriver(
    int *_Nonnull argc, char *_Nullable *_Nonnull *_Nonnull argv,
    int (*_Nonnull callback)(const uint8_t *_Nullable bytes, size_t count));

/// A new empty file in memory: its descriptor, or a number below 0.
int fuzz_memory_file(void);

#endif

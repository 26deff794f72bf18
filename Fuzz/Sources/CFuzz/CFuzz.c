// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include <sys/mman.h>

#include "CFuzz.h"

int fuzz_memory_file(void) { return memfd_create("fuzz", MFD_CLOEXEC); }

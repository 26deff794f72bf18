// SPDX-License-Identifier: Apache-2.0

#include "level.h"

#include <float.h>
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LOCKSTEP_TABLE lockstep_avx2_table
#define TILE_VECTORS 1
#define TILE_CENTROIDS 4
#define VECTOR_BITS 256
#include "kernels.h"
#pragma clang attribute pop
#endif

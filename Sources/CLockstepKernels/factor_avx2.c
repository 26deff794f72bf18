// SPDX-License-Identifier: Apache-2.0

#include "factor_level.h"

#include <float.h>
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define FACTOR_TABLE lockstep_avx2_factor_table
#define TILE_VECTORS 1
#define TILE_HALF 4
#include "factor_kernels.h"
#pragma clang attribute pop
#endif

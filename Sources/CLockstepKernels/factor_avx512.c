// SPDX-License-Identifier: Apache-2.0

#include "factor_level.h"

#include <float.h>
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,fma"))), apply_to = function)
#define FACTOR_TABLE lockstep_avx512_factor_table
#define TILE_VECTORS 3
#define TILE_HALF 8
#include "factor_kernels.h"
#pragma clang attribute pop
#endif

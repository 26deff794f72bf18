// SPDX-License-Identifier: Apache-2.0

#include "level.h"

#include <float.h>
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,fma"))), apply_to = function)
#define LOCKSTEP_TABLE lockstep_avx512_table
#define TILE_VECTORS 2
#define TILE_CENTROIDS 8
#define VECTOR_BITS 512
#include "kernels.h"
#pragma clang attribute pop
#endif

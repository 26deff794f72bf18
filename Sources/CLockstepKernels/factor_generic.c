// SPDX-License-Identifier: Apache-2.0

#include "factor_level.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define FACTOR_TABLE lockstep_generic_factor_table
#define TILE_VECTORS 1
#define TILE_HALF 4
#include "factor_kernels.h"

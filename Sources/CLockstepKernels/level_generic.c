// SPDX-License-Identifier: Apache-2.0

#include "level.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define LOCKSTEP_TABLE lockstep_generic_table
#define TILE_VECTORS 1
#define TILE_CENTROIDS 4
#include "kernels.h"

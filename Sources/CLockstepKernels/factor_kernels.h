// SPDX-License-Identifier: Apache-2.0
//
// The factorization kernels of one level. A level file includes this once, after defining
//   FACTOR_TABLE  the table to fill
//   TILE_VECTORS, TILE_HALF  the register tile: so many vectors wide, so many rows or columns high (8 or half of it)

#include "vectors.h"

#include "factor_products.h"

#include "factor_reflections.h"

// `is_float` becomes a constant here, so that each kernel is compiled for Float and for Double.

static void gram(lockstep_rows rows, double *packed, void *scratch) {
  if (rows.is_float) gram_rows(rows, true, packed, scratch);
  else gram_rows(rows, false, packed, scratch);
}

static void solve_rows(
  lockstep_rows rows, const double *packed, double *out, ptrdiff_t stride, double *gram, void *scratch) {
  const ptrdiff_t p = rows.column_count;
  if (rows.is_float) transform_rows(rows, true, true, packed, p, out, stride, gram, scratch);
  else transform_rows(rows, false, true, packed, p, out, stride, gram, scratch);
}

static void multiply_rows(
  lockstep_rows rows, const double *packed, ptrdiff_t c, double *out, ptrdiff_t stride, double *gram, void *scratch) {
  if (rows.is_float) transform_rows(rows, true, false, packed, c, out, stride, gram, scratch);
  else transform_rows(rows, false, false, packed, c, out, stride, gram, scratch);
}

static void factor_rows(
  lockstep_rows rows, const double *scales, double *r, double *reflectors, ptrdiff_t stride, void *scratch) {
  if (rows.is_float) factor_block(rows, true, scales, r, reflectors, stride, scratch);
  else factor_block(rows, false, scales, r, reflectors, stride, scratch);
}

const lockstep_factor_table FACTOR_TABLE = {
  .gram = gram,
  .solve_rows = solve_rows,
  .multiply_rows = multiply_rows,
  .factor_rows = factor_rows,
  .expand_rows = expand_block,
  .merge_triangles = merge_triangles,
  .split_seed = split_seed,
};

// SPDX-License-Identifier: Apache-2.0

#include "factor_level.h"

static const lockstep_factor_table *table(void) {
#if defined(__x86_64__)
  switch (lockstep_level()) {
  case LOCKSTEP_LEVEL_AVX512: return &lockstep_avx512_factor_table;
  case LOCKSTEP_LEVEL_AVX2: return &lockstep_avx2_factor_table;
  }
#endif
  return &lockstep_generic_factor_table;
}

ptrdiff_t lockstep_factor_scratch(ptrdiff_t p, ptrdiff_t c) {
  const ptrdiff_t widest = at_least(p, c);
  const ptrdiff_t stride = padded_stride(widest), vectors = whole_vectors(widest);
  // Products: the Gram matrix, a run packed for it, a tile in and a tile out, and a run that is not kept.
  const ptrdiff_t products = vectors * vectors + 2 * (run_rows(widest) * vectors + 4080 * 8) + 2 * 24 * vectors;
  // Reflections: a triangle or seed, the rows of a step, a panel.
  const ptrdiff_t height = at_least(first_step_rows(p), vectors) + 16;
  const ptrdiff_t reflections = (vectors + 8) * stride + height * stride + height * 8;
  return 8 * at_least(products, reflections);
}

void lockstep_gram(lockstep_rows rows, double *gram, void *scratch) { table()->gram(rows, gram, scratch); }

// A panel of eight columns of R, negated: the rows above the diagonal block, the block, and its reciprocal diagonal.
ptrdiff_t lockstep_packed_triangle_count(ptrdiff_t p) {
  const ptrdiff_t panels = (p + 7) / 8;
  return 8 * (4 * panels * (panels + 1) + panels);
}

ptrdiff_t lockstep_packed_matrix_count(ptrdiff_t p, ptrdiff_t c) { return p * whole_vectors(c); }

void lockstep_pack_triangle(const double *r, ptrdiff_t p, double *packed) {
  for (ptrdiff_t j0 = 0; j0 < p; j0 += 8) {
    for (ptrdiff_t i = 0; i < j0 + 8; i++)
      for (ptrdiff_t j = j0; j < j0 + 8; j++)
        *packed++ = i < j && j < p ? -r[i * p - i * (i - 1) / 2 + j - i] : 0;
    for (ptrdiff_t j = j0; j < j0 + 8; j++) *packed++ = j < p ? 1 / r[j * p - j * (j - 1) / 2] : 1;
  }
}

void lockstep_pack_matrix(const double *w, ptrdiff_t p, ptrdiff_t c, double *packed) {
  for (ptrdiff_t j0 = 0; j0 < c; j0 += 8)
    for (ptrdiff_t i = 0; i < p; i++)
      for (ptrdiff_t j = j0; j < j0 + 8; j++) *packed++ = j < c ? w[i * c + j] : 0;
}

void lockstep_solve_rows(
  lockstep_rows rows, const double *packed, double *out, ptrdiff_t out_stride, double *gram, void *scratch) {
  table()->solve_rows(rows, packed, out, out_stride, gram, scratch);
}

void lockstep_multiply_rows(
  lockstep_rows rows, const double *packed, ptrdiff_t c, double *out, ptrdiff_t out_stride, double *gram, void *scratch) {
  table()->multiply_rows(rows, packed, c, out, out_stride, gram, scratch);
}

void lockstep_factor_rows(
  lockstep_rows rows, const double *scales, double *r, double *reflectors, ptrdiff_t stride, void *scratch) {
  table()->factor_rows(rows, scales, r, reflectors, stride, scratch);
}

void lockstep_expand_rows(
  const double *reflectors, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t p, const double *seed, ptrdiff_t c, double *out,
  ptrdiff_t out_stride, void *scratch) {
  table()->expand_rows(reflectors, stride, count, p, seed, c, out, out_stride, scratch);
}

void lockstep_merge_triangles(double *upper, double *lower, ptrdiff_t p, ptrdiff_t k, void *scratch) {
  table()->merge_triangles(upper, lower, p, k, scratch);
}

void lockstep_split_seed(
  const double *reflectors, ptrdiff_t p, ptrdiff_t k, double *seed, ptrdiff_t c, double *rest, void *scratch) {
  table()->split_seed(reflectors, p, k, seed, c, rest, scratch);
}

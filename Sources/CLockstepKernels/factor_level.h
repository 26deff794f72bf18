// SPDX-License-Identifier: Apache-2.0
//
// The factorization kernels of one level, as a table, and the sizes that all levels share.

#ifndef LOCKSTEP_FACTOR_LEVEL_H
#define LOCKSTEP_FACTOR_LEVEL_H

#include "CLockstepKernels.h"

typedef struct {
  void (*gram)(lockstep_rows, double *, void *);
  void (*solve_rows)(lockstep_rows, const double *, double *, ptrdiff_t, double *, void *);
  void (*multiply_rows)(lockstep_rows, const double *, ptrdiff_t, double *, ptrdiff_t, double *, void *);
  void (*factor_rows)(lockstep_rows, const double *, double *, double *, ptrdiff_t, void *);
  void (*expand_rows)(
    const double *, ptrdiff_t, ptrdiff_t, ptrdiff_t, const double *, ptrdiff_t, double *, ptrdiff_t, void *);
  void (*merge_triangles)(double *, double *, ptrdiff_t, ptrdiff_t, void *);
  void (*split_seed)(const double *, ptrdiff_t, ptrdiff_t, double *, ptrdiff_t, double *, void *);
} lockstep_factor_table;

extern const lockstep_factor_table lockstep_generic_factor_table;
#if defined(__x86_64__)
extern const lockstep_factor_table lockstep_avx2_factor_table;
extern const lockstep_factor_table lockstep_avx512_factor_table;
#endif

/// p rounded up to whole vectors of eight.
static inline ptrdiff_t whole_vectors(ptrdiff_t p) { return (p + 7) / 8 * 8; }
/// The distance of rows in scratch memory: an odd number of vectors, so that rows do not fall on the same cache sets.
static inline ptrdiff_t padded_stride(ptrdiff_t p) { return whole_vectors(p) | 8; }
static inline ptrdiff_t at_least(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }
static inline ptrdiff_t at_most(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

/// The rows of a run of Gram and product kernels: a quarter of a megabyte, whole tiles of 24.
static inline ptrdiff_t run_rows(ptrdiff_t p) {
  return at_least(24, at_most(4080, 32768 / whole_vectors(p) / 24 * 24));
}
/// The rows that a step of the Householder factorization takes in.
static inline ptrdiff_t step_rows(ptrdiff_t p) {
  return at_least(32, at_most(2048, 16384 / whole_vectors(p) / 8 * 8));
}
/// The rows of its first step, which makes the first triangle.
static inline ptrdiff_t first_step_rows(ptrdiff_t p) { return at_least(step_rows(p), whole_vectors(p)); }

#endif

// SPDX-License-Identifier: Apache-2.0
//
// The functions of one level, as a table. `dispatch.c` holds a pointer to one of the tables.

#ifndef LOCKSTEP_LEVEL_H
#define LOCKSTEP_LEVEL_H

#include "CLockstepKernels.h"

#define NARROW_COLUMNS 16  // the most that narrow_products.h takes

typedef struct {
  ptrdiff_t (*lloyd_sweep)(
    const lockstep_centroids *, lockstep_rows, const lockstep_row_codes *, int32_t *, float *, bool,
    const lockstep_cluster_sums *, void *, ptrdiff_t *);
  double (*squared_distances)(lockstep_rows, const double *, const int32_t *, double *);
  double (*update_minimums)(lockstep_rows, const double *, double *);
  void (*encode_rows)(lockstep_rows, lockstep_row_codes);
  void (*encode_centres)(
    const double *, ptrdiff_t, ptrdiff_t, const double *, double, int32_t *, int32_t *, float *);
  void (*set_reaches)(lockstep_row_codes, const double *, ptrdiff_t, float *);
  ptrdiff_t (*nearer_rows)(
    lockstep_rows, lockstep_row_codes, const float *, lockstep_centre_codes, const double *, int32_t *, double *, void *);
  ptrdiff_t (*first_non_finite)(lockstep_rows);
  void (*column_extremes)(lockstep_rows, double *, double *);
  void (*drifts)(const double *, const double *, ptrdiff_t, ptrdiff_t, float *);
  void (*separations)(const double *, ptrdiff_t, ptrdiff_t, const int32_t *, ptrdiff_t, float *);
  lockstep_dd (*block_moments)(lockstep_rows, const double *, double *, void *);
  void (*merge_moments)(ptrdiff_t, double *, lockstep_dd, const double *, lockstep_dd);
  lockstep_dd (*block_shapes)(lockstep_rows, const double *, bool, double *, void *);
  void (*merge_shapes)(ptrdiff_t, double *, const double *);
  lockstep_dd (*block_cross_products)(
    lockstep_rows, lockstep_rows, const double *, double *, double *, double *, void *);
  void (*merge_cross_products)(
    ptrdiff_t, double *, double *, double *, lockstep_dd, const double *, const double *, const double *, lockstep_dd);
  void (*affine_map)(lockstep_rows, const double *, const double *, const double *, ptrdiff_t, double *);
  void (*scaled_squares)(lockstep_rows, const double *, const double *, ptrdiff_t, double *);
  void (*add_residual_sums)(
    lockstep_rows, lockstep_rows, const double *, const double *, const double *, const double *, double *);
  lockstep_dd (*sparse_moments)(lockstep_sparse_rows, const double *, double *, void *);
  lockstep_dd (*sparse_shapes)(lockstep_sparse_rows, const double *, bool, double *, void *);
  lockstep_dd (*sparse_cross_products)(
    lockstep_sparse_rows, lockstep_rows, const double *, double *, double *, double *, void *);
  void (*sparse_affine_map)(
    lockstep_sparse_rows, const double *, const double *, const double *, ptrdiff_t, double *, void *);
  void (*sparse_gram)(lockstep_sparse_rows, ptrdiff_t, double *);
  ptrdiff_t (*sparse_sweep)(
    const lockstep_centroids *, const lockstep_sparse_centroids *, lockstep_sparse_rows, int32_t *, float *, bool, bool *,
    double *, ptrdiff_t *);
  double (*sparse_squared_distances)(
    lockstep_sparse_rows, const double *, ptrdiff_t, const int32_t *, double *, void *);
  void (*sparse_update_minimums)(lockstep_sparse_rows, const double *, double *);
  ptrdiff_t (*first_uncountable)(lockstep_rows);
  void (*add_class_sums)(lockstep_rows, const int32_t *, const double *, double *);
  void (*add_sparse_class_sums)(lockstep_sparse_rows, const int32_t *, const double *, double *);
  lockstep_link_sums (*link_rows)(
    int, ptrdiff_t, const double *, ptrdiff_t, bool, const double *, const double *, double *, double *);
  lockstep_link_sums (*class_probabilities)(
    ptrdiff_t, ptrdiff_t, const double *, ptrdiff_t, bool, const int32_t *, const double *, double *);
  void (*class_weights)(
    ptrdiff_t, ptrdiff_t, ptrdiff_t, const double *, ptrdiff_t, const int32_t *, const double *, double *, double *);
  void (*find_cores)(const lockstep_neighbours *, double, int64_t, ptrdiff_t, ptrdiff_t, int32_t *, double *);
  void (*link_cores)(const lockstep_neighbours *, double, ptrdiff_t, ptrdiff_t, double *);
  void (*find_lowest_cores)(const lockstep_neighbours *, double, ptrdiff_t, ptrdiff_t, int32_t *, double *);
} lockstep_table;

/// The table of the level in use.
const lockstep_table *lockstep_current_table(void);

extern const lockstep_table lockstep_generic_table;
#if defined(__x86_64__)
extern const lockstep_table lockstep_avx2_table;
extern const lockstep_table lockstep_avx512_table;

/// Products of codes by instructions that not every CPU of the level has; see code_products.h.
void lockstep_code_products_vnni(
  const uint8_t *codes, ptrdiff_t tiles, ptrdiff_t quads, const int32_t *centres, ptrdiff_t count, int32_t *products);
bool lockstep_has_vnni(void);
#endif

#endif

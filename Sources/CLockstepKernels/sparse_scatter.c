// SPDX-License-Identifier: Apache-2.0
//
// What needs no arithmetic, and so no level of its own.

#include "CLockstepKernels.h"

#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

static double entry(lockstep_sparse_rows rows, ptrdiff_t e) {
  return rows.is_float ? (double)((const float *)rows.values)[e] : ((const double *)rows.values)[e];
}

void lockstep_scatter_rows(
  lockstep_sparse_rows rows, ptrdiff_t first, ptrdiff_t step, ptrdiff_t count, void *dense) {
  for (ptrdiff_t i = 0; i < count; i++) {
    const ptrdiff_t row = first + i * step, end = rows.offsets[row + 1];
    ptrdiff_t e = rows.offsets[row];
    if (rows.is_float) {
      float *to = (float *)dense + i * rows.column_count;
      for (; e < end; e++) to[rows.columns[e]] = ((const float *)rows.values)[e];
    } else {
      double *to = (double *)dense + i * rows.column_count;
      for (; e < end; e++) to[rows.columns[e]] = ((const double *)rows.values)[e];
    }
  }
}

void lockstep_clear_rows(
  lockstep_sparse_rows rows, ptrdiff_t first, ptrdiff_t step, ptrdiff_t count, void *dense) {
  for (ptrdiff_t i = 0; i < count; i++) {
    const ptrdiff_t row = first + i * step, end = rows.offsets[row + 1];
    ptrdiff_t e = rows.offsets[row];
    if (rows.is_float) {
      float *to = (float *)dense + i * rows.column_count;
      for (; e < end; e++) to[rows.columns[e]] = 0;
    } else {
      double *to = (double *)dense + i * rows.column_count;
      for (; e < end; e++) to[rows.columns[e]] = 0;
    }
  }
}

void lockstep_sparse_magnitudes(lockstep_sparse_rows rows, double *magnitudes) {
  for (ptrdiff_t e = rows.offsets[0]; e < rows.offsets[rows.count]; e++) {
    const double v = fabs(entry(rows, e));
    double *m = magnitudes + rows.columns[e];
    *m = v > *m ? v : *m;
  }
}

void lockstep_sparse_add_rows(
  lockstep_sparse_rows rows, const double *shift, const int32_t *labels, const bool *is_wanted, double *sums,
  ptrdiff_t *counts, double *row) {
  const ptrdiff_t p = rows.column_count;
  memset(row, 0, (size_t)p * sizeof *row);
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const int32_t label = labels[i];
    if (!is_wanted[label]) continue;
    const ptrdiff_t first = rows.offsets[i], end = rows.offsets[i + 1];
    double *sum = sums + label * p;
    counts[label] += 1;
    for (ptrdiff_t e = first; e < end; e++) row[rows.columns[e]] = entry(rows, e);
    for (ptrdiff_t j = 0; j < p; j++) sum[j] += row[j] - shift[j];
    for (ptrdiff_t e = first; e < end; e++) row[rows.columns[e]] = 0;
  }
}

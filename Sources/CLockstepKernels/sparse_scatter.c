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
  lockstep_sparse_rows rows, const double *shift, const int32_t *labels, const bool *is_wanted,
  const lockstep_cluster_sums *to, double *row) {
  const ptrdiff_t p = rows.column_count;
  memset(row, 0, (size_t)p * sizeof *row);
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const int32_t label = labels[i];
    if (!is_wanted[label] || (to->weights && to->weights[i] == 0)) continue;
    const ptrdiff_t first = rows.offsets[i], end = rows.offsets[i + 1];
    double *sum = to->sums + label * p;
    to->counts[label] += 1;
    for (ptrdiff_t e = first; e < end; e++) row[rows.columns[e]] = entry(rows, e);
    if (to->weights) {
      const double w = to->weights[i];
      to->cluster_weights[label] += w;
      for (ptrdiff_t j = 0; j < p; j++) sum[j] = fma(w, row[j] - shift[j], sum[j]);
    } else {
      for (ptrdiff_t j = 0; j < p; j++) sum[j] += row[j] - shift[j];
    }
    for (ptrdiff_t e = first; e < end; e++) row[rows.columns[e]] = 0;
  }
}

void lockstep_sparse_add_entries(
  lockstep_sparse_rows rows, const double *shift, const int32_t *labels, const bool *is_wanted, ptrdiff_t cluster_count,
  const lockstep_cluster_sums *to, double *added) {
  const ptrdiff_t p = rows.column_count;
  memset(added, 0, (size_t)cluster_count * sizeof *added);
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const int32_t label = labels[i];
    if (!is_wanted[label]) continue;
    double *sum = to->sums + label * p;
    if (to->weights) {
      const double w = to->weights[i];
      if (w == 0) continue;
      added[label] += w;
      to->counts[label] += 1;
      for (ptrdiff_t e = rows.offsets[i]; e < rows.offsets[i + 1]; e++)
        sum[rows.columns[e]] = fma(w, entry(rows, e), sum[rows.columns[e]]);
    } else {
      added[label] += 1;
      to->counts[label] += 1;
      for (ptrdiff_t e = rows.offsets[i]; e < rows.offsets[i + 1]; e++) sum[rows.columns[e]] += entry(rows, e);
    }
  }
  for (ptrdiff_t c = 0; c < cluster_count; c++) {
    if (added[c] == 0) continue;
    if (to->weights) to->cluster_weights[c] += added[c];
    double *sum = to->sums + c * p;
    for (ptrdiff_t j = 0; j < p; j++)
      if (shift[j] != 0) sum[j] = fma(-added[c], shift[j], sum[j]);
  }
}

double lockstep_pack_sparse_centroids(
  const double *centroids, ptrdiff_t cluster_count, ptrdiff_t column_count, double *negated, double *half_norms) {
  const ptrdiff_t k = cluster_count, p = column_count, padded = (k + 7) / 8 * 8;
  double largest = 0;
  for (ptrdiff_t c = 0; c < padded; c++) {
    double square = 0;
    for (ptrdiff_t j = 0; j < p; j++) {
      const double z = c < k ? centroids[c * p + j] : 0;
      negated[j * padded + c] = -z;
      square = fma(z, z, square);
    }
    half_norms[c] = c < k ? 0.5 * square : INFINITY;
    if (!(square <= largest)) largest = square;  // a NaN stays, and then no bound ever holds
  }
  return sqrt(largest) * (1 + (double)(p + 4) * 0x1p-52);
}

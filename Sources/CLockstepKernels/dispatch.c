// SPDX-License-Identifier: Apache-2.0

#include "level.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic(const lockstep_table *) current;

static int best_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (
    __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
    __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("fma"))
    return LOCKSTEP_LEVEL_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return LOCKSTEP_LEVEL_AVX2;
#endif
  return LOCKSTEP_LEVEL_GENERIC;
}

static const lockstep_table *table_of(int level) {
#if defined(__x86_64__)
  if (level == LOCKSTEP_LEVEL_AVX512) return &lockstep_avx512_table;
  if (level == LOCKSTEP_LEVEL_AVX2) return &lockstep_avx2_table;
#endif
  return &lockstep_generic_table;
}

static int wanted_level(void) {
  const char *wanted = getenv("LOCKSTEP_KERNELS");
  if (wanted && !strcmp(wanted, "generic")) return LOCKSTEP_LEVEL_GENERIC;
  if (wanted && !strcmp(wanted, "avx2")) return LOCKSTEP_LEVEL_AVX2;
  return LOCKSTEP_LEVEL_AVX512;
}

// Two threads may both find it unset; they store the same pointer.
static const lockstep_table *table(void) {
  const lockstep_table *chosen = atomic_load_explicit(&current, memory_order_acquire);
  if (!chosen) {
    int best = best_level(), wanted = wanted_level();
    chosen = table_of(wanted < best ? wanted : best);
    atomic_store_explicit(&current, chosen, memory_order_release);
  }
  return chosen;
}

const lockstep_table *lockstep_current_table(void) { return table(); }

int lockstep_level(void) {
  const lockstep_table *chosen = table();
  for (int level = LOCKSTEP_LEVEL_AVX512; level > LOCKSTEP_LEVEL_GENERIC; level--)
    if (chosen == table_of(level) && chosen != &lockstep_generic_table) return level;
  return LOCKSTEP_LEVEL_GENERIC;
}

bool lockstep_set_level(int level) {
  if (level < LOCKSTEP_LEVEL_GENERIC || level > best_level()) return false;
  atomic_store_explicit(&current, table_of(level), memory_order_release);
  return true;
}

ptrdiff_t lockstep_lloyd_sweep(
  const lockstep_centroids *centroids, lockstep_rows rows, const lockstep_row_codes *codes, int32_t *labels, float *bounds,
  bool is_first, const lockstep_cluster_sums *sums, void *scratch, ptrdiff_t *scored) {
  return table()->lloyd_sweep(centroids, rows, codes, labels, bounds, is_first, sums, scratch, scored);
}

double lockstep_squared_distances(
  lockstep_rows rows, const double *centroids, const int32_t *labels, double *distances) {
  return table()->squared_distances(rows, centroids, labels, distances);
}

double lockstep_update_minimums(lockstep_rows rows, const double *centre, double *minimums) {
  return table()->update_minimums(rows, centre, minimums);
}

ptrdiff_t lockstep_first_non_finite(lockstep_rows rows) { return table()->first_non_finite(rows); }

void lockstep_column_extremes(lockstep_rows rows, double *minimums, double *maximums) {
  table()->column_extremes(rows, minimums, maximums);
}

void lockstep_drifts(
  const double *a, const double *b, ptrdiff_t cluster_count, ptrdiff_t column_count, float *drifts) {
  table()->drifts(a, b, cluster_count, column_count, drifts);
}

void lockstep_separations(
  const double *centroids, ptrdiff_t cluster_count, ptrdiff_t column_count, const int32_t *groups, ptrdiff_t group_count,
  float *separations) {
  table()->separations(centroids, cluster_count, column_count, groups, group_count, separations);
}

double lockstep_pack_centroids(
  const double *centroids, ptrdiff_t cluster_count, ptrdiff_t column_count, const double *shift,
  const ptrdiff_t *slot_clusters, ptrdiff_t slot_count, double *negated, double *half_norms, double *panels,
  double *slot_half_norms) {
  const ptrdiff_t p = column_count;
  double largest = 0;
  for (ptrdiff_t c = 0; c < cluster_count; c++) {
    double square = 0;
    for (ptrdiff_t j = 0; j < p; j++) {
      double z = centroids[c * p + j] - shift[j];
      negated[c * p + j] = -z;
      square = fma(z, z, square);
    }
    half_norms[c] = 0.5 * square;
    if (!(square <= largest)) largest = square;  // a NaN stays, and then no bound ever holds
  }
  for (ptrdiff_t s = 0; s < slot_count; s++) {
    ptrdiff_t c = slot_clusters[s];
    double *column = panels + (s / 4) * 4 * p + s % 4;
    for (ptrdiff_t j = 0; j < p; j++) column[4 * j] = c >= 0 ? negated[c * p + j] : 0;
    slot_half_norms[s] = c >= 0 ? half_norms[c] : INFINITY;
  }
  return sqrt(largest) * (1 + (p + 4) * 0x1p-52);
}

ptrdiff_t lockstep_lloyd_scratch(ptrdiff_t cluster_count, ptrdiff_t column_count, ptrdiff_t group_count) {
  // As `make_workspace` of lloyd.h divides it, for tiles of up to 32 rows.
  return 32 * 8 * column_count + (4 * 3 * 64 + 8) * group_count + 512 * (32 + 2 + 2 + 4 * group_count) +
         65 * cluster_count + 3 * 64 * group_count;
}

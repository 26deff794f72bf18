// SPDX-License-Identifier: Apache-2.0
//
// The hot loops over dense rows. Every function exists three times (AVX-512, AVX2 with FMA, and whatever the compiler
// takes for granted); the first call picks one by what the CPU offers. All three give the same bits, because each result
// is defined as one fixed sequence of IEEE operations (fused multiply-adds where stated) and vector lanes never mix.
//
// Rows are row-major, `stride` elements from one row to the next, of Float or Double as `is_float` says. All arithmetic
// is in double.

#ifndef LOCKSTEP_KERNELS_H
#define LOCKSTEP_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  LOCKSTEP_LEVEL_GENERIC = 0,
  LOCKSTEP_LEVEL_AVX2 = 1,
  LOCKSTEP_LEVEL_AVX512 = 2,
};

/// The level in use: the best that the CPU offers, or less if LOCKSTEP_KERNELS=avx512|avx2|generic asks for less.
int lockstep_level(void);
/// Uses `level` from now on, for tests. Returns false, and changes nothing, if this CPU cannot run it.
bool lockstep_set_level(int level);

/// Rows of one block.
typedef struct {
  const void *_Nullable elements;
  bool is_float;
  ptrdiff_t count;
  ptrdiff_t stride;
  ptrdiff_t column_count;
} lockstep_rows;

#include "LockstepCodeKernels.h"

/// The centroids of one sweep, as the kernels read them. The members point to memory that somebody else owns.
///
/// Centroids are taken relative to `shift`, as rows are: z = c − shift, y = x − shift. They are sorted into groups, each
/// a run of slots that starts at a multiple of four; in a group the clusters ascend.
typedef struct {
  ptrdiff_t cluster_count;                   // k
  ptrdiff_t column_count;                    // p
  ptrdiff_t group_count;                     // t, at least 1
  const double *_Nonnull centroids;        // k × p
  const double *_Nonnull shift;            // p
  const double *_Nonnull negated;          // k × p: −z, by cluster
  const double *_Nonnull half_norms;       // k: ½‖z‖², by cluster
  const double *_Nonnull panels;           // slots × p: −z, four slots to a panel, a panel column by column
  const double *_Nonnull slot_half_norms;  // slots
  const ptrdiff_t *_Nonnull slot_clusters;   // slots
  const ptrdiff_t *_Nonnull group_starts;    // t: first slot of each group, a multiple of four
  const ptrdiff_t *_Nonnull group_ends;      // t: the slot after its last
  const int32_t *_Nonnull groups;          // k: the group of each cluster
  const float *_Nonnull drifts;            // k: how far each centroid has moved since the sweep before, or more
  const float *_Nonnull group_drifts;      // k × t: how far any other centroid of a group has moved, or more
  const float *_Nonnull separations;       // k × t: distance to the nearest other centroid of a group, or less
  double radius;                           // max ‖z‖, or more
  double guard;                            // G of lloyd.h
  lockstep_centre_codes codes;             // of the centroids; none if its count is 0
} lockstep_centroids;

/// Fills `negated`, `half_norms`, `panels` and `slot_half_norms` and returns `radius`. Slots are set already.
double lockstep_pack_centroids(
  const double *_Nonnull centroids, ptrdiff_t cluster_count, ptrdiff_t column_count, const double *_Nonnull shift,
  const ptrdiff_t *_Nonnull slot_clusters, ptrdiff_t slot_count, double *_Nonnull negated, double *_Nonnull half_norms,
  double *_Nonnull panels, double *_Nonnull slot_half_norms);
/// drifts[c] = ‖a_c − b_c‖, not less.
void lockstep_drifts(
  const double *_Nonnull a, const double *_Nonnull b, ptrdiff_t cluster_count, ptrdiff_t column_count,
  float *_Nonnull drifts);
/// separations[c·t + g] = distance from c to the nearest other centroid of group g, not more; FLT_MAX where there is none.
void lockstep_separations(
  const double *_Nonnull centroids, ptrdiff_t cluster_count, ptrdiff_t column_count, const int32_t *_Nonnull groups,
  ptrdiff_t group_count, float *_Nonnull separations);

/// Where k · p is at most this, scoring a row with all centroids costs less than finding out which it needs.
enum { LOCKSTEP_CHEAP_SCORES = 1000 };

/// The largest number of groups.
enum { LOCKSTEP_MAX_GROUPS = 64 };

/// The bytes of scratch memory (aligned to 64) that `lockstep_lloyd_sweep` needs.
ptrdiff_t lockstep_lloyd_scratch(ptrdiff_t cluster_count, ptrdiff_t column_count, ptrdiff_t group_count);

/// Where a sweep sums the rows of each cluster.
///
/// `sums` (k × p) and `counts` (k) are added to, row by row in order; or if `keeps` set, and then they hold, unless the sweep is
/// the first, what the sweep before left here for the same rows, labels, weights and shift: only clusters that a row has come to
/// or left are summed again. With `weights`, one a row, each row counts as often as its weight says: `cluster_weights` (k) has
/// their sums, and `counts` the numbers of rows whose weight is not 0.
typedef struct {
  double *_Nonnull sums;
  ptrdiff_t *_Nonnull counts;
  bool keeps;
  const double *_Nullable weights;
  double *_Nullable cluster_weights;
} lockstep_cluster_sums;

/// Finds the nearest centroid of each row, and sums the rows of each cluster.
///
/// `labels`: out, and in unless `is_first`. `bounds`: count × (1 + t) floats that the sweeps of one run hand on to each
/// other (written on the first, read and written on the others); null computes everything.
/// `codes`: of the rows, if the centroids have codes too; they spare computing, and change nothing. `sums`: null if they are
/// not wanted.
/// `scored`: increased by the number of scores computed. Returns how many labels are not what they were (the number of
/// rows if `is_first`).
ptrdiff_t lockstep_lloyd_sweep(
  const lockstep_centroids *_Nonnull centroids, lockstep_rows rows, const lockstep_row_codes *_Nullable codes,
  int32_t *_Nonnull labels, float *_Nullable bounds, bool is_first, const lockstep_cluster_sums *_Nullable sums,
  void *_Nonnull scratch, ptrdiff_t *_Nonnull scored);

/// distances[i] = ‖x_i − c_labels[i]‖² (if not null). Returns their sum, taken row by row in order.
double lockstep_squared_distances(
  lockstep_rows rows, const double *_Nonnull centroids, const int32_t *_Nonnull labels, double *_Nullable distances);

/// minimums[i] = min(minimums[i], ‖x_i − centre‖²). Returns the sum of the new minimums, row by row in order.
double lockstep_update_minimums(lockstep_rows rows, const double *_Nonnull centre, double *_Nonnull minimums);

/// The index, row · p + column, of the first infinity or NaN; −1 if there is none.
ptrdiff_t lockstep_first_non_finite(lockstep_rows rows);
/// minimums[j] = min(minimums[j], x_ij), maximums likewise, row by row in order; a NaN is passed over.
void lockstep_column_extremes(lockstep_rows rows, double *_Nonnull minimums, double *_Nonnull maximums);

#include "LockstepStatisticsKernels.h"
#include "LockstepFactorKernels.h"
#include "LockstepSparseKernels.h"
#include "LockstepCountKernels.h"
#include "LockstepRankKernels.h"
#include "LockstepLinkKernels.h"
#include "LockstepNeighbourKernels.h"

#ifdef __cplusplus
}
#endif
#endif

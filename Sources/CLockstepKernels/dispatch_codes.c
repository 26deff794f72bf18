// SPDX-License-Identifier: Apache-2.0

#include "level.h"

void lockstep_encode_rows(lockstep_rows rows, lockstep_row_codes codes) {
  lockstep_current_table()->encode_rows(rows, codes);
}

void lockstep_encode_centres(
  const double *centres, ptrdiff_t count, ptrdiff_t column_count, const double *shift, double step, int32_t *codes,
  int32_t *constants, float *errors) {
  lockstep_current_table()->encode_centres(centres, count, column_count, shift, step, codes, constants, errors);
}

void lockstep_set_reaches(lockstep_row_codes codes, const double *minimums, ptrdiff_t count, float *reaches) {
  lockstep_current_table()->set_reaches(codes, minimums, count, reaches);
}

ptrdiff_t lockstep_nearer_rows_scratch(ptrdiff_t centre_count) {
  // As `find_nearer_rows` of codes.h divides it.
  return 512 * 4 + (centre_count < 8 ? 512 : 64) * centre_count * 4;
}

ptrdiff_t lockstep_nearer_rows(
  lockstep_rows rows, lockstep_row_codes codes, const float *reaches, lockstep_centre_codes centres,
  const double *minimums, int32_t *nearer, double *distances, void *scratch) {
  return lockstep_current_table()->nearer_rows(rows, codes, reaches, centres, minimums, nearer, distances, scratch);
}

#if defined(__x86_64__)
bool lockstep_has_vnni(void) { return __builtin_cpu_supports("avx512vnni"); }
#endif

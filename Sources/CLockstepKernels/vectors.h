// SPDX-License-Identifier: Apache-2.0
//
// Eight doubles at a time. Included once per level, inside the level's target attribute.

#pragma STDC FP_CONTRACT OFF
// Every function that takes or returns a vector is inlined, so no calling convention is at stake.
#pragma clang diagnostic ignored "-Wpsabi"

#define PREFETCH_BYTES 2048
#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

typedef double d8 __attribute__((ext_vector_type(8)));
typedef double d8u __attribute__((ext_vector_type(8), aligned(8)));
typedef double d4 __attribute__((ext_vector_type(4)));
typedef int64_t i8 __attribute__((ext_vector_type(8)));
typedef int64_t i8u __attribute__((ext_vector_type(8), aligned(8)));
typedef float f8 __attribute__((ext_vector_type(8)));
typedef float f8u __attribute__((ext_vector_type(8), aligned(4)));

INLINE d8 fma8(d8 a, d8 b, d8 c) { return __builtin_elementwise_fma(a, b, c); }
INLINE d4 fma4(d4 a, d4 b, d4 c) { return __builtin_elementwise_fma(a, b, c); }
INLINE d8 sqrt8(d8 a) { return __builtin_elementwise_sqrt(a); }
/// b where b is a NaN.
INLINE d8 min8(d8 a, d8 b) { return a < b ? a : b; }
INLINE d8 max8(d8 a, d8 b) { return a > b ? a : b; }

INLINE d8 load8(const void *row, bool is_float, ptrdiff_t j) {
  if (is_float) return __builtin_convertvector(*(const f8u *)((const float *)row + j), d8);
  return *(const d8u *)((const double *)row + j);
}

INLINE double load1(const void *row, bool is_float, ptrdiff_t j) {
  return is_float ? (double)((const float *)row)[j] : ((const double *)row)[j];
}

INLINE const void *row_at(lockstep_rows rows, bool is_float, ptrdiff_t i) {
  return (const char *)rows.elements + i * rows.stride * (is_float ? 4 : 8);
}

/// The sum of the lanes, in one fixed order.
INLINE double sum8(d8 a) {
  double s0 = a[0] + a[4], s1 = a[1] + a[5], s2 = a[2] + a[6], s3 = a[3] + a[7];
  return (s0 + s2) + (s1 + s3);
}

#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

/// r[i][j] becomes r[j][i].
INLINE void transpose8(d8 r[8]) {
  d8 a[8], b[8];
  UNROLLED for (int i = 0; i < 8; i += 2) {
    a[i] = SHUFFLE(r[i], r[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    a[i + 1] = SHUFFLE(r[i], r[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  UNROLLED for (int i = 0; i < 8; i += 4) {
    b[i] = SHUFFLE(a[i], a[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    b[i + 1] = SHUFFLE(a[i + 1], a[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
    b[i + 2] = SHUFFLE(a[i], a[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    b[i + 3] = SHUFFLE(a[i + 1], a[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  UNROLLED for (int i = 0; i < 4; i++) {
    r[i] = SHUFFLE(b[i], b[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    r[i + 4] = SHUFFLE(b[i], b[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

/// Lanes of the last eight of p columns that the whole eights before have not covered: all ones; the others 0.
INLINE i8 tail_mask(ptrdiff_t p) {
  static const int64_t ones[16] = {0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1};
  return *(const i8u *)(ones + p % 8);
}

INLINE void prefetch(const void *row, bool is_float, ptrdiff_t p) {
  for (ptrdiff_t offset = 0; offset < p * (is_float ? 4 : 8); offset += 64)
    __builtin_prefetch((const char *)row + offset, 0, 3);
}

/// Asks for what lies some way ahead of `row` in memory; the hardware's own prefetching stops at each page.
INLINE void prefetch_row(const void *row, bool is_float, ptrdiff_t p) {
  prefetch((const char *)row + PREFETCH_BYTES, is_float, p);
}

// Bounds are kept as floats, a little more or less than the double that they stand for.

/// Not less than v ≥ 0.
INLINE float float_above(double v) { return (float)(v * (1 + 0x1p-22)) + FLT_MIN; }
/// Not more than v, and never infinite; 0 for a NaN.
INLINE float float_below(double v) {
  double below = v * (1 - 0x1p-22);
  return below > 2 * FLT_MIN ? (float)(below < FLT_MAX ? below : FLT_MAX) : 0;
}
INLINE f8 floats_above(d8 v) { return __builtin_convertvector(v * (1 + 0x1p-22), f8) + FLT_MIN; }
INLINE f8 floats_below(d8 v) {
  d8 below = v * (1 - 0x1p-22);
  below = below < (d8)(double)FLT_MAX ? below : (d8)(double)FLT_MAX;
  below = below > (d8)(2.0 * FLT_MIN) ? below : (d8)0;
  return __builtin_convertvector(below, f8);
}

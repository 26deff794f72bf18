// SPDX-License-Identifier: Apache-2.0
//
// Distances bounded by codes. With y = (x − shift) / Δ and z = (c − shift) / Δ, rounded to the integers v and w of a byte,
//   ‖x − c‖ / Δ ≥ ‖v − w‖ − ‖y − v‖ − ‖z − w‖,
// whatever was rounded or cut off, and ‖v − w‖² = ‖v‖² + ‖w‖² − 2 v·w is an exact integer, whose product is that of bytes. A
// centre is not nearer than d if ‖v − w‖ > (d / Δ + ‖y − v‖) + ‖z − w‖: the first two are the reach of the row, the last is the
// error of the centre. Reaches and errors are floats, pushed up by 2⁻²² and more, the comparison by 2⁻²⁰, which covers all
// rounding, that of squared distances in double included: p is at most 2¹⁴. A NaN, or what overflows, excludes nothing.

typedef int32_t n8 __attribute__((ext_vector_type(8)));
typedef short h16 __attribute__((vector_size(32)));
typedef short h32 __attribute__((vector_size(64)));
typedef float f16 __attribute__((ext_vector_type(16)));
typedef float f16u __attribute__((ext_vector_type(16), aligned(4)));
typedef bool b16 __attribute__((ext_vector_type(16)));
typedef int32_t n16 __attribute__((ext_vector_type(16)));

#if VECTOR_BITS == 512
INLINE n16 pairs(n16 codes, n16 centre) { return (n16)__builtin_ia32_pmaddwd512((h32)codes, (h32)centre); }
#elif VECTOR_BITS == 256
INLINE n16 pairs(n16 codes, n16 centre) {
  n8 low = (n8)__builtin_ia32_pmaddwd256((h16)codes.lo, (h16)centre.lo);
  n8 high = (n8)__builtin_ia32_pmaddwd256((h16)codes.hi, (h16)centre.hi);
  return SHUFFLE(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
#else
INLINE n16 pairs(n16 codes, n16 centre) {
  return (codes & 0xffff) * (centre << 16 >> 16) + (codes >> 16) * (centre >> 16);
}
#endif

/// sum + Σ over the four bytes of each lane. Codes are not negative, so sixteen bits of two of them are made by a mask.
INLINE n16 add_products(n16 sum, n16 codes, int32_t centre) {
  const int32_t first = (int8_t)centre, second = (int8_t)(centre >> 8), third = (int8_t)(centre >> 16);
  const int32_t even = (first & 0xffff) | (int32_t)((uint32_t)third << 16);
  const int32_t odd = (second & 0xffff) | (int32_t)((uint32_t)(centre >> 24) << 16);
  return sum + pairs(codes & 0x00ff00ff, (n16)even) + pairs(codes >> 8 & 0x00ff00ff, (n16)odd);
}
#define ADD_PRODUCTS add_products
#define CODE_PRODUCTS plain_code_products
#include "code_products.h"

static void code_products(
  const uint8_t *codes, ptrdiff_t tiles, ptrdiff_t quads, const int32_t *centres, ptrdiff_t count, int32_t *products) {
#if VECTOR_BITS == 512
  if (lockstep_has_vnni()) {
    lockstep_code_products_vnni(codes, tiles, quads, centres, count, products);
    return;
  }
#endif
  plain_code_products(codes, tiles, quads, centres, count, products);
}

// MARK: Codes

/// Rounds v to an integer of a byte; a NaN to the least.
INLINE d8 round_to_byte(d8 v, double least) {
  v = max8(v, (d8)least);
  v = min8(v, (d8)127.0);
  return (v + 0x1.8p52) - 0x1.8p52;
}

/// The error of a code, from the sums of the squares of y − v and of y.
INLINE float code_error(double square_error, double square) {
  return float_above(sqrt(square_error) + 0x1p-40 * sqrt(square));
}

INLINE void make_row_codes(lockstep_rows rows, bool is_float, lockstep_row_codes to) {
  const ptrdiff_t p = rows.column_count, quads = (p + 3) / 4, tiles = (rows.count + 15) / 16;
  const double inverse = 1 / to.step;
  if (rows.count % 16) memset(to.codes + (tiles - 1) * quads * 64, 0, (size_t)quads * 64);
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const void *row = row_at(rows, is_float, i);
    prefetch_row(row, is_float, p);
    uint8_t *code = to.codes + (i / 16) * quads * 64 + (i % 16) * 4;
    d8 squares = 0, errors = 0, integers = 0;
    ptrdiff_t j = 0;
    for (; j + 8 <= p; j += 8) {
      const d8 y = (load8(row, is_float, j) - load8(to.shift, false, j)) * inverse, v = round_to_byte(y, -128), e = y - v;
      squares = fma8(y, y, squares);
      errors = fma8(e, e, errors);
      integers = fma8(v, v, integers);
      uint8_t bytes[8];
      const n8 n = __builtin_convertvector(v + 128, n8);
      UNROLLED for (int b = 0; b < 8; b++) bytes[b] = (uint8_t)n[b];
      memcpy(code + j / 4 * 64, bytes, 4);
      memcpy(code + j / 4 * 64 + 64, bytes + 4, 4);
    }
    if (j < p) {
      uint8_t bytes[8] = {0};
      d8 y = 0;
      for (ptrdiff_t b = 0; j + b < p; b++) y[b] = (load1(row, is_float, j + b) - to.shift[j + b]) * inverse;
      const d8 v = round_to_byte(y, -128), e = y - v;
      squares = fma8(y, y, squares);
      errors = fma8(e, e, errors);
      integers = fma8(v, v, integers);
      for (ptrdiff_t b = 0; j + b < p; b++) bytes[b] = (uint8_t)(v[b] + 128);
      memcpy(code + j / 4 * 64, bytes, 4);
      if (p - j > 4) memcpy(code + j / 4 * 64 + 64, bytes + 4, 4);
    }
    to.squares[i] = (int32_t)sum8(integers);
    to.errors[i] = code_error(sum8(errors), sum8(squares));
  }
}

static void make_centre_codes(
  const double *centres, ptrdiff_t count, ptrdiff_t p, const double *shift, double step, int32_t *codes,
  int32_t *constants, float *errors) {
  const ptrdiff_t quads = (p + 3) / 4;
  const double inverse = 1 / step;
  for (ptrdiff_t c = 0; c < count; c++) {
    double square = 0, square_error = 0;
    int32_t sum = 0, integers = 0;
    for (ptrdiff_t q = 0; q < quads; q++) {
      uint32_t code = 0;
      for (ptrdiff_t j = 4 * q; j < 4 * q + 4 && j < p; j++) {
        const double z = (centres[c * p + j] - shift[j]) * inverse, w = round_to_byte((d8)z, -127)[0];
        square += z * z;
        square_error += (z - w) * (z - w);
        integers += (int32_t)(w * w);
        sum += (int32_t)w;
        code |= (uint32_t)(uint8_t)(int8_t)w << 8 * (j % 4);
      }
      codes[c * quads + q] = (int32_t)code;
    }
    // Codes of rows are biased by 128: ‖v − w‖² = ‖v‖² + constant − 2 product.
    constants[c] = integers + 256 * sum;
    errors[c] = code_error(square_error, square);
  }
}

INLINE float reach(double minimum, double inverse, float error) {
  return (float_above(sqrt(minimum) * inverse) + error) * (1 + 0x1p-22f);
}

static void set_reaches(lockstep_row_codes codes, const double *minimums, ptrdiff_t count, float *reaches) {
  const double inverse = 1 / codes.step;
  ptrdiff_t i = 0;
  for (; i + 8 <= count; i += 8)
    *(f8u *)(reaches + i) =
      (floats_above(sqrt8(load8(minimums, false, i)) * inverse) + *(const f8u *)(codes.errors + i)) * (1 + 0x1p-22f);
  for (; i < count; i++) reaches[i] = reach(minimums[i], inverse, codes.errors[i]);
}

// MARK: Nearer rows

/// Products are taken of so many numbers at a time.
#define CODE_STRIP 512

/// The lanes whose square distance from a code, in steps, does not exclude that the row lies within `reach`.
INLINE uint16_t within(n16 squares, f16 reach) {
  const f16 far = __builtin_convertvector(squares, f16) * (1 - 0x1p-20f), square = reach * reach * (1 + 0x1p-20f);
  const b16 is_far = __builtin_convertvector(far > square, b16);
  uint16_t bits;
  memcpy(&bits, &is_far, 2);
  return (uint16_t)~bits;
}

INLINE ptrdiff_t find_nearer_rows(
  lockstep_rows rows, bool is_float, lockstep_row_codes codes, const float *reaches, lockstep_centre_codes centres,
  const double *minimums, int32_t *nearer, double *distances, void *scratch) {
  const ptrdiff_t p = rows.column_count, quads = (p + 3) / 4, count = centres.count;
  const double inverse = 1 / codes.step;
  const i8 mask = tail_mask(p);
  // Few centres: many tiles at a time.
  const ptrdiff_t strip = count < 8 ? CODE_STRIP : 64;
  int32_t *listed = scratch, *products = listed + CODE_STRIP;
  const float most = centres.largest_error;
  ptrdiff_t found = 0;
  for (ptrdiff_t first = 0; first < rows.count; first += strip) {
    const ptrdiff_t in_strip = rows.count - first < strip ? rows.count - first : strip, tiles = (in_strip + 15) / 16;
    code_products(codes.codes + first * quads * 4, tiles, quads, centres.codes, count, products);
    // Rows that some centre may be nearer to, and for several centres the one whose code is nearest.
    ptrdiff_t open = 0;
    for (ptrdiff_t tile = 0; tile < tiles; tile++) {
      const ptrdiff_t i = first + 16 * tile;
      const n16u *product = (const n16u *)products + tile * count;
      n16 least = centres.constants[0] - 2 * product[0], which = 0;
      for (ptrdiff_t c = 1; c < count; c++) {
        const n16 square = centres.constants[c] - 2 * product[c], is_less = square < least;
        least = is_less ? square : least;
        which = is_less ? (n16)(int32_t)c : which;
      }
      uint16_t bits;
      if (i + 16 <= rows.count) {
        bits = within(least + *(const n16u *)(codes.squares + i), *(const f16u *)(reaches + i) + most);
      } else {
        n16 squares = 0;
        f16 reach = 0;
        for (ptrdiff_t l = 0; i + l < rows.count; l++) {
          squares[l] = codes.squares[i + l];
          reach[l] = reaches[i + l];
        }
        bits = within(least + squares, reach + most) & (uint16_t)((1 << (rows.count - i)) - 1);
      }
      for (; bits; bits &= bits - 1) {
        const int lane = __builtin_ctz(bits);
        prefetch(row_at(rows, is_float, i + lane), is_float, p);
        listed[open++] = (int32_t)(16 * tile + lane) | which[lane] << 16;
      }
    }
    for (ptrdiff_t n = 0; n < open; n++) {
      const ptrdiff_t in = listed[n] & 0xffff, i = first + in, likely = listed[n] >> 16;
      const void *row = row_at(rows, is_float, i);
      double d = squared_distance(row, is_float, centres.centres + likely * p, p, mask);
      double least = d < minimums[i] ? d : minimums[i];
      if (count > 1) {
        float within = reach(least, inverse, codes.errors[i]);
        for (ptrdiff_t c = 0; c < count; c++) {
          const int32_t square = codes.squares[i] + centres.constants[c] - 2 * products[(in / 16 * count + c) * 16 + in % 16];
          const float far = within + centres.errors[c];
          if ((float)square * (1 - 0x1p-20f) > far * far * (1 + 0x1p-20f) || c == likely) continue;
          d = squared_distance(row, is_float, centres.centres + c * p, p, mask);
          if (d < least) {
            least = d;
            within = reach(least, inverse, codes.errors[i]);
          }
        }
      }
      if (least < minimums[i]) {
        nearer[found] = (int32_t)i;
        distances[found++] = least;
      }
    }
  }
  return found;
}

// SPDX-License-Identifier: Apache-2.0
//
// Products of the codes of rows with those of centres. Integers: exact, and alike however they are taken.
//
// A file includes this after defining
//   CODE_PRODUCTS   the function's name
//   ADD_PRODUCTS    sum + Σ over the four bytes of each lane, unsigned times signed: n16 (n16 sum, n16 codes, int32_t centre)

typedef int32_t n16 __attribute__((ext_vector_type(16)));
typedef int32_t n16u __attribute__((ext_vector_type(16), aligned(4)));

/// products[(tile · count + c) · 16 + lane], over `tiles` tiles of codes and `count` centres.
static void CODE_PRODUCTS(
  const uint8_t *codes, ptrdiff_t tiles, ptrdiff_t quads, const int32_t *centres, ptrdiff_t count, int32_t *products) {
  const n16u *in = (const n16u *)codes;
  n16u *out = (n16u *)products;
  ptrdiff_t c = 0;
  for (; c + 8 <= count; c += 8)
    for (ptrdiff_t tile = 0; tile < tiles; tile++) {
      const int32_t *w = centres + c * quads;
      n16 sum[8] = {0};
      for (ptrdiff_t q = 0; q < quads; q++) {
        const n16 v = in[tile * quads + q];
        _Pragma("clang loop unroll(full)") for (int i = 0; i < 8; i++)
          sum[i] = ADD_PRODUCTS(sum[i], v, w[i * quads + q]);
      }
      _Pragma("clang loop unroll(full)") for (int i = 0; i < 8; i++) out[tile * count + c + i] = sum[i];
    }
  for (; c < count; c++) {
    const int32_t *w = centres + c * quads;
    ptrdiff_t tile = 0;
    for (; tile + 4 <= tiles; tile += 4) {
      n16 sum[4] = {0};
      for (ptrdiff_t q = 0; q < quads; q++)
        _Pragma("clang loop unroll(full)") for (int i = 0; i < 4; i++)
          sum[i] = ADD_PRODUCTS(sum[i], in[(tile + i) * quads + q], w[q]);
      _Pragma("clang loop unroll(full)") for (int i = 0; i < 4; i++) out[(tile + i) * count + c] = sum[i];
    }
    for (; tile < tiles; tile++) {
      n16 sum = 0;
      for (ptrdiff_t q = 0; q < quads; q++) sum = ADD_PRODUCTS(sum, in[tile * quads + q], w[q]);
      out[tile * count + c] = sum;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0

#include "level.h"

#if defined(__x86_64__)
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx512vnni"))), apply_to = function)
#include <immintrin.h>

#define ADD_PRODUCTS(sum, codes, centre) \
  ((n16)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(codes), _mm512_set1_epi32(centre)))
#define CODE_PRODUCTS products_of_codes
#include "code_products.h"

void lockstep_code_products_vnni(
  const uint8_t *codes, ptrdiff_t tiles, ptrdiff_t quads, const int32_t *centres, ptrdiff_t count, int32_t *products) {
  products_of_codes(codes, tiles, quads, centres, count, products);
}
#pragma clang attribute pop
#endif

// SPDX-License-Identifier: Apache-2.0

#include "CLockstepTableIO.h"

namespace {

/// The remainder of each byte.
struct Remainders {
  uint32_t of[256];
  constexpr Remainders() : of() {
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t r = i;
      for (int bit = 0; bit < 8; bit++) r = (r >> 1) ^ (r & 1 ? 0xEDB88320 : 0);
      of[i] = r;
    }
  }
};
constexpr Remainders remainders;

}  // namespace

uint32_t lockstep_crc32(uint32_t before, const void *bytes, size_t byteCount) {
  const uint8_t *p = static_cast<const uint8_t *>(bytes);
  uint32_t r = ~before;
  for (size_t i = 0; i < byteCount; i++) r = (r >> 8) ^ remainders.of[(r ^ p[i]) & 0xFF];
  return ~r;
}

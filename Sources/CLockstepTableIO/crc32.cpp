// SPDX-License-Identifier: Apache-2.0

#include "CLockstepTableIO.h"

namespace {

/// The remainder of each byte.
/// `of[k][b]`: what the byte b leaves when k bytes of zeros follow it, so that eight bytes are taken at a time.
struct Remainders {
  uint32_t of[8][256];
  constexpr Remainders() : of() {
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t r = i;
      for (int bit = 0; bit < 8; bit++) r = (r >> 1) ^ (r & 1 ? 0xEDB88320 : 0);
      of[0][i] = r;
    }
    for (int k = 1; k < 8; k++) {
      for (int i = 0; i < 256; i++) of[k][i] = (of[k - 1][i] >> 8) ^ of[0][of[k - 1][i] & 0xFF];
    }
  }
};
constexpr Remainders remainders;

}  // namespace

uint32_t lockstep_crc32(uint32_t before, const void *bytes, size_t byteCount) {
  const uint8_t *p = static_cast<const uint8_t *>(bytes);
  uint32_t r = ~before;
  size_t i = 0;
  for (; i + 8 <= byteCount; i += 8) {
    const uint32_t low = r ^ (static_cast<uint32_t>(p[i]) | static_cast<uint32_t>(p[i + 1]) << 8 |
                              static_cast<uint32_t>(p[i + 2]) << 16 | static_cast<uint32_t>(p[i + 3]) << 24);
    r = remainders.of[7][low & 0xFF] ^ remainders.of[6][low >> 8 & 0xFF] ^ remainders.of[5][low >> 16 & 0xFF] ^
        remainders.of[4][low >> 24] ^ remainders.of[3][p[i + 4]] ^ remainders.of[2][p[i + 5]] ^
        remainders.of[1][p[i + 6]] ^ remainders.of[0][p[i + 7]];
  }
  for (; i < byteCount; i++) r = (r >> 8) ^ remainders.of[0][(r ^ p[i]) & 0xFF];
  return ~r;
}

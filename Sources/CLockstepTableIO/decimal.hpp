// SPDX-License-Identifier: Apache-2.0

#ifndef LOCKSTEP_DECIMAL_HPP
#define LOCKSTEP_DECIMAL_HPP

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace lockstep {

using uint128 = unsigned __int128;

/// Powers of five up to 5^27, the last below 2^63, each with what a division by it needs: `divisor` is the power shifted
/// up to its top bit and `reciprocal` is ⌊(2^128 − 1) / divisor⌋ − 2^64.
/// Source: Möller & Granlund (2011), "Improved division by invariant integers", equation (1).
struct FivePowers {
  static constexpr int largest = 27;
  uint64_t power[largest + 1];
  uint64_t divisor[largest + 1];
  uint64_t reciprocal[largest + 1];
  int shift[largest + 1];

  constexpr FivePowers() : power(), divisor(), reciprocal(), shift() {
    uint64_t p = 1;
    for (int k = 0; k <= largest; k++, p *= 5) {
      power[k] = p;
      shift[k] = __builtin_clzll(p);
      divisor[k] = p << shift[k];
      reciprocal[k] = uint64_t(((uint128(~divisor[k]) << 64) | ~uint64_t(0)) / divisor[k]);
    }
  }
};
inline constexpr FivePowers fivePowers;

inline constexpr uint64_t tenPowers[20] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
    10000000000000000000u};

/// Sixteen bytes from `mask` + n on keep the last n of sixteen bytes and clear the others.
struct LastBytes {
  uint8_t mask[32];
  constexpr LastBytes() : mask() {
    for (int i = 16; i < 32; i++) mask[i] = 0xFF;
  }
};
inline constexpr LastBytes lastBytes;

/// What the two types of numbers need to be put together from their parts.
template <class T> struct Layout;
template <> struct Layout<double> {
  using Bits = uint64_t;
  static constexpr int fractionBits = 52;
  static constexpr int bias = 1023;
};
template <> struct Layout<float> {
  using Bits = uint32_t;
  static constexpr int fractionBits = 23;
  static constexpr int bias = 127;
};

/// The number `digits` · 10^`exponent`, rounded to nearest, ties to even; `false` where this short way does not reach.
///
/// digits · 10^e is digits · 5^e · 2^e, so only 5^e needs care, and for |e| ≤ 27 it fits a word: a product of two words, or
/// a quotient of a double word by a word whose remainder says on which side of a tie the number lies. Both are exact.
template <class T> inline bool composed(uint64_t digits, int exponent, bool negative, T &value) {
  using Bits = typename Layout<T>::Bits;
  constexpr int fractionBits = Layout<T>::fractionBits;
  if (exponent < -FivePowers::largest || exponent > FivePowers::largest) return false;
  if (digits == 0) {
    value = negative ? -T(0) : T(0);
    return true;
  }
  const int up = __builtin_clzll(digits);
  uint64_t high;  // the leading 64 bits, the last of them also set if anything follows
  int power;      // the number is high · 2^power
  if (exponent < 0) {
    const int k = -exponent;
    const uint64_t d = fivePowers.divisor[k];
    const uint64_t u1 = (digits << up) >> 1;
    const uint64_t u0 = (digits << up) << 63;
    const uint128 estimate = uint128(fivePowers.reciprocal[k]) * u1 + ((uint128(u1) << 64) | u0);
    uint64_t quotient = uint64_t(estimate >> 64) + 1;
    uint64_t remainder = u0 - quotient * d;
    const bool isTooLarge = remainder > uint64_t(estimate);
    quotient -= isTooLarge;
    remainder += d & -uint64_t(isTooLarge);
    if (__builtin_expect(remainder >= d, 0)) {
      quotient += 1;
      remainder -= d;
    }
    const int low = int((quotient >> 63) ^ 1);
    high = (quotient << low) | (remainder != 0);
    power = exponent - 63 - up + fivePowers.shift[k] - low;
  } else {
    const uint128 product = uint128(digits << up) * fivePowers.divisor[exponent];
    const int low = int((product >> 127) ^ 1);
    const uint128 normal = product << low;
    high = uint64_t(normal >> 64) | (uint64_t(normal) != 0);
    power = exponent + 64 - up - fivePowers.shift[exponent] - low;
  }
  constexpr int dropped = 63 - fractionBits;
  constexpr uint64_t half = uint64_t(1) << (dropped - 1);
  uint64_t fraction = high >> dropped;
  const uint64_t rest = high & (2 * half - 1);
  fraction += (rest > half) | ((rest == half) & (fraction & 1));
  const int biased = power + 63 + Layout<T>::bias;
  // A fraction rounded up to the next power of two carries into the exponent below, so the largest is kept out too.
  if (sizeof(T) == 4 && (biased < 1 || biased >= 2 * Layout<T>::bias)) return false;
  // The fraction's leading one adds one to the exponent.
  const Bits bits = (Bits(biased - 1) << fractionBits) + Bits(fraction) + (Bits(negative) << (8 * sizeof(T) - 1));
  std::memcpy(&value, &bits, sizeof value);
  return true;
}

inline uint64_t loaded(const void *p) {
  uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}

/// Eight digits as bytes from 0 to 9; other bytes become anything.
inline uint64_t digitBytes(const char *p) { return loaded(p) ^ 0x3030303030303030; }

/// The number that eight digits make, the leading one in the lowest byte.
inline uint64_t eightDigits(uint64_t v) {
  v = v * 10 + (v >> 8);
  return ((v & 0x000000FF000000FF) * 0x000F424000000064 + ((v >> 16) & 0x000000FF000000FF) * 0x0000271000000001) >> 32;
}

/// A bit for each of 32 bytes, the first in the lowest, set where the byte is no digit.
inline uint32_t nonDigits(const char *p) {
#if defined(__SSE2__)
  const __m128i zero = _mm_set1_epi8('0');
  const __m128i nine = _mm_set1_epi8(9);
  const __m128i a = _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i *>(p)), zero);
  const __m128i b = _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i *>(p + 16)), zero);
  const uint32_t low = uint32_t(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(a, nine), nine)));
  const uint32_t high = uint32_t(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(b, nine), nine)));
  return ~(low | high << 16);
#else
  uint32_t mask = 0;
  for (int i = 0; i < 32; i += 8) {
    const uint64_t v = digitBytes(p + i);
    const uint64_t others = (((v & 0x7F7F7F7F7F7F7F7F) + 0x7676767676767676) | v) & 0x8080808080808080;
    // Gathers the top bits of the bytes in the top byte.
    mask |= uint32_t(((others >> 7) * 0x0102040810204080) >> 56) << i;
  }
  return mask;
#endif
}

/// The bytes before and after the start of a number that `plainNumber` may read, of any value.
inline constexpr int bytesReadBefore = 24;
inline constexpr int bytesReadAfter = 40;

/// Reads a number of the common kind at `p` (`-12.5`, `7`, `1.25e-03`) and returns the byte after it, or null for everything
/// else: more than 7 digits before the point or 19 after it, more significant digits than a word holds, exponents that
/// `composed` does not reach, and what is no number.
///
/// Digits are read from the end of their run backwards, with bytes that do not belong to it cleared, and so without a branch
/// on how many there are, which no processor can foresee in real data.
template <class T> __attribute__((always_inline)) inline const char *plainNumber(const char *p, T &value) {
  const bool isNegative = *p == '-';
  const uint32_t others = nonDigits(p) & ~uint32_t(isNegative);
  if (__builtin_expect(others == 0, 0)) return nullptr;
  const int point = __builtin_ctz(others);
  const int wholeCount = point - isNegative;
  if (__builtin_expect(unsigned(wholeCount - 1) > 6, 0)) return nullptr;
  const int wholeShift = 64 - 8 * wholeCount;
  uint64_t digits = eightDigits(digitBytes(p + point - 8) >> wholeShift << wholeShift);
  const char *end = p + point;
  int exponent = 0;
  if (*end == '.') {
    const uint32_t beyond = others & (others - 1);
    if (__builtin_expect(beyond == 0, 0)) return nullptr;
    const int count = __builtin_ctz(beyond) - point - 1;
    if (__builtin_expect(count > 19 || (wholeCount + count > 19 && digits != 0), 0)) return nullptr;
    end += 1 + count;
    // The last sixteen digits, or what there is of them, and up to three before.
    const uint8_t *const keep = lastBytes.mask + (count < 16 ? count : 16);
    const uint64_t low = eightDigits(digitBytes(end - 8) & loaded(keep + 8));
    const uint64_t middle = eightDigits(digitBytes(end - 16) & loaded(keep));
    // Two shifts, because a shift by 64 is none.
    const int highShift = 56 - 8 * (count > 16 ? count - 16 : 0);
    const uint64_t high = eightDigits(digitBytes(end - 24) >> 8 >> highShift << highShift << 8);
    digits = digits * tenPowers[count] + ((high * 100000000 + middle) * 100000000 + low);
    exponent = -count;
  }
  if ((*end | 0x20) == 'e') {
    end++;
    const bool isDown = *end == '-';
    end += isDown || *end == '+';
    int e = 0;
    const char *const first = end;
    while (unsigned(*end - '0') < 10 && end < first + 4) e = e * 10 + (*end++ - '0');
    if (end == first || end == first + 4) return nullptr;
    exponent += isDown ? -e : e;
  }
  return composed<T>(digits, exponent, isNegative, value) ? end : nullptr;
}

}  // namespace lockstep

#endif

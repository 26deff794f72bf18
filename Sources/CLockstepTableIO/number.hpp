// SPDX-License-Identifier: Apache-2.0

#ifndef LOCKSTEP_NUMBER_HPP
#define LOCKSTEP_NUMBER_HPP

#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>

#include "CLockstepTableIO.h"

namespace lockstep {

/// Whether the bytes are the word, in letters of any case; `word` is in small letters.
inline bool isWord(const char *p, const char *end, const char *word) {
  for (; p < end && *word; p++, word++) {
    if ((*p | 0x20) != *word) return false;
  }
  return p == end && *word == 0;
}

inline bool isBlank(char c) { return c == ' ' || c == '\t'; }

/// Whether a number that `std::from_chars` found to be out of range is too small rather than too large: whether the
/// exponent of its first digit other than zero is negative.
inline bool isTiny(const char *p, const char *end) {
  long whole = 0, zeros = 0;
  bool isAfterPoint = false, isLeading = true;
  for (; p < end && *p != 'e' && *p != 'E'; p++) {
    if (*p == '.') {
      isAfterPoint = true;
    } else if (*p >= '0' && *p <= '9') {
      isLeading = isLeading && *p == '0';
      if (isAfterPoint) zeros += isLeading;
      else whole += !isLeading;
    }
  }
  long exponent = 0;
  if (p < end) {
    bool isDown = p[1] == '-';
    for (p++; p < end; p++) {
      if (*p >= '0' && *p <= '9' && exponent < 1000000000) exponent = exponent * 10 + (*p - '0');
    }
    if (isDown) exponent = -exponent;
  }
  return exponent + (whole > 0 ? whole : -zeros) <= 0;
}

/// Whether a field that has no blanks around it says that its value is missing: nothing, `NA`, and `nan` with any sign.
inline bool isMissing(const char *p, const char *end) {
  if (p == end || (end - p == 2 && p[0] == 'N' && p[1] == 'A')) return true;
  return isWord(p + (*p == '-' || *p == '+'), end, "nan");
}

/// Reads a whole field that has no blanks around it: a decimal number as `std::from_chars` takes it, with an optional
/// plus sign; `inf` or `infinity`; and the ways to say that a value is missing: nothing, `NA`, and `nan` with any sign.
///
/// A number too small for `T` becomes a zero of its sign, as with `strtod`; one too large is out of range.
template <class T> LockstepCSVFieldKind readField(const char *p, const char *end, T &value) {
  if (p == end || (end - p == 2 && p[0] == 'N' && p[1] == 'A')) return LockstepCSVFieldMissing;
  const bool isNegative = *p == '-';
  const char *const unsign = p + (isNegative || *p == '+');
  if (unsign == end) return LockstepCSVFieldText;
  if ((*unsign < '0' || *unsign > '9') && *unsign != '.') {
    if (isWord(unsign, end, "nan")) return LockstepCSVFieldMissing;
    if (!isWord(unsign, end, "inf") && !isWord(unsign, end, "infinity")) return LockstepCSVFieldText;
    value = isNegative ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
    return LockstepCSVFieldNumber;
  }
  const auto result = std::from_chars(unsign, end, value);
  if (result.ptr != end || result.ec == std::errc::invalid_argument) return LockstepCSVFieldText;
  if (result.ec == std::errc::result_out_of_range) {
    if (!isTiny(unsign, end)) return LockstepCSVFieldOutOfRange;
    value = 0;
  }
  if (isNegative) value = -value;
  return LockstepCSVFieldNumber;
}

}  // namespace lockstep

#endif

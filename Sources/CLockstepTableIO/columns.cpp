// SPDX-License-Identifier: Apache-2.0

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "CLockstepTableIO.h"

namespace {

/// A half-precision number, IEEE 754 binary16.
struct Half {
  uint16_t bits;
};

template <int bytes>
struct Decimal {
  uint8_t content[bytes];
};

template <typename T>
inline T load(const char *base, int64_t index) {
  T value;
  std::memcpy(&value, base + index * static_cast<int64_t>(sizeof(T)), sizeof(T));
  return value;
}

/// The number itself: whoever converts it rounds it once.
template <typename T>
inline T number(T value) {
  return value;
}

inline double number(Half half) {
  const uint32_t sign = static_cast<uint32_t>(half.bits & 0x8000) << 16;
  const uint32_t magnitude = half.bits & 0x7FFF;
  // The exponent is moved to where a float has it; the factor makes its bias right, of numbers below the normal ones too.
  uint32_t bits = magnitude << 13;
  if (magnitude >= 0x7C00) bits |= 0x7F800000;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  if (magnitude < 0x7C00) value *= 0x1p112f;
  std::memcpy(&bits, &value, sizeof bits);
  bits |= sign;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// Whether a double that is rounded once more, to a float, may come out on the wrong side: it lies in the middle between two floats, or
/// where floats have fewer digits.
inline bool isUnsafeAsFloat(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return (bits & 0x1FFFFFFF) == 0x10000000 || std::fabs(value) < 0x1p-126;
}

/// The number that digits and an exponent of ten stand for, rounded once.
template <typename Element>
Element spelled(__int128 value, int scale);

/// A number that a double has rounded once, in `Element`: it is rounded anew from its digits where twice could differ from once.
template <typename Element>
inline Element narrowed(double rounded, __int128 value, int scale) {
  if constexpr (sizeof(Element) == sizeof(float)) {
    if (isUnsafeAsFloat(rounded)) return spelled<Element>(value, scale);
  }
  return static_cast<Element>(rounded);
}

/// A decimal, rounded once.
template <typename Element>
Element decimal(__int128 value, int scale) {
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const __int128 limit = static_cast<__int128>(1) << 53;
  if (value > -limit && value < limit && scale >= -22 && scale <= 22) {
    const double whole = static_cast<double>(static_cast<int64_t>(value));
    return narrowed<Element>(scale >= 0 ? whole / powers[scale] : whole * powers[-scale], value, scale);
  }
  return spelled<Element>(value, scale);
}

template <typename Element>
Element spelled(__int128 value, int scale) {
  char text[64];
  char *end = text + sizeof text;
  char *begin = end;
  unsigned __int128 rest = value < 0 ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  char exponent[16];
  exponent[0] = 'e';
  char *exponentEnd = std::to_chars(exponent + 1, exponent + sizeof exponent, -static_cast<int64_t>(scale)).ptr;
  begin -= exponentEnd - exponent;
  std::memcpy(begin, exponent, static_cast<size_t>(exponentEnd - exponent));
  do {
    *--begin = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  } while (rest != 0);
  if (value < 0) *--begin = '-';
  Element result = 0;
  const auto outcome = std::from_chars(begin, end, result);
  if (outcome.ec == std::errc::result_out_of_range) {
    return scale > 0 ? 0 : (value < 0 ? -1 : 1) * std::numeric_limits<Element>::infinity();
  }
  return result;
}

template <typename Element, typename Source>
void convert(const LockstepColumn &column, int64_t row, int count, Element *out) {
  const char *base =
      static_cast<const char *>(column.values) + (column.first + row * column.stride) * static_cast<int64_t>(sizeof(Source));
  if (column.stride == 1) {
    for (int i = 0; i < count; i++) out[i] = static_cast<Element>(number(load<Source>(base, i)));
  } else {
    for (int i = 0; i < count; i++) out[i] = static_cast<Element>(number(load<Source>(base, i * column.stride)));
  }
}

/// Counts of some unit of time as seconds.
template <typename Element, typename Source>
void convertTimes(const LockstepColumn &column, int64_t row, int count, Element *out) {
  const char *base = static_cast<const char *>(column.values);
  for (int i = 0; i < count; i++) {
    const int64_t value = load<Source>(base, column.first + (row + i) * column.stride);
    double seconds;
    if (column.divisor == 1) {
      seconds = static_cast<double>(value) * static_cast<double>(column.factor);
    } else if (value > -(int64_t{1} << 53) && value < (int64_t{1} << 53)) {
      seconds = static_cast<double>(value) / static_cast<double>(column.divisor);
    } else {
      seconds = static_cast<double>(value / column.divisor) +
                static_cast<double>(value % column.divisor) / static_cast<double>(column.divisor);
    }
    // Divisors are powers of ten: the seconds are a decimal.
    int scale = 0;
    for (int64_t d = column.divisor; d > 1; d /= 10) scale++;
    const __int128 digits = static_cast<__int128>(value) * (column.divisor == 1 ? column.factor : 1);
    out[i] = narrowed<Element>(seconds, digits, scale);
  }
}

template <typename Element, typename Source>
void convertWhole(const LockstepColumn &column, int64_t row, int count, Element *out) {
  if (column.factor == 1 && column.divisor == 1) {
    convert<Element, Source>(column, row, count, out);
  } else {
    convertTimes<Element, Source>(column, row, count, out);
  }
}

template <typename Element, typename Source>
void convertDecimals(const LockstepColumn &column, int64_t row, int count, Element *out) {
  const char *base = static_cast<const char *>(column.values);
  for (int i = 0; i < count; i++) {
    const __int128 value = load<Source>(base, column.first + (row + i) * column.stride);
    out[i] = decimal<Element>(value, column.scale);
  }
}

/// Puts NaN where a bit is 0.
template <typename Element>
void blank(const uint8_t *bits, int64_t first, int64_t stride, int count, Element *out) {
  const Element missing = std::numeric_limits<Element>::quiet_NaN();
  for (int i = 0; i < count;) {
    const int64_t bit = first + i * stride;
    if (stride == 1 && bit % 8 == 0 && i + 8 <= count && bits[bit >> 3] == 0xFF) {
      i += 8;
      continue;
    }
    if (!(bits[bit >> 3] >> (bit & 7) & 1)) out[i] = missing;
    i++;
  }
}

template <typename Element>
void fill(const LockstepColumn &column, int64_t row, int count, Element *out) {
  switch (column.kind) {
    case LockstepColumnFloat64: convert<Element, double>(column, row, count, out); break;
    case LockstepColumnFloat32: convert<Element, float>(column, row, count, out); break;
    case LockstepColumnFloat16: convert<Element, Half>(column, row, count, out); break;
    case LockstepColumnInt64: convertWhole<Element, int64_t>(column, row, count, out); break;
    case LockstepColumnInt32: convertWhole<Element, int32_t>(column, row, count, out); break;
    case LockstepColumnInt16: convert<Element, int16_t>(column, row, count, out); break;
    case LockstepColumnInt8: convert<Element, int8_t>(column, row, count, out); break;
    case LockstepColumnUInt64: convert<Element, uint64_t>(column, row, count, out); break;
    case LockstepColumnUInt32: convert<Element, uint32_t>(column, row, count, out); break;
    case LockstepColumnUInt16: convert<Element, uint16_t>(column, row, count, out); break;
    case LockstepColumnUInt8: convert<Element, uint8_t>(column, row, count, out); break;
    case LockstepColumnBit: {
      const auto *bits = static_cast<const uint8_t *>(column.values);
      for (int i = 0; i < count; i++) {
        const int64_t bit = column.first + (row + i) * column.stride;
        out[i] = static_cast<Element>(bits[bit >> 3] >> (bit & 7) & 1);
      }
      break;
    }
    case LockstepColumnDecimal128: convertDecimals<Element, __int128>(column, row, count, out); break;
    case LockstepColumnDecimal64: convertDecimals<Element, int64_t>(column, row, count, out); break;
    case LockstepColumnDecimal32: convertDecimals<Element, int32_t>(column, row, count, out); break;
    case LockstepColumnNull:
      for (int i = 0; i < count; i++) out[i] = std::numeric_limits<Element>::quiet_NaN();
      break;
  }
  if (column.validity) blank(column.validity, column.validityFirst + row * column.stride, column.stride, count, out);
  if (column.rowValidity) blank(column.rowValidity, column.rowValidityFirst + row, 1, count, out);
}

/// In tiles of a cache line of columns by some rows: columns are read, and rows written, in whole lines.
template <typename Element>
void transpose(
    const LockstepColumn *columns, int64_t columnCount, int64_t firstRow, int64_t rowCount, Element *rows,
    int64_t rowStride) {
  constexpr int width = 64 / sizeof(Element);
  constexpr int height = 256;
  constexpr int pitch = height + width;  // no power of two, so that columns do not share the sets of the cache
  alignas(64) Element tile[width * pitch];
  if (rowStride == 1) {
    for (int64_t r = 0; r < rowCount; r += height) {
      const int count = static_cast<int>(rowCount - r < height ? rowCount - r : height);
      fill(columns[0], firstRow + r, count, rows + r);
    }
    return;
  }
  for (int64_t r = 0; r < rowCount; r += height) {
    const int count = static_cast<int>(rowCount - r < height ? rowCount - r : height);
    for (int64_t c = 0; c < columnCount; c += width) {
      const int present = static_cast<int>(columnCount - c < width ? columnCount - c : width);
      for (int j = 0; j < present; j++) fill(columns[c + j], firstRow + r, count, tile + j * pitch);
      Element *out = rows + r * rowStride + c;
      if (present == width) {
        for (int i = 0; i < count; i++, out += rowStride) {
          for (int j = 0; j < width; j++) out[j] = tile[j * pitch + i];
        }
      } else {
        for (int i = 0; i < count; i++, out += rowStride) {
          for (int j = 0; j < present; j++) out[j] = tile[j * pitch + i];
        }
      }
    }
  }
}

template <typename Element>
int64_t countMissing(
    const Element *rows, int64_t rowCount, int64_t columnCount, uint64_t *counts, uint8_t *isIncomplete) {
  int64_t marked = 0;
  for (int64_t i = 0; i < rowCount; i++, rows += columnCount) {
    Element check = 0;
    for (int64_t j = 0; j < columnCount; j++) check += rows[j] * 0;  // NaN for an infinity as well
    if (check == 0) continue;
    uint8_t isMissing = 0;
    for (int64_t j = 0; j < columnCount; j++) {
      if (rows[j] != rows[j]) {
        counts[j]++;
        isMissing = 1;
      }
    }
    marked += isMissing && !isIncomplete[i];
    isIncomplete[i] |= isMissing;
  }
  return marked;
}

}  // namespace

extern "C" void lockstep_columns_to_rows(
    const LockstepColumn *columns, int64_t columnCount, int64_t firstRow, int64_t rowCount, bool is32Bit, void *rows,
    int64_t rowStride) {
  if (is32Bit) {
    transpose(columns, columnCount, firstRow, rowCount, static_cast<float *>(rows), rowStride);
  } else {
    transpose(columns, columnCount, firstRow, rowCount, static_cast<double *>(rows), rowStride);
  }
}

extern "C" int64_t lockstep_rows_missing(
    const void *rows, int64_t rowCount, int64_t columnCount, bool is32Bit, uint64_t *counts, uint8_t *isIncomplete) {
  return is32Bit ? countMissing(static_cast<const float *>(rows), rowCount, columnCount, counts, isIncomplete)
                 : countMissing(static_cast<const double *>(rows), rowCount, columnCount, counts, isIncomplete);
}

extern "C" int64_t lockstep_rows_keep(
    void *rows, int64_t rowCount, size_t rowByteCount, const uint8_t *isIncomplete) {
  char *bytes = static_cast<char *>(rows);
  int64_t kept = 0;
  for (int64_t i = 0; i < rowCount; i++) {
    if (isIncomplete[i]) continue;
    if (kept != i) std::memmove(bytes + kept * rowByteCount, bytes + i * rowByteCount, rowByteCount);
    kept++;
  }
  return kept;
}

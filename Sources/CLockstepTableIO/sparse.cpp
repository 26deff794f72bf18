// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstring>

#include "number.hpp"

namespace {

using lockstep::isBlank;

bool isSpace(char c) { return isBlank(c) || c == '\r' || c == '\v' || c == '\f'; }

const char *skipSpace(const char *p, const char *end) {
  while (p < end && isSpace(*p)) p++;
  return p;
}

const char *tokenEnd(const char *p, const char *end) {
  while (p < end && !isSpace(*p)) p++;
  return p;
}

const char *lineEnd(const char *p, const char *end) {
  const void *found = std::memchr(p, '\n', static_cast<size_t>(end - p));
  return found ? static_cast<const char *>(found) : end;
}

/// Reads a whole number without a sign or with a minus. A number past 2⁶³ counts as the largest.
bool readIndex(const char *p, const char *end, int64_t &index) {
  if (p < end && *p == '+') p++;
  const auto result = std::from_chars(p, end, index);
  if (result.ptr != end || result.ec == std::errc::invalid_argument) return false;
  if (result.ec == std::errc::result_out_of_range) index = *p == '-' ? INT64_MIN : INT64_MAX;
  return true;
}

LockstepSparseStop stopOf(LockstepCSVFieldKind kind) {
  switch (kind) {
  case LockstepCSVFieldNumber: return LockstepSparseDone;
  case LockstepCSVFieldMissing: return LockstepSparseMissing;
  case LockstepCSVFieldOutOfRange: return LockstepSparseOutOfRange;
  default: return LockstepSparseNotANumber;
  }
}

/// A text being parsed: where it begins, and what came of it.
struct Parsing {
  const char *text;
  LockstepSparseOutcome outcome{};

  LockstepSparseOutcome stopped(LockstepSparseStop stop, const char *p, const char *end) {
    outcome.stop = stop;
    outcome.place = {static_cast<size_t>(p - text), static_cast<size_t>(end - p)};
    return outcome;
  }
};

template <class T>
LockstepSparseOutcome parseSVMLight(
    const char *text, size_t byteCount, bool keepsMissing, int64_t firstIndex, int64_t columnCount, int64_t *rowEnds,
    int32_t *columns, T *values, double *labels, LockstepTextSpan *labelSpans) {
  Parsing parsing{text};
  LockstepSparseOutcome &out = parsing.outcome;
  const char *const end = text + byteCount;
  for (const char *line = text; line < end;) {
    const char *const next = lineEnd(line, end);
    const void *comment = std::memchr(line, '#', static_cast<size_t>(next - line));
    const char *const stop = comment ? static_cast<const char *>(comment) : next;
    const char *p = skipSpace(line, stop);
    line = next + 1;
    if (p == stop) continue;

    const char *label = p;
    p = tokenEnd(p, stop);
    if (std::memchr(label, ':', static_cast<size_t>(p - label))) return parsing.stopped(LockstepSparseNoEntry, label, p);
    double number = 0;
    if (lockstep::readField(label, p, number) != LockstepCSVFieldNumber) number = std::numeric_limits<double>::quiet_NaN();
    labels[out.rowCount] = number;
    labelSpans[out.rowCount] = {static_cast<size_t>(label - text), static_cast<size_t>(p - label)};

    int64_t previous = 0;
    bool isIncomplete = false;
    while ((p = skipSpace(p, stop)) < stop) {
      const char *const token = p;
      p = tokenEnd(p, stop);
      const void *found = std::memchr(token, ':', static_cast<size_t>(p - token));
      if (!found) return parsing.stopped(LockstepSparseNoEntry, token, p);
      const char *const colon = static_cast<const char *>(found);
      if (colon - token == 3 && !std::memcmp(token, "qid", 3)) continue;
      int64_t index;
      if (!readIndex(token, colon, index)) return parsing.stopped(LockstepSparseNoEntry, token, p);
      if (index < firstIndex) return parsing.stopped(LockstepSparseIndexTooSmall, token, p);
      index += 1 - firstIndex;
      if (index > columnCount) return parsing.stopped(LockstepSparseIndexTooLarge, token, p);
      if (index <= previous) return parsing.stopped(LockstepSparseNotAscending, token, p);
      T value = 0;
      const LockstepSparseStop fault = stopOf(lockstep::readField(colon + 1, p, value));
      if (fault == LockstepSparseMissing && keepsMissing) {
        value = std::numeric_limits<T>::quiet_NaN();
        isIncomplete = true;
      } else if (fault != LockstepSparseDone) return parsing.stopped(fault, token, p);
      previous = index;
      columns[out.entryCount] = static_cast<int32_t>(index - 1);
      values[out.entryCount] = value;
      out.entryCount++;
    }
    out.largestIndex = std::max(out.largestIndex, previous);
    out.incompleteRowCount += isIncomplete;
    rowEnds[out.rowCount] = static_cast<int64_t>(out.entryCount);
    out.rowCount++;
  }
  return out;
}

template <class T>
LockstepSparseOutcome parseCoordinates(
    const char *text, size_t byteCount, const LockstepCoordinateFormat &format, int64_t *rows, int32_t *columns,
    T *values) {
  Parsing parsing{text};
  LockstepSparseOutcome &out = parsing.outcome;
  const char *const end = text + byteCount;
  const auto add = [&](int64_t row, int64_t column, T value) {
    if (row <= format.firstRow || row > format.endRow) return;
    rows[out.entryCount] = row - 1;
    columns[out.entryCount] = static_cast<int32_t>(column - 1);
    values[out.entryCount] = value;
    out.entryCount++;
  };
  for (const char *line = text; line < end;) {
    const char *const next = lineEnd(line, end);
    const char *p = skipSpace(line, next);
    const char *const start = p;
    line = next + 1;
    if (p == next || *p == '%') continue;
    int64_t place[2];
    for (int i = 0; i < 2; i++) {
      const char *const token = p;
      p = tokenEnd(p, next);
      if (token == p) return parsing.stopped(LockstepSparseNoEntry, start, next);
      if (!readIndex(token, p, place[i])) return parsing.stopped(LockstepSparseNotANumber, token, p);
      if (place[i] < 1) return parsing.stopped(LockstepSparseIndexTooSmall, token, p);
      if (place[i] > (i == 0 ? format.rowCount : format.columnCount))
        return parsing.stopped(LockstepSparseIndexTooLarge, token, p);
      p = skipSpace(p, next);
    }
    T value = 1;
    if (!format.isPattern) {
      const char *const token = p;
      p = tokenEnd(p, next);
      if (token == p) return parsing.stopped(LockstepSparseNoEntry, start, next);
      const LockstepSparseStop fault = stopOf(lockstep::readField(token, p, value));
      if (fault == LockstepSparseMissing && format.keepsMissing) {
        value = std::numeric_limits<T>::quiet_NaN();
        out.incompleteRowCount++;
      } else if (fault != LockstepSparseDone) {
        return parsing.stopped(fault, token, p);
      }
      p = skipSpace(p, next);
    }
    if (p != next) return parsing.stopped(LockstepSparseNoEntry, start, next);
    if (format.isSymmetric && (place[1] > place[0] || (format.isSkew && place[1] == place[0]))) return parsing.stopped(LockstepSparseAboveDiagonal, start, next);
    out.lineCount++;
    add(place[0], place[1], value);
    if (format.isSymmetric && place[0] != place[1]) add(place[1], place[0], format.isSkew ? -value : value);
  }
  return out;
}

template <class T>
LockstepSparseOutcome parseNumbers(
    const char *text, size_t byteCount, bool keepsMissing, size_t capacity, T *values) {
  Parsing parsing{text};
  LockstepSparseOutcome &out = parsing.outcome;
  const char *const end = text + byteCount;
  for (const char *line = text; line < end;) {
    const char *const next = lineEnd(line, end);
    const char *p = skipSpace(line, next);
    line = next + 1;
    if (p < next && *p == '%') continue;
    for (; p < next; p = skipSpace(p, next)) {
      const char *const token = p;
      p = tokenEnd(p, next);
      if (out.entryCount == capacity) {
        out.entryCount++;
        return parsing.stopped(LockstepSparseDone, token, p);
      }
      const LockstepSparseStop fault = stopOf(lockstep::readField(token, p, values[out.entryCount]));
      if (fault == LockstepSparseMissing && keepsMissing) {
        values[out.entryCount] = std::numeric_limits<T>::quiet_NaN();
        out.incompleteRowCount++;
      } else if (fault != LockstepSparseDone) return parsing.stopped(fault, token, p);
      out.entryCount++;
    }
  }
  return out;
}

}  // namespace

size_t lockstep_count_bytes(const char *text, size_t byteCount, char byte) {
  return static_cast<size_t>(std::count(text, text + byteCount, byte));
}

LockstepSparseOutcome lockstep_svmlight_parse(
    const char *text, size_t byteCount, bool is32Bit, bool keepsMissing, int64_t firstIndex, int64_t columnCount,
    int64_t *rowEnds, int32_t *columns, void *values, double *labels, LockstepTextSpan *labelSpans) {
  if (is32Bit)
    return parseSVMLight(
        text, byteCount, keepsMissing, firstIndex, columnCount, rowEnds, columns, static_cast<float *>(values), labels,
        labelSpans);
  return parseSVMLight(
      text, byteCount, keepsMissing, firstIndex, columnCount, rowEnds, columns, static_cast<double *>(values), labels,
      labelSpans);
}

LockstepSparseOutcome lockstep_coordinate_parse(
    const char *text, size_t byteCount, bool is32Bit, const LockstepCoordinateFormat *format, int64_t *rows,
    int32_t *columns, void *values) {
  if (is32Bit) return parseCoordinates(text, byteCount, *format, rows, columns, static_cast<float *>(values));
  return parseCoordinates(text, byteCount, *format, rows, columns, static_cast<double *>(values));
}

LockstepSparseOutcome lockstep_numbers_parse(
    const char *text, size_t byteCount, bool is32Bit, bool keepsMissing, size_t capacity, void *values) {
  if (is32Bit) return parseNumbers(text, byteCount, keepsMissing, capacity, static_cast<float *>(values));
  return parseNumbers(text, byteCount, keepsMissing, capacity, static_cast<double *>(values));
}

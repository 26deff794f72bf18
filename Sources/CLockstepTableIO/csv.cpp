// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstring>

#include "CLockstepTableIO.h"
#include "date.hpp"
#include "decimal.hpp"
#include "number.hpp"

namespace lockstep {
namespace {

/// Reads a whole field that is no number as a date. In a function of its own, so that the loop over numbers stays small.
template <class T> [[gnu::noinline, gnu::cold]] bool readDate(const char *p, const char *end, T &value) {
  return DateReader::isLikely(p, end) && DateReader(p, end).read(value);
}

/// Whether a field that has no blanks around it says that its value is missing.
bool isMissingField(const char *p, const char *end, const LockstepCSVFieldFormat &format) {
  if (isMissing(p, end)) return true;
  const size_t length = size_t(end - p);
  for (const uint8_t *word = format.missingWords; word && *word; word += 1 + *word) {
    if (*word == length && std::memcmp(word + 1, p, length) == 0) return true;
  }
  return false;
}

/// Reads a number with other marks than a decimal point: as `readField`, once they are a point and nothing.
template <class T>
[[gnu::noinline]] LockstepCSVFieldKind readMarked(
    const char *p, const char *end, T &value, const LockstepCSVFieldFormat &format) {
  char plain[512];
  if (size_t(end - p) > sizeof plain) return LockstepCSVFieldText;
  char *out = plain;
  if (p < end && (*p == '-' || *p == '+')) *out++ = *p++;
  // The digits since the last group mark, and whether there was one; neither mark may follow the whole part.
  int digits = 0;
  bool isGrouped = false, isWhole = true;
  for (; p < end; p++) {
    if (*p >= '0' && *p <= '9') {
      digits += isWhole;
      *out++ = *p;
      continue;
    }
    if (!isWhole && (*p == format.decimalMark || (format.groupMark && *p == format.groupMark))) return LockstepCSVFieldText;
    if (format.groupMark && *p == format.groupMark) {
      if (digits == 0 || (isGrouped ? digits != 3 : digits > 3)) return LockstepCSVFieldText;
      isGrouped = true;
      digits = 0;
      continue;
    }
    if (isGrouped && isWhole && digits != 3) return LockstepCSVFieldText;
    if (*p == '.' && format.decimalMark != '.') return LockstepCSVFieldText;
    isWhole = false;
    *out++ = *p == format.decimalMark ? '.' : *p;
  }
  if (isGrouped && isWhole && digits != 3) return LockstepCSVFieldText;
  return readField(plain, out, value);
}

/// Reads a whole field that has no blanks around it: `true` and `false` are 1 and 0.
template <class T>
LockstepCSVFieldKind readCSVField(const char *p, const char *end, T &value, const LockstepCSVFieldFormat &format) {
  if (isMissingField(p, end, format)) return LockstepCSVFieldMissing;
  const bool isPlain = format.decimalMark == '.' && !format.groupMark;
  const LockstepCSVFieldKind kind = isPlain ? readField(p, end, value) : readMarked(p, end, value, format);
  if (kind != LockstepCSVFieldText) return kind;
  const bool isTrue = isWord(p, end, "true");
  if (!isTrue && !isWord(p, end, "false")) return kind;
  value = isTrue ? T(1) : T(0);
  return LockstepCSVFieldNumber;
}

/// Whether every number that begins like a plain one is one: it has a decimal point, and is no word for a missing value.
bool arePlainNumbers(const LockstepCSVFieldFormat &format) {
  if (format.decimalMark != '.') return false;
  for (const uint8_t *word = format.missingWords; word && *word; word += 1 + *word) {
    const char *const text = reinterpret_cast<const char *>(word + 1);
    double value;
    if (readField(text, text + *word, value) == LockstepCSVFieldNumber) return false;
  }
  return true;
}

static_assert(bytesReadBefore <= LockstepCSVMargin && bytesReadAfter <= LockstepCSVMargin);

/// One call's parsing: where it is in the text, and what it has written.
template <class T> class Parser {
 public:
  Parser(const LockstepCSVFormat &format, char *text, size_t byteCount, void *const *matrices, void *row,
         uint64_t *missingCounts, uint64_t *dateCounts, LockstepCSVSpan *texts)
      : format(format), delimiter(format.delimiter), readsPlainNumbers(arePlainNumbers(format.fields)), text(text), end(text + byteCount), byteAfter(text[byteCount]), matrices(matrices), row(static_cast<T *>(row)),
        missingCounts(missingCounts), dateCounts(dateCounts), texts(texts) {
    // Every loop below stops at a line end, and this is the last one.
    text[byteCount] = '\n';
    endsPlainField[uint8_t(delimiter)] = true;
    endsPlainField[uint8_t('\n')] = true;
    endsPlainField[uint8_t('\r')] = true;
    if (format.usesQuotes) endsPlainField[uint8_t('"')] = true;
  }

  LockstepCSVOutcome parse() {
    const char *p = text;
    while (p && p < end) {
      const char *const begin = pastRun(pastBlanks(p));
      if (isLineEnd(begin)) p = afterLineEnd;
      else if (format.comment && *begin == format.comment) p = pastComment(begin);
      else p = parseRow(delimiter == ' ' ? begin : p);
    }
    *end = byteAfter;
    return outcome;
  }

 private:
  const LockstepCSVFormat &format;
  const char delimiter;
  const bool readsPlainNumbers;
  const char *const text;
  char *const end;
  const char byteAfter;
  void *const *const matrices;
  T *const row;
  uint64_t *const missingCounts;
  uint64_t *const dateCounts;
  LockstepCSVSpan *const texts;
  /// The last field of the long way: its place, and whether it is in quotes.
  const char *fieldBegin = nullptr, *fieldEnd = nullptr;
  bool isQuoted = false;
  bool endsPlainField[256] = {};
  const char *afterLineEnd = nullptr;
  LockstepCSVOutcome outcome = {0, 0, LockstepCSVDone, 0, 0, 0};

  /// The place of the row that is being parsed in matrix `m`.
  T *rowOf(int32_t m) const {
    return static_cast<T *>(matrices[m]) + outcome.rowCount * size_t(format.widths[m]);
  }

  const char *pastBlanks(const char *p) const {
    while (isBlank(*p) && *p != delimiter) p++;
    return p;
  }

  /// What follows a run of blanks, if blanks separate fields.
  const char *pastRun(const char *p) const {
    if (delimiter != ' ') return p;
    while (isBlank(*p)) p++;
    return p;
  }

  /// Whether a line ends at `p`; the next one then begins at `afterLineEnd`. The end of the text ends a line.
  bool isLineEnd(const char *p) {
    if (*p == '\n') {
      afterLineEnd = p + 1;
      return true;
    }
    if (*p == '\r' && p[1] == '\n') {
      afterLineEnd = p + 2;
      return true;
    }
    return false;
  }

  const char *stop(LockstepCSVStop reason, const char *place, const char *placeEnd, int32_t field) {
    outcome.stop = reason;
    outcome.offset = size_t(place - text);
    outcome.length = size_t(placeEnd - place);
    outcome.field = field;
    return nullptr;
  }

  /// The start of the line after the one at `p`, which is no row, or null if parsing has stopped.
  const char *pastComment(const char *p) {
    const char *const lineEnd = static_cast<const char *>(std::memchr(p, '\n', size_t(end - p) + 1));
    if (format.usesQuotes && std::memchr(p, '"', size_t(lineEnd - p))) {
      return stop(LockstepCSVQuotedComment, p, lineEnd, 0);
    }
    return lineEnd + 1;
  }

  /// Parses the row at `p` and returns the start of the next one, or null if parsing has stopped.
  const char *parseRow(const char *p) {
    const char *const start = p;
    T *const values = format.matrixCount == 1 ? rowOf(0) : row;
    const int32_t fieldCount = format.fieldCount;
    bool isComplete = true;
    for (int32_t field = 0; field < fieldCount;) {
      const int32_t slot = format.slots[field];
      if (slot < 0) {
        p = slot <= LockstepCSVTextSlot ? parseText(p, field, isComplete) : parseField(p, field, nullptr, isComplete);
        if (!p) return nullptr;
      } else {
        T &value = values[slot];
        // The common case is a plain number, and right after it the delimiter or the end of the line.
        const char *after = readsPlainNumbers ? plainNumber(p, value) : nullptr;
        if (after && (*after == delimiter || *after == '\n')) {
          p = after;
        } else {
          p = parseField(p, field, &value, isComplete);
          if (!p) return nullptr;
        }
      }
      field++;
      if (*p == delimiter) {
        p = pastRun(p + 1);
        if (field < fieldCount) {
          if (delimiter != ' ' || !isLineEnd(p)) continue;
          return stop(LockstepCSVShortRow, start, p, field);
        }
        // A delimiter at the end of a row adds no column.
        const char *const next = pastBlanks(p);
        if (!isLineEnd(next)) return stopAtLongRow(start, p);
      } else if (!isLineEnd(p) || field < fieldCount) {
        return stop(LockstepCSVShortRow, start, p, field);
      }
    }
    if (isComplete) {
      if (format.matrixCount != 1) scatter();
      outcome.rowCount++;
    } else {
      outcome.skippedRowCount++;
    }
    return afterLineEnd;
  }

  /// Stops at the row at `start`, which goes on at `p` after the last field that it may have.
  const char *stopAtLongRow(const char *start, const char *p) {
    int32_t count = format.fieldCount;
    bool isComplete = true;
    while (p) {
      p = parseField(p, count++, nullptr, isComplete);
      if (!p || *p != delimiter) break;
      p = pastRun(p + 1);
      if (isLineEnd(pastBlanks(p))) break;
    }
    return stop(LockstepCSVLongRow, start, p ? p : start, count);
  }

  /// Parses any field at `p` and returns the delimiter or line end after it, or null if parsing has stopped. A field
  /// without `value` may hold anything.
  const char *parseField(const char *p, int32_t field, T *value, bool &isComplete) {
    const char *begin = pastBlanks(p);
    const char *last;
    isQuoted = format.usesQuotes && *begin == '"';
    if (isQuoted) {
      const char *const quote = begin++;
      for (last = begin;; last += 2) {
        last = static_cast<const char *>(std::memchr(last, '"', size_t(end - last)));
        if (!last) return stop(LockstepCSVOpenQuote, quote, quote, field);
        if (last[1] != '"') break;
      }
      p = pastBlanks(last + 1);
      if (*p != delimiter && !isLineEnd(p)) return stop(LockstepCSVStrayQuote, quote, p, field);
      begin = value ? pastBlanks(begin) : begin;
    } else {
      for (p = begin;; p++) {
        while (!endsPlainField[uint8_t(*p)]) p++;
        if (*p != '\r' || p[1] == '\n') break;
      }
      if (*p == '"' && delimiter != '"') return stop(LockstepCSVStrayQuote, begin, p + 1, field);
      last = p;
    }
    fieldBegin = begin;
    fieldEnd = last;
    if (!value) return p;
    while (last > begin && isBlank(last[-1])) last--;
    begin = std::min(begin, last);
    switch (readCSVField(begin, last, *value, format.fields)) {
      case LockstepCSVFieldNumber:
        return p;
      case LockstepCSVFieldMissing:
        missingCounts[format.slots[field]]++;
        if (format.slots[field] < format.fillableCount) {
          *value = std::numeric_limits<T>::quiet_NaN();
          return p;
        }
        if (!format.skipsIncompleteRows) return stop(LockstepCSVMissing, begin, last, field);
        isComplete = false;
        return p;
      case LockstepCSVFieldText:
        if (!readDate(begin, last, *value)) return stop(LockstepCSVNotANumber, begin, last, field);
        dateCounts[format.slots[field]]++;
        return p;
      case LockstepCSVFieldOutOfRange:
      case LockstepCSVFieldDate:  // which is no answer of readCSVField
        return stop(LockstepCSVOutOfRange, begin, last, field);
    }
  }

  /// Notes the place of the text at `p`, and returns the delimiter or line end after it, or null if parsing has stopped.
  [[gnu::noinline]] const char *parseText(const char *p, int32_t field, bool &isComplete) {
    p = parseField(p, field, nullptr, isComplete);
    if (!p) return nullptr;
    const int32_t number = LockstepCSVTextSlot - format.slots[field];
    LockstepCSVSpan &span = texts[outcome.rowCount * size_t(format.textCount) + size_t(number)];
    const char *const begin = fieldBegin, *last = fieldEnd;
    while (!isQuoted && last > begin && isBlank(last[-1])) last--;
    if (isMissingField(begin, last, format.fields)) {
      int32_t valueCount = 0;
      for (int32_t m = 0; m < format.matrixCount; m++) valueCount += format.widths[m];
      missingCounts[valueCount + number]++;
      if (!format.skipsIncompleteRows) return stop(LockstepCSVMissing, begin, last, field);
      isComplete = false;
      return p;
    }
    const size_t length = size_t(last - begin);
    if (length >= 1 << 16) return stop(LockstepCSVLongLabel, begin, last, field);
    const bool hasDoubledQuotes = isQuoted && std::memchr(begin, '"', length);
    span = {size_t(begin - text), uint32_t(length), hasDoubledQuotes};
    return p;
  }

  /// Deals the values of a row out to several matrices.
  void scatter() const {
    const T *from = row;
    for (int32_t m = 0; m < format.matrixCount; m++) {
      const size_t width = size_t(format.widths[m]);
      std::memcpy(rowOf(m), from, width * sizeof(T));
      from += width;
    }
  }
};

/// The number of bytes of `text` that equal `byte`.
size_t countOf(char byte, const char *text, size_t byteCount) {
  constexpr size_t lanes = 64;
  size_t total = 0;
  while (byteCount >= lanes) {
    // Counts of a byte each, for as many rounds as cannot overflow them: a loop that compilers turn into vector code.
    const size_t rounds = std::min<size_t>(255, byteCount / lanes);
    uint8_t counts[lanes] = {};
    for (size_t r = 0; r < rounds; r++) {
      for (size_t i = 0; i < lanes; i++) counts[i] = uint8_t(counts[i] + (text[r * lanes + i] == byte));
    }
    for (size_t i = 0; i < lanes; i++) total += counts[i];
    text += rounds * lanes;
    byteCount -= rounds * lanes;
  }
  for (size_t i = 0; i < byteCount; i++) total += text[i] == byte;
  return total;
}

}  // namespace
}  // namespace lockstep

using namespace lockstep;

LockstepCSVCounts lockstep_csv_count(const char *text, size_t byteCount, bool usesQuotes) {
  const size_t quoteCount = usesQuotes ? countOf('"', text, byteCount) : 0;
  if (quoteCount == 0) return {0, countOf('\n', text, byteCount), 0};
  size_t lineEnds[2] = {0, 0};
  unsigned parity = 0;
  for (size_t i = 0; i < byteCount; i++) {
    parity ^= text[i] == '"';
    lineEnds[parity] += text[i] == '\n';
  }
  return {quoteCount, lineEnds[0], lineEnds[1]};
}

size_t lockstep_csv_row_end(const char *text, size_t byteCount, bool usesQuotes, bool *isInsideQuotes) {
  bool isInside = *isInsideQuotes;
  size_t i = 0;
  for (; i < byteCount; i++) {
    if (usesQuotes && text[i] == '"') isInside = !isInside;
    if (text[i] == '\n' && !isInside) break;
  }
  *isInsideQuotes = isInside;
  return i + 1;
}

LockstepCSVOutcome lockstep_csv_parse(
    const LockstepCSVFormat *format, char *text, size_t byteCount, bool is32Bit, void *const *matrices, void *row,
    uint64_t *missingCounts, uint64_t *dateCounts, LockstepCSVSpan *texts) {
  if (is32Bit) return Parser<float>(*format, text, byteCount, matrices, row, missingCounts, dateCounts, texts).parse();
  return Parser<double>(*format, text, byteCount, matrices, row, missingCounts, dateCounts, texts).parse();
}

LockstepCSVFieldKind lockstep_csv_field_double(
    const LockstepCSVFieldFormat *format, const char *text, size_t byteCount, double *value) {
  const char *end = text + byteCount;
  while (text < end && isBlank(*text)) text++;
  while (text < end && isBlank(end[-1])) end--;
  const LockstepCSVFieldKind kind = readCSVField(text, end, *value, *format);
  return kind == LockstepCSVFieldText && readDate(text, end, *value) ? LockstepCSVFieldDate : kind;
}

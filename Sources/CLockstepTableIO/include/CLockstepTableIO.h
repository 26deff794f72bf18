// SPDX-License-Identifier: Apache-2.0

/// Text to numbers and numbers to text: the loops over bytes that reading and writing tables need.
///
/// Nothing here allocates, keeps state or fails: what is wrong with a text is reported with its place.

#ifndef CLOCKSTEP_TABLE_IO_H
#define CLOCKSTEP_TABLE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "LockstepArrow.h"
#include "LockstepColumns.h"
#include "LockstepCompression.h"
#include "LockstepDuckDB.h"
#include "LockstepMappings.h"

#ifdef __cplusplus
extern "C" {
#endif

/// How the fields of a CSV text are written.
typedef struct {
  /// Words that stand for a missing value, besides an empty field, `NA` and `nan`: before each the number of its bytes, and a 0 at the
  /// end; null for none.
  const uint8_t *_Nullable missingWords;
  /// The byte between the whole part of a number and its fraction.
  char decimalMark;
  /// The byte between groups of three digits; 0 for none.
  char groupMark;
} LockstepCSVFieldFormat;

/// How the rows of a CSV text look and what is wanted of them.
typedef struct {
  /// How fields are written.
  LockstepCSVFieldFormat fields;
  /// The byte that begins lines to pass over; 0 for none.
  char comment;
  /// The byte between two fields.
  char delimiter;
  /// Whether double quotes enclose fields.
  bool usesQuotes;
  /// Whether a row with a missing value is left out; otherwise it ends the parsing.
  bool skipsIncompleteRows;
  /// The number of fields of each row.
  int32_t fieldCount;
  /// For each field its place among the wanted values, -1 if it is not wanted, or `LockstepCSVTextSlot` less the number of
  /// the text that it is.
  const int32_t *_Nonnull slots;
  /// The number of matrices that the wanted values go to, in order.
  int32_t matrixCount;
  /// The number of columns of each matrix.
  const int32_t *_Nonnull widths;
  /// The number of texts of each row.
  int32_t textCount;
  /// The number of values, from the first on, that become NaN where they are missing, and do not make their row incomplete.
  int32_t fillableCount;
} LockstepCSVFormat;

/// The slot of text 0 of a row; that of text k is k less. Of a text only the place is told.
enum { LockstepCSVTextSlot = -2 };

/// The place of a field in a text, without its quotes and the blanks around it.
typedef struct {
  /// Where it begins.
  size_t offset;
  /// The number of its bytes; `UINT32_MAX` if it is missing.
  uint32_t length;
  /// Whether quotes in it are doubled.
  bool hasDoubledQuotes;
} LockstepCSVSpan;

/// Why parsing ended.
typedef enum {
  LockstepCSVDone = 0,
  LockstepCSVNotANumber,
  LockstepCSVOutOfRange,
  LockstepCSVMissing,
  /// A line to pass over holds a quote, which hides where lines end.
  LockstepCSVQuotedComment,
  LockstepCSVShortRow,
  LockstepCSVLongRow,
  LockstepCSVStrayQuote,
  LockstepCSVOpenQuote,
  LockstepCSVLongLabel,
  /// Not met by parsing, but by whoever looks at the texts: a text that a model does not know, or too many of them.
  LockstepCSVUnknownText,
  LockstepCSVTooManyTexts,
} LockstepCSVStop;

/// What parsing did.
typedef struct {
  /// The rows written.
  size_t rowCount;
  /// The rows left out because a wanted value is missing.
  size_t skippedRowCount;
  /// Why it ended.
  LockstepCSVStop stop;
  /// The offset of the row, field or quote that is wrong.
  size_t offset;
  /// The number of bytes of the wrong field.
  size_t length;
  /// The index of the wrong field; for a row of the wrong length, the number of fields it has.
  int32_t field;
} LockstepCSVOutcome;

/// How many line ends and quotes a text has.
typedef struct {
  /// The quotes.
  size_t quoteCount;
  /// The line ends that follow an even number of the text's quotes.
  size_t evenLineEndCount;
  /// The line ends that follow an odd number of them.
  size_t oddLineEndCount;
} LockstepCSVCounts;

/// Bytes that must be readable, of any value, before a text and after it. Parsing changes the first of those after it for a while.
enum { LockstepCSVMargin = 64 };

/// Counts the line ends and quotes of `text`.
LockstepCSVCounts lockstep_csv_count(const char *_Nonnull text, size_t byteCount, bool usesQuotes);

/// The offset of the byte after the first line end outside quotes, or `byteCount` + 1 if there is none.
///
/// `isInsideQuotes` is the state at the start, and becomes the state after the bytes looked at.
size_t lockstep_csv_row_end(
    const char *_Nonnull text, size_t byteCount, bool usesQuotes, bool *_Nonnull isInsideQuotes);

/// Parses whole rows, the last of which may lack its line end, into row-major matrices of 32-bit or 64-bit numbers.
///
/// Blank lines are passed over. `missingCounts` has a count for each wanted value, which is added to, in rows left out too,
/// and then one for each text. `dateCounts` has a count for each wanted value, of dates, which become seconds since 1970.
/// `texts`, `textCount` for each row written, may be null where no field is one; the places of values that are texts
/// are left as they are. `row` is room for one row of all wanted values if there are several matrices. The byte after the text is changed for
/// the time of the call.
LockstepCSVOutcome lockstep_csv_parse(
    const LockstepCSVFormat *_Nonnull format, char *_Nonnull text, size_t byteCount, bool is32Bit,
    void *_Nonnull const *_Nonnull matrices, void *_Nonnull row, uint64_t *_Nonnull missingCounts,
    uint64_t *_Nonnull dateCounts, LockstepCSVSpan *_Nullable texts);

/// What a field without its quotes is.
typedef enum {
  LockstepCSVFieldNumber = 0,
  LockstepCSVFieldMissing,
  LockstepCSVFieldText,
  LockstepCSVFieldOutOfRange,
  LockstepCSVFieldDate,
} LockstepCSVFieldKind;

/// Reads one field, which may have blanks around it. `value` is set for a number or a date.
LockstepCSVFieldKind lockstep_csv_field_double(
    const LockstepCSVFieldFormat *_Nonnull format, const char *_Nonnull text, size_t byteCount, double *_Nonnull value);

/// The number of bytes of `text` that are `byte`.
size_t lockstep_count_bytes(const char *_Nonnull text, size_t byteCount, char byte);

/// Why the parsing of a sparse text ended.
typedef enum {
  LockstepSparseDone = 0,
  /// A value, or a Matrix Market index, that is no number.
  LockstepSparseNotANumber,
  LockstepSparseOutOfRange,
  LockstepSparseMissing,
  /// Something that is not `index:value`, or a line without as many fields as it needs.
  LockstepSparseNoEntry,
  /// An index of 0 or less.
  LockstepSparseIndexTooSmall,
  /// An index above the number of rows or columns.
  LockstepSparseIndexTooLarge,
  /// An index that is not above the one before it in its line.
  LockstepSparseNotAscending,
  /// An entry above the diagonal of a symmetric matrix.
  LockstepSparseAboveDiagonal,
} LockstepSparseStop;

/// Where a piece of text is.
typedef struct {
  size_t offset;
  size_t length;
} LockstepTextSpan;

/// What parsing a sparse text did.
typedef struct {
  size_t rowCount;
  size_t entryCount;
  /// SVMLight: rows with a missing value that was kept. Matrix Market: missing values that were kept.
  size_t incompleteRowCount;
  /// Lines with an entry, of rows that are not wanted too.
  size_t lineCount;
  /// The largest index, from 1; 0 if there is none.
  int64_t largestIndex;
  LockstepSparseStop stop;
  /// The wrong field.
  LockstepTextSpan place;
} LockstepSparseOutcome;

/// Parses whole lines of SVMLight text: `label index:value …`, indices from `firstIndex`, 0 or 1, and ascending, `#` to the end of a line a comment.
///
/// `rowEnds`, `labels` (NaN where the label is no number) and `labelSpans` have room for each line, `columns` (from 0) and
/// `values` for each colon. `qid:` is passed over. A missing value becomes NaN, or ends the parsing.
LockstepSparseOutcome lockstep_svmlight_parse(
    const char *_Nonnull text, size_t byteCount, bool is32Bit, bool keepsMissing, int64_t firstIndex,
    int64_t columnCount, int64_t *_Nonnull rowEnds, int32_t *_Nonnull columns, void *_Nonnull values, double *_Nonnull labels,
    LockstepTextSpan *_Nonnull labelSpans);

/// The entries of a Matrix Market file that are wanted.
typedef struct {
  /// The size of the matrix.
  int64_t rowCount;
  int64_t columnCount;
  /// The rows that are wanted, from 0.
  int64_t firstRow;
  int64_t endRow;
  /// Whether entries have no values: they are ones.
  bool isPattern;
  /// Whether each entry below the diagonal stands for one above it too.
  bool isSymmetric;
  /// Whether the one above it has the other sign, and the diagonal is zero.
  bool isSkew;
  /// Whether a missing value becomes NaN; otherwise it ends the parsing.
  bool keepsMissing;
} LockstepCoordinateFormat;

/// Parses whole lines of Matrix Market coordinates: `row column value`, from 1; lines that begin with `%` are comments.
///
/// `rows`, `columns` (from 0) and `values` have room for each line, twice if the matrix is symmetric.
LockstepSparseOutcome lockstep_coordinate_parse(
    const char *_Nonnull text, size_t byteCount, bool is32Bit, const LockstepCoordinateFormat *_Nonnull format,
    int64_t *_Nonnull rows, int32_t *_Nonnull columns, void *_Nonnull values);

/// Parses numbers between blanks and line ends, lines that begin with `%` left out, up to `capacity` of them.
///
/// `entryCount` counts one more than `capacity` if there are more.
LockstepSparseOutcome lockstep_numbers_parse(
    const char *_Nonnull text, size_t byteCount, bool is32Bit, bool keepsMissing, size_t capacity,
    void *_Nonnull values);

/// The most bytes that a number takes as text, with the byte after it.
enum { LockstepPrintedByteCount = 25 };

/// The kinds of numbers that can be printed.
typedef enum { LockstepPrintDouble, LockstepPrintFloat, LockstepPrintInt64 } LockstepPrintKind;

/// Writes rows of numbers as CSV text, each number with the fewest digits that give it back, and returns the number of bytes.
///
/// `text` has room for `LockstepPrintedByteCount` bytes for each number.
size_t lockstep_csv_print(
    LockstepPrintKind kind, const void *_Nonnull elements, size_t rowCount, size_t columnCount, char *_Nonnull text);

/// Less than, equal to or greater than 0 as `a` comes before, with or after `b` where runs of digits count by their value.
int lockstep_compare_names(const char *_Nonnull a, const char *_Nonnull b);

/// The CRC-32 of ZIP files (polynomial 0xEDB88320, reflected) of some bytes that follow others; start with 0.
uint32_t lockstep_crc32(uint32_t before, const void *_Nullable bytes, size_t byteCount);

/// Changes the size of memory that `mmap` made, which may move it. Returns null if there is not so much.
void *_Nullable lockstep_resize_mapping(void *_Nonnull address, size_t byteCount, size_t newByteCount);

#ifdef __cplusplus
}
#endif

#endif

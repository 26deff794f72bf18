// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// Whether the first row of a CSV file names the columns.
public enum CSVHeader: String, CaseIterable, Codable, Hashable, Sendable {
  /// It does if any of its fields is not a number; a date, an empty field and `NA` count as numbers, and a label or a category
  /// does not count where that of the next row is a text as well.
  case automatic = "auto"
  /// It does.
  case yes = "yes"
  /// It does not.
  case no = "no"
}

/// How a CSV file is written, and what of it to read.
public struct CSVOptions: Hashable, Sendable {
  /// Whether the first row names the columns; ``CSVHeader/automatic`` by default.
  public var header: CSVHeader
  /// The byte between two fields; `nil`, the default, takes the one among `,` `;` tab `|` that the first line has most of.
  public var delimiter: UInt8?
  /// Whether double quotes enclose fields that hold a delimiter, a line end or a doubled quote; `true` by default.
  public var usesQuotes: Bool
  /// The columns to read, in this order; by default all that are not in `columnsApart`.
  public var columns: ColumnSelection
  /// Further columns, each selection read into a table of its own: targets, labels, weights.
  public var columnsApart: [ColumnSelection]
  /// The one column that holds the class of each row, as a number or any text; `nil`, the default, for none.
  public var labelColumn: ColumnSelection?
  /// What to do with missing values; ``MissingValuePolicy/error`` by default.
  public var missing: MissingValuePolicy
  /// The columns of the rows that are categorical; none by default.
  public var categoricalColumns: CategoricalColumns
  /// The most values that a categorical column may have; ``CategoricalColumns/defaultLimit`` by default.
  public var categoryLimit: Int
  /// The encoding of a model, to follow: its columns are categorical, with its values, and its means stand for missing numbers.
  ///
  /// `nil`, the default, finds values and means in the data. A value that the encoding does not know is an error. If no columns are
  /// chosen, those of the encoding's names are taken where the data has them.
  public var encoding: ColumnEncoding?
  /// The number of columns of sparse files that do not say it; `nil`, the default, takes the largest index there is.
  public var columnCount: Int?
  /// The number of threads that read, 1 by default, on which the result does not depend.
  public var threadCount: Int
  /// The memory that the rows may take; `nil`, the default, for as much as they need.
  public var memoryLimit: MemoryLimit?
  /// The number of bytes that a thread reads at a time.
  var pieceByteCount = 1 << 19

  /// Creates options; what is not given has its default.
  ///
  /// - Precondition: `threadCount` ≥ 1, `categoryLimit` is from 1 to 2²⁰, and `columnCount` is from 1 to 2³¹ − 1 if it is given.
  public init(
    header: CSVHeader = .automatic, delimiter: UInt8? = nil, usesQuotes: Bool = true, columns: ColumnSelection = .all,
    columnsApart: [ColumnSelection] = [], labelColumn: ColumnSelection? = nil, missing: MissingValuePolicy = .error,
    categoricalColumns: CategoricalColumns = .none, categoryLimit: Int = CategoricalColumns.defaultLimit,
    encoding: ColumnEncoding? = nil, columnCount: Int? = nil, threadCount: Int = 1, memoryLimit: MemoryLimit? = nil
  ) {
    precondition(threadCount >= 1, "\(threadCount) threads cannot read")
    precondition(columnCount.map { $0 > 0 && $0 <= Int(Int32.max) } ?? true, "\(columnCount ?? 0) columns")
    precondition(categoryLimit >= 1 && categoryLimit <= 1 << 20, "\(categoryLimit) values of a categorical column")
    self.header = header
    self.delimiter = delimiter
    self.usesQuotes = usesQuotes
    self.columns = columns
    self.columnsApart = columnsApart
    self.labelColumn = labelColumn
    self.missing = missing
    self.categoricalColumns = categoricalColumns
    self.categoryLimit = categoryLimit
    self.encoding = encoding
    self.columnCount = columnCount
    self.threadCount = threadCount
    self.memoryLimit = memoryLimit
  }

  /// The delimiter that a user means by `text`: one character, or the words `tab`, `comma`, `semicolon`, `space`, or `\t`.
  ///
  /// - Throws: `LockstepError` with code `.usage` for more than one byte, or one that numbers or lines are made of.
  public static func delimiter(_ text: String) throws -> UInt8 {
    let names = ["tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|"]
    let bytes = Array((names[text.lowercased()] ?? text).utf8)
    guard bytes.count == 1, isPossibleDelimiter(bytes[0]) else {
      throw LockstepError(
        .usage, "\"\(text)\" cannot separate fields",
        remedy: "give one character that is no letter, digit, sign, point, quote or line end, for example ';' or tab")
    }
    return bytes[0]
  }

  static func isPossibleDelimiter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      false
    case 0, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "\""), UInt8(ascii: "\n"),
      UInt8(ascii: "\r"):
      false
    default: byte < 0x80
    }
  }
}

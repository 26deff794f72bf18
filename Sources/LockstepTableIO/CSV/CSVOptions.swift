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

/// How a CSV file is written.
public struct CSVOptions: Hashable, Sendable {
  /// Whether the first row names the columns; ``CSVHeader/automatic`` by default.
  public var header: CSVHeader
  /// The byte between two fields; `nil`, the default, takes the one among `,` `;` tab `|` that the first line has most of.
  public var delimiter: UInt8?
  /// Whether double quotes enclose fields that hold a delimiter, a line end or a doubled quote; `true` by default.
  public var usesQuotes: Bool

  /// Words that stand for a missing value, besides an empty field, `NA` and `nan`; ``usualMissingWords`` by default.
  public var missingWords: [String]
  /// The byte that begins lines to pass over; `nil`, the default, for none.
  ///
  /// Such lines hold no double quotes.
  public var comment: UInt8?
  /// The number of lines before the header, or the first row; 0 by default.
  public var skippedLineCount: Int
  /// The byte between the whole part of a number and its fraction; a point by default.
  public var decimalMark: UInt8
  /// The byte between groups of three digits; `nil`, the default, for none.
  public var groupMark: UInt8?

  /// The words that pandas, too, takes for missing values unless told otherwise.
  public static let usualMissingWords = [
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NULL", "None", "n/a", "null",
  ]

  /// Creates options; what is not given has its default.
  ///
  /// - Precondition: `skippedLineCount` ≥ 0; words for missing values have at most 255 bytes.
  public init(
    header: CSVHeader = .automatic, delimiter: UInt8? = nil, usesQuotes: Bool = true,
    missingWords: [String] = usualMissingWords, comment: UInt8? = nil, skippedLineCount: Int = 0,
    decimalMark: UInt8 = UInt8(ascii: "."), groupMark: UInt8? = nil
  ) {
    precondition(skippedLineCount >= 0, "\(skippedLineCount) lines to skip")
    precondition(missingWords.allSatisfy { $0.utf8.count <= 255 }, "a word of more than 255 bytes")
    self.header = header
    self.delimiter = delimiter
    self.usesQuotes = usesQuotes
    self.missingWords = missingWords
    self.comment = comment
    self.skippedLineCount = skippedLineCount
    self.decimalMark = decimalMark
    self.groupMark = groupMark
  }

  /// The one byte that a user means by `text`, which marks something in numbers or lines.
  ///
  /// - Throws: `LockstepError` with code `.usage` for more than one byte, or one that numbers are made of.
  public static func mark(_ text: String, of what: String) throws -> UInt8 {
    let bytes = Array(text.utf8)
    guard bytes.count == 1, bytes[0] < 0x80, bytes[0] > 0x20 || bytes[0] == 0x20,
      bytes[0] == UInt8(ascii: ".") || isPossibleDelimiter(bytes[0])
    else {
      throw LockstepError(
        .usage, "\"\(text)\" cannot be the \(what)",
        remedy: "give one character that is no letter, digit, sign or quote")
    }
    return bytes[0]
  }

  /// Throws if two marks are the same.
  func checkMarks() throws {
    guard decimalMark != groupMark else {
      throw LockstepError(
        .usage, "the decimal mark and the mark between groups of digits are the same", remedy: "give two")
    }
    guard comment == nil || (comment != delimiter && comment != decimalMark) else {
      throw LockstepError(.usage, "the mark of comments is one of fields or numbers, too", remedy: "give another")
    }
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

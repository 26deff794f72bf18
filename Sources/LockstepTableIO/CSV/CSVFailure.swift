// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors

/// Where parsing stopped and why, before it is known on which line that is.
struct CSVFailure: Sendable {
  /// Why.
  var stop: LockstepCSVStop
  /// The offset in the file of the row, field or quote that is wrong.
  var offset: Int
  /// The wrong field's bytes, or their beginning.
  var text: [UInt8]
  /// The index of the wrong field, or the number of fields of a row of the wrong length.
  var field: Int

  /// The most bytes of a wrong field that a message shows.
  static let shownByteCount = 40

  /// The error to throw, once the line is known.
  func error(
    name: String, line: Int, layout: CSVLayout, is32Bit: Bool,
    categoryLimit: Int = CategoricalColumns.defaultLimit
  ) -> LockstepError {
    let isFieldAtFault = stop != LockstepCSVShortRow && stop != LockstepCSVLongRow
    var place = LockstepError.Place(file: name, line: line)
    if isFieldAtFault {
      place.column = field + 1
      if let names = layout.columnNames, field < names.count { place.columnName = names[field] }
    }
    switch stop {
    case LockstepCSVMissing:
      let message = text.isEmpty ? "the value is missing" : "\(quoted) stands for a missing value"
      return LockstepError(
        .malformedInput, message, remedy: "fill it in, or pass \(option: .missing, "skip-row") to leave such rows out",
        place: place)
    case LockstepCSVOutOfRange:
      let remedy = is32Bit ? "read 64-bit numbers, without \(option: .single), or fix it" : "fix it"
      return LockstepError(
        .malformedInput, "\(quoted) is too large for a \(is32Bit ? 32 : 64)-bit number", remedy: remedy, place: place)
    case LockstepCSVShortRow, LockstepCSVLongRow:
      let expected = layout.columnNames == nil ? "the first row" : "the header"
      let fields = field == 1 ? "1 field" : "\(field) fields"
      return LockstepError(
        .malformedInput, "\(fields) where \(expected) has \(layout.columnCount)",
        remedy: "every row needs the same number; check for a missing, spare or different delimiter", place: place)
    case LockstepCSVLongLabel:
      return LockstepError(
        .malformedInput, "the label \(quoted) has more than 65,535 bytes",
        remedy: "check that the column holds labels, and that quotes are closed", place: place)
    case LockstepCSVUnknownText: return CategoryTable.unknown(quoted, place: place)
    case LockstepCSVTooManyTexts:
      // Which row was one too many depends on the threads.
      place.line = nil
      return CategoryTable.tooMany(limit: categoryLimit, place: place)
    case LockstepCSVQuotedComment:
      place.column = nil
      place.columnName = nil
      return LockstepError(
        .malformedInput, "a line that is a comment holds a quote",
        remedy: "leave the quote out, or leave out the option for comments if the line is a row", place: place)
    case LockstepCSVStrayQuote: return CSVFailure.strayQuote(place: place)
    case LockstepCSVOpenQuote:
      return LockstepError(
        .malformedInput, "the quote that opens here is never closed",
        remedy: CSVFailure.quoteRemedy, place: place)
    default:
      return LockstepError(.malformedInput, "\(quoted) is not a number", remedy: remedy, place: place)
    }
  }

  static let quoteRemedy = "close it, or pass \(option: .noQuotes) if quotes are ordinary text"

  static func strayQuote(place: LockstepError.Place) -> LockstepError {
    LockstepError(
      .malformedInput, "there is a quote in the middle of the field",
      remedy:
        "enclose the whole field in quotes and double those within, or pass \(option: .noQuotes) if quotes are ordinary text",
      place: place)
  }

  /// What a field that is no number suggests.
  private var remedy: String {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let isNumberLike = text.contains { digits.contains($0) }
    let others = Set(text.filter { !digits.contains($0) && !".-+eE".utf8.contains($0) })
    if isNumberLike, others == [UInt8(ascii: ",")] {
      return isGrouped
        ? "pass \(option: .thousands, ",") if commas group the digits, or \(option: .decimal, ",") if this one is the decimal mark"
        : "pass \(option: .decimal, ",") if the comma is the decimal mark, and \(option: .delimiter, ";") if semicolons separate the fields"
    }
    if isNumberLike, others == [UInt8(ascii: ";")] || others == [UInt8(ascii: ";"), UInt8(ascii: ",")] {
      return
        "pass \(option: .delimiter, ";") if semicolons separate the fields, and \(option: .decimal, ",") if commas are decimal marks"
    }
    if isNumberLike, !others.isEmpty, others.isSubset(of: [0x20, 0x09]) {
      return "fix it, or pass \(option: .delimiter) if blanks separate the fields"
    }
    if text.count >= 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-") {
      return "write dates as 2024-01-31 or 2024-01-31T12:30:05Z, of days that there are"
    }
    if text.contains(0x0D) { return "end the lines with LF or CR LF, not with CR alone" }
    return "fix it, leave the column out with \(option: .columns), or make it categorical with \(option: .categorical)"
  }

  /// Whether commas stand before groups of three digits, as in 1,234,567.
  private var isGrouped: Bool {
    let groups = text.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
      .prefix { $0 != UInt8(ascii: ".") }.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    return groups.count > 1 && (1...3).contains(groups[0].count) && groups.dropFirst().allSatisfy { $0.count == 3 }
  }

  /// The field for a message.
  private var quoted: String { Self.quoted(text) }

  /// A field for a message: in quotes, in printable characters, and not too long.
  static func quoted(_ text: [UInt8]) -> String {
    let shown = String(decoding: text.prefix(CSVFailure.shownByteCount), as: UTF8.self)
    return PrintableText.quoted(shown + (text.count > CSVFailure.shownByteCount ? "…" : ""), limit: .max)
  }
}

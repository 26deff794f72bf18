// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// Which fields of each row go where.
struct CSVPlan: Sendable {
  let layout: CSVLayout
  private let fieldFormat: CSVFieldFormat
  let options: ReadOptions
  /// The columns of each table: those of the rows first, then those of the other tables.
  let columns: [[Int]]
  /// The column of the labels, if they are wanted.
  let labelColumn: Int?
  /// The places of the categorical columns among the columns of the rows.
  let categoricalPlaces: [Int]
  /// The texts of the categorical columns, if there are any.
  let categories: CategoryTable?
  /// What a user may want to know of the choice of columns.
  let notes: [String]
  /// For each field its place among the wanted values, −1, or the mark of a text.
  private let slots: [Int32]
  private let widths: [Int32]

  /// The number of values wanted of each row.
  var valueCount: Int { widths.reduce(0) { $0 + Int($1) } }
  /// The number of texts wanted of each row: those of the categorical columns, then the label.
  var textCount: Int { categoricalPlaces.count + (labelColumn == nil ? 0 : 1) }
  /// The number of counts that parsing makes: of missing values, of missing texts, of dates.
  var tallyCount: Int { 2 * valueCount + textCount }

  /// The fewest bytes that a row has, with its line end.
  var leastRowByteCount: Int { max(2, layout.columnCount) }

  init(layout: CSVLayout, options: ReadOptions, name: String, categories: CategoryTable? = nil) throws {
    self.layout = layout
    self.options = options
    fieldFormat = CSVFieldFormat(options.csv)
    // Files of one process share a table; one that is read alone has its own.
    self.categories = categories ?? CategoryTable.suiting(options)
    (columns, labelColumn) = try ColumnSelection.tables(
      of: options, columnCount: layout.columnCount, names: layout.columnNames, file: name)
    notes = ColumnSelection.notes(on: options, columnCount: layout.columnCount, names: layout.columnNames)
    widths = columns.map { Int32($0.count) }
    var slots = [Int32](repeating: -1, count: layout.columnCount)
    for (slot, column) in columns.joined().enumerated() { slots[column] = Int32(slot) }
    categoricalPlaces = try options.categoricalPlaces(
      of: columns[0], columnCount: layout.columnCount, names: layout.columnNames, file: name)
    self.categories?.prepare(columnCount: categoricalPlaces.count)
    let textColumns = categoricalPlaces.map { [columns] in columns[0][$0] } + [labelColumn].compactMap { $0 }
    for (number, column) in textColumns.enumerated() { slots[column] = Int32(LockstepCSVTextSlot - number) }
    self.slots = slots
  }

  /// The names of the columns of table `t`, if there are any.
  func names(_ t: Int) -> [String]? {
    layout.columnNames.map { names in columns[t].map { names[$0] } }
  }

  /// The counts of missing values and kinds of values that parsing `rowCount` rows has made.
  func facts(_ tallies: [UInt64], rowCount: Int) -> (missing: [Int], missingTexts: [Int], kinds: [ValueKinds]) {
    let counts = tallies.map(Int.init)
    let missing = Array(counts[..<valueCount])
    let dates = counts[(valueCount + textCount)...]
    let kinds = zip(missing, dates).enumerated().map { place, counts -> ValueKinds in
      guard !categoricalPlaces.contains(place) else { return [] }
      let (missing, dates) = counts
      return (dates > 0 ? ValueKinds.dates : []).union(rowCount > missing + dates ? .numbers : [])
    }
    return (missing, Array(counts[valueCount..<valueCount + textCount]), kinds)
  }

  /// Parses the whole rows of `text`, of at most `lineCount` lines, to the given row of the matrices and labels on.
  func parse<Element: Scalar>(
    _ text: UnsafeMutableRawBufferPointer, into matrices: [MatrixReservation<Element>], at row: Int,
    labels: MatrixReservation<Int64>?, thread: Int, names: inout LabelTable, cache: inout CategoryCache,
    scratch: UnsafeMutablePointer<Element>, tallies: UnsafeMutablePointer<UInt64>, lineCount: Int
  ) -> LockstepCSVOutcome {
    guard textCount > 0 else {
      return parse(text, into: matrices, at: row, scratch: scratch, tallies: tallies, texts: nil)
    }
    let spans = UnsafeMutablePointer<LockstepCSVSpan>.allocate(capacity: max(1, lineCount) * textCount)
    defer { spans.deallocate() }
    var outcome = parse(text, into: matrices, at: row, scratch: scratch, tallies: tallies, texts: spans)
    let text = UnsafeRawBufferPointer(text)
    if let labels {
      let marks = labels.row(row)
      for i in 0..<Int(outcome.rowCount) {
        let span = spans[i * textCount + textCount - 1]
        marks[i] = LabelMark.mark(thread: thread, number: names.number(of: span, in: text))
      }
    }
    if let categories, !categoricalPlaces.isEmpty {
      code(spans, of: text, in: categories, cache: &cache, into: matrices[0], at: row, outcome: &outcome)
    }
    return outcome
  }

  /// Writes the codes of the categorical columns' texts into the rows that have been parsed.
  private func code<Element: Scalar>(
    _ spans: UnsafeMutablePointer<LockstepCSVSpan>, of text: UnsafeRawBufferPointer, in categories: CategoryTable,
    cache: inout CategoryCache, into matrix: MatrixReservation<Element>, at row: Int, outcome: inout LockstepCSVOutcome
  ) {
    for i in 0..<Int(outcome.rowCount) {
      let elements = UnsafeMutableRawPointer(matrix.row(row + i))
      for (k, place) in categoricalPlaces.enumerated() {
        let span = spans[i * textCount + k]
        let value: Double
        do throws(CategoryTable.Refusal) {
          value = Double(try cache.code(of: span, in: text, column: k, table: categories))
        } catch {
          outcome.stop = error == .unknown ? LockstepCSVUnknownText : LockstepCSVTooManyTexts
          (outcome.offset, outcome.length) = (span.offset, Int(span.length))
          outcome.field = Int32(columns[0][place])
          return
        }
        if Element.self == Float.self {
          elements.storeBytes(of: Float(value), toByteOffset: place * 4, as: Float.self)
        } else {
          elements.storeBytes(of: value, toByteOffset: place * 8, as: Double.self)
        }
      }
    }
  }

  /// Parses the whole rows of `text` to the given row of the matrices on.
  private func parse<Element: Scalar>(
    _ text: UnsafeMutableRawBufferPointer, into matrices: [MatrixReservation<Element>], at row: Int,
    scratch: UnsafeMutablePointer<Element>, tallies: UnsafeMutablePointer<UInt64>,
    texts: UnsafeMutablePointer<LockstepCSVSpan>?
  ) -> LockstepCSVOutcome {
    let destinations = matrices.map { UnsafeMutableRawPointer($0.row(row)) }
    return slots.withUnsafeBufferPointer { slots in
      widths.withUnsafeBufferPointer { widths in
        destinations.withUnsafeBufferPointer { destinations in
          guard let slotBase = slots.baseAddress, let widthBase = widths.baseAddress,
            let destinationBase = destinations.baseAddress, let textBase = text.baseAddress
          else { return LockstepCSVOutcome() }
          return fieldFormat.withFormat { fields in
            var format = LockstepCSVFormat(
              fields: fields, comment: CChar(bitPattern: options.csv.comment ?? 0),
              delimiter: CChar(bitPattern: layout.delimiter), usesQuotes: options.csv.usesQuotes,
              skipsIncompleteRows: options.missing != .error, fieldCount: Int32(layout.columnCount), slots: slotBase,
              matrixCount: Int32(matrices.count), widths: widthBase, textCount: Int32(textCount),
              fillableCount: options.missing.keepsMissing ? widths[0] : 0)
            return lockstep_csv_parse(
              &format, textBase.assumingMemoryBound(to: CChar.self), text.count, Element.self == Float.self,
              destinationBase, scratch, tallies, tallies + valueCount + textCount, texts)
          }
        }
      }
    }
  }
}

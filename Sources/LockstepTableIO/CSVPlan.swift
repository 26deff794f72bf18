// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// Which fields of each row go where.
struct CSVPlan: Sendable {
  let layout: CSVLayout
  let options: CSVOptions
  /// The columns of each table: those of the rows first, then those apart.
  let columns: [[Int]]
  /// The column of the labels, if they are wanted.
  let labelColumn: Int?
  /// For each field its place among the wanted values, −1, or the mark of a label.
  private let slots: [Int32]
  private let widths: [Int32]

  /// The number of values wanted of each row.
  var valueCount: Int { widths.reduce(0) { $0 + Int($1) } }

  /// The fewest bytes that a row has, with its line end.
  var leastRowByteCount: Int { max(2, layout.columnCount) }

  init(layout: CSVLayout, options: CSVOptions, name: String) throws {
    self.layout = layout
    self.options = options
    (columns, labelColumn) = try ColumnSelection.tables(
      of: options, columnCount: layout.columnCount, names: layout.columnNames, file: name)
    widths = columns.map { Int32($0.count) }
    var slots = [Int32](repeating: -1, count: layout.columnCount)
    for (slot, column) in columns.joined().enumerated() { slots[column] = Int32(slot) }
    if let labelColumn { slots[labelColumn] = Int32(LockstepCSVLabelSlot) }
    self.slots = slots
  }

  /// The names of the columns of table `t`, if there are any.
  func names(_ t: Int) -> [String]? {
    layout.columnNames.map { names in columns[t].map { names[$0] } }
  }

  /// Parses the whole rows of `text`, of at most `lineCount` lines, to the given row of the matrices and labels on.
  func parse<Element: Scalar>(
    _ text: UnsafeMutableRawBufferPointer, into matrices: [MatrixReservation<Element>], at row: Int,
    labels: MatrixReservation<Int64>?, thread: Int, names: inout LabelTable, scratch: UnsafeMutablePointer<Element>,
    missingCounts: UnsafeMutablePointer<UInt64>, lineCount: Int
  ) -> LockstepCSVOutcome {
    guard let labels else {
      return parse(text, into: matrices, at: row, scratch: scratch, missingCounts: missingCounts, labels: nil)
    }
    let spans = UnsafeMutablePointer<LockstepCSVSpan>.allocate(capacity: max(1, lineCount))
    defer { spans.deallocate() }
    let outcome = parse(text, into: matrices, at: row, scratch: scratch, missingCounts: missingCounts, labels: spans)
    let marks = labels.row(row)
    for i in 0..<Int(outcome.rowCount) {
      marks[i] = LabelMark.mark(thread: thread, number: names.number(of: spans[i], in: UnsafeRawBufferPointer(text)))
    }
    return outcome
  }

  /// Parses the whole rows of `text` to the given row of the matrices on.
  private func parse<Element: Scalar>(
    _ text: UnsafeMutableRawBufferPointer, into matrices: [MatrixReservation<Element>], at row: Int,
    scratch: UnsafeMutablePointer<Element>, missingCounts: UnsafeMutablePointer<UInt64>,
    labels: UnsafeMutablePointer<LockstepCSVSpan>?
  ) -> LockstepCSVOutcome {
    let destinations = matrices.map { UnsafeMutableRawPointer($0.row(row)) }
    return slots.withUnsafeBufferPointer { slots in
      widths.withUnsafeBufferPointer { widths in
        destinations.withUnsafeBufferPointer { destinations in
          guard let slotBase = slots.baseAddress, let widthBase = widths.baseAddress,
            let destinationBase = destinations.baseAddress, let textBase = text.baseAddress
          else { return LockstepCSVOutcome() }
          var format = LockstepCSVFormat(
            delimiter: CChar(bitPattern: layout.delimiter), usesQuotes: options.usesQuotes,
            skipsIncompleteRows: options.missing == .skipRow, fieldCount: Int32(layout.columnCount), slots: slotBase,
            matrixCount: Int32(matrices.count), widths: widthBase)
          return lockstep_csv_parse(
            &format, textBase.assumingMemoryBound(to: CChar.self), text.count, Element.self == Float.self,
            destinationBase, scratch, missingCounts, labels)
        }
      }
    }
  }
}

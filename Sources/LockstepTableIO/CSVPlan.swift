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
  /// For each field its place among the wanted values, or −1.
  private let slots: [Int32]
  private let widths: [Int32]

  /// The number of values wanted of each row.
  var valueCount: Int { widths.reduce(0) { $0 + Int($1) } }

  /// The fewest bytes that a row has, with its line end.
  var leastRowByteCount: Int { max(2, layout.columnCount) }

  init(layout: CSVLayout, options: CSVOptions, name: String) throws {
    self.layout = layout
    self.options = options
    columns = try ColumnSelection.tables(
      rows: options.columns, apart: options.columnsApart, columnCount: layout.columnCount, names: layout.columnNames,
      file: name)
    widths = columns.map { Int32($0.count) }
    var slots = [Int32](repeating: -1, count: layout.columnCount)
    for (slot, column) in columns.joined().enumerated() { slots[column] = Int32(slot) }
    self.slots = slots
  }

  /// The names of the columns of table `t`, if there are any.
  func names(_ t: Int) -> [String]? {
    layout.columnNames.map { names in columns[t].map { names[$0] } }
  }

  /// Parses the whole rows of `text` to the given row of the matrices on.
  func parse<Element: Scalar>(
    _ text: UnsafeMutableRawBufferPointer, into matrices: [MatrixReservation<Element>], at row: Int,
    scratch: UnsafeMutablePointer<Element>, missingCounts: UnsafeMutablePointer<UInt64>
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
            destinationBase, scratch, missingCounts)
        }
      }
    }
  }
}

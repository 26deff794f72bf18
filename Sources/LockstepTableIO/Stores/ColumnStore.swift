// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// A table whose rows are numbered, and can be fetched by range without reading the others.
///
/// Formats that know where their rows are conform to it: one function, ``ColumnStoreRows``, makes of any of them what a user asked for.
protocol ColumnStore: Sendable {
  /// What the user calls it, for messages.
  var name: String { get }
  var rowCount: Int { get }
  var columnCount: Int { get }
  var columnNames: [String]? { get }
  /// Whether rows are fetched again as fast as from a scratch file, because nothing has to be unpacked.
  var isCheap: Bool { get }

  /// About the memory that fetching rows takes besides them, with so many threads.
  func workingByteCount(threadCount: Int) -> Int

  /// Makes sure that the columns hold numbers.
  ///
  /// - Throws: `LockstepError` that names the first one that does not.
  func requireNumbers(in columns: [Int]) throws

  /// The ranges that make up `rows`, in order, each of which is best fetched in one go.
  func pieces(of rows: Range<Int>) -> [Range<Int>]

  /// The same rows, for someone who will ask for those of a range in order, piece after piece, on one thread.
  func inOrder(_ rows: Range<Int>) -> any ColumnStore

  /// Copies rows to tables, row after row, as 32-bit or 64-bit numbers; what is missing becomes NaN.
  ///
  /// Called by several threads at the same time.
  ///
  /// - Throws: `LockstepError` if what is read is damaged.
  func copy(_ rows: Range<Int>, to targets: [ColumnTarget], isSingle: Bool) throws

  /// Lets go of what was loaded into memory to read rows that have been copied.
  func release()

  /// The label of each row in a column of whole numbers or texts.
  ///
  /// - Throws: `LockstepError` if the column holds anything else.
  func labels(_ column: Int, of rows: Range<Int>) throws -> StoredLabels

  /// The rows where they are, in as many runs as they lie in; `nil` if they have to be copied.
  func shown<Element: Scalar>(
    _ columns: [Int], of rows: Range<Int>, as type: Element.Type
  ) throws -> [DenseRows<Element>]?
}

extension ColumnStore {
  func requireNumbers(in columns: [Int]) throws {}

  func pieces(of rows: Range<Int>) -> [Range<Int>] {
    stride(from: rows.lowerBound, to: rows.upperBound, by: 1 << 16).map { $0..<min($0 + 1 << 16, rows.upperBound) }
  }

  func inOrder(_ rows: Range<Int>) -> any ColumnStore { self }

  func release() {}

  /// That of the piece that is read.
  func workingByteCount(threadCount: Int) -> Int {
    (pieces(of: 0..<rowCount).lazy.prefix(1 << 10).map(\.count).max() ?? 0) * columnCount * MemoryLayout<Double>.stride
  }

  func shown<Element: Scalar>(
    _ columns: [Int], of rows: Range<Int>, as type: Element.Type
  ) throws -> [DenseRows<Element>]? { nil }

  /// Where a value is, counting columns from 1 as messages do.
  func place(row: Int? = nil, column: Int) -> LockstepError.Place {
    LockstepError.Place(file: name, row: row, column: column + 1, columnName: columnNames?[column])
  }

  /// The labels that numbers stand for, which must be whole.
  func labels(ofNumbers numbers: [Double], firstRow: Int, column: Int) throws -> StoredLabels {
    var missing: [Int] = []
    let integers = try numbers.enumerated().map { i, number -> Int64 in
      if let label = Int64(exactly: number) { return label }
      guard number.isNaN else {
        throw LockstepError(
          .malformedInput, "\(number) is no label", remedy: "labels are whole numbers or texts",
          place: place(row: firstRow + i, column: column))
      }
      missing.append(i)
      return 0
    }
    return StoredLabels(labels: RowLabels(integers), missing: missing)
  }
}

/// Columns that are wanted, and where their rows go.
struct ColumnTarget {
  var columns: [Int]
  var address: UnsafeMutableRawPointer
}

/// The labels of rows, some of which may be missing.
struct StoredLabels {
  /// One for each row, of any value where it is missing.
  var labels: RowLabels
  /// The rows without a label, counted from the first one asked for.
  var missing: [Int]
}

// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables
import Synchronization

/// The number of rows whose values are made at a time.
public enum RowValuesBlock {
  /// The number of rows.
  public static let rowCount = 1 << 16
  /// The number of such blocks that hold some rows.
  public static func count(rowCount: Int) -> Int { (rowCount + Self.rowCount - 1) / Self.rowCount }
}

extension RowValuedModel {
  /// The values of this rank's rows, block by block of ``RowValuesBlock/rowCount``, made by the context's threads; no communication.
  ///
  /// - Throws: What ``rowValues(of:)`` throws, with the row counted from this rank's first.
  public func rowValues(of source: some RowSource, in context: ExecutionContext) throws -> [RowValues] {
    var blocks: [any RowBlock] = []
    for start in stride(from: 0, to: source.rowCount, by: RowValuesBlock.rowCount) {
      let range = start..<min(start + RowValuesBlock.rowCount, source.rowCount)
      if let block = try source.rows(range) { blocks.append(block) }
    }
    let shared = blocks
    let results = Mutex<[Int: RowValues]>([:])
    try context.forEachBlock(of: 0..<source.rowCount, blockRowCount: RowValuesBlock.rowCount) { rows in
      let i = rows.lowerBound / RowValuesBlock.rowCount
      do {
        try Cancellation.check()
        let values = try rowValues(of: shared[i])
        results.withLock { $0[i] = values }
      } catch var error as LockstepError {
        // The model knows rows of its block only.
        error.place?.row? += rows.lowerBound
        throw error
      }
    }
    let found = results.withLock { $0 }
    return blocks.indices.compactMap { found[$0] }
  }
}

extension RowValuedModel {
  /// All values in one, of this model's kind even if there are none.
  ///
  /// - Throws: What ``rowValues(of:)`` throws of no rows.
  public func joined(_ values: [RowValues]) throws -> RowValues {
    values.isEmpty ? try rowValues(of: DenseRows<Double>([], columnCount: columnCount)) : values.joined
  }
}

extension [RowValues] {
  /// All values in one.
  ///
  /// - Precondition: they are of one kind.
  fileprivate var joined: RowValues {
    guard let first else { return .integers([]) }
    switch first {
    case .integers:
      return .integers(
        flatMap { values -> [Int32] in
          guard case .integers(let integers) = values else {
            preconditionFailure("a model's values changed their kind")
          }
          return integers
        })
    case .labels(let labels):
      return .labels(
        labels.appending(
          dropFirst().map { values -> RowLabels in
            guard case .labels(let labels) = values else { preconditionFailure("a model's values changed their kind") }
            return labels
          }))
    case .doubles(let matrix):
      let elements = flatMap { values -> [Double] in
        guard case .doubles(let matrix) = values else { preconditionFailure("a model's values changed their kind") }
        return matrix.elements
      }
      return .doubles(
        Matrix(rowCount: reduce(0) { $0 + $1.rowCount }, columnCount: matrix.columnCount, elements: elements))
    case .rows(let rows):
      let later = dropFirst().map { values -> any RowBlock in
        guard case .rows(let rows) = values else { preconditionFailure("a model's values changed their kind") }
        return rows
      }
      guard !later.isEmpty, let all = rows.appending(later) as? DenseRows<Double> else { return first }
      return .rows(all)
    }
  }
}

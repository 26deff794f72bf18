// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables
import Synchronization

extension RowValuedModel {
  /// The number of rows whose values are made at a time.
  private static var blockRowCount: Int { 1 << 16 }

  /// The values of this rank's rows in some pieces, in order, made by the context's threads; no communication.
  ///
  /// Numbers that a limit of memory does not hold are put into a scratch file.
  ///
  /// - Throws: What ``rowValues(of:)`` throws, with the row counted from this rank's first.
  public func rowValues(of source: some RowSource, in context: ExecutionContext) throws -> [RowValues] {
    try rowValues(of: source, in: context) { try rowValues(of: $0) }
  }

  /// The same for what `evaluate` says of each row.
  package func rowValues(
    of source: some RowSource, in context: ExecutionContext, _ evaluate: @Sendable (any RowBlock) throws -> RowValues
  ) throws -> [RowValues] {
    var all: [RowValues] = []
    var stored: RowMemory<Double>?
    var start = 0
    try source.forEachChunk { chunk in
      let found = try rowValues(of: chunk, from: start, in: context, evaluate)
      if start == 0, context.memoryLimit != nil, case .doubles(let matrix)? = found.first {
        stored = try context.makeRowMemory(0..<source.rowCount, valuesPerRow: matrix.columnCount)
      }
      for values in found {
        guard let stored, case .doubles(let matrix) = values else {
          all.append(values)
          start += values.rowCount
          continue
        }
        stored.withValues(firstRow: start, count: matrix.rowCount) {
          _ = $0.initialize(fromContentsOf: matrix.elements)
        }
        start += matrix.rowCount
      }
    }
    return stored.map { [RowValues($0.runs(0..<start), columnCount: $0.valuesPerRow)] } ?? all
  }

  /// The values of a run of rows, block by block.
  private func rowValues(
    of chunk: any RowBlock, from start: Int, in context: ExecutionContext,
    _ evaluate: @Sendable (any RowBlock) throws -> RowValues
  ) throws -> [RowValues] {
    let results = Mutex<[Int: RowValues]>([:])
    try context.forEachBlock(of: 0..<chunk.rowCount, blockRowCount: Self.blockRowCount) { rows in
      do {
        try Cancellation.check()
        let values = try evaluate(chunk.rows(rows))
        results.withLock { $0[rows.lowerBound] = values }
      } catch var error as LockstepError {
        // The model knows rows of its block only.
        error.place?.row? += start + rows.lowerBound
        throw error
      }
    }
    return results.withLock { $0 }.sorted { $0.key < $1.key }.map(\.value)
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
    guard count > 1 else { return first }
    switch first {
    case .runs: preconditionFailure("values in runs come in one piece")
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
      guard let all = rows.appending(later) as? DenseRows<Double> else { return first }
      return .rows(all)
    }
  }
}

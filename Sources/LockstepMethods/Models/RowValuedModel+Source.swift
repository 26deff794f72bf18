// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepReduction
import LockstepTables
import Synchronization

extension RowValuedModel {
  /// The number of rows whose values are made at a time.
  private static var blockRowCount: Int { 1 << 16 }

  /// The values of this rank's rows, block by block, made by the context's threads; no communication.
  ///
  /// Numbers that a limit of memory does not hold are put into a scratch file.
  ///
  /// - Throws: What ``rowValues(of:)`` throws, with the row counted from this rank's first.
  public func rowValues(of source: some RowSource, in context: ExecutionContext) throws -> RowValues {
    try rowValues(of: source, in: context) { try rowValues(of: $0) }
  }

  /// The same on all ranks.
  ///
  /// Collective: if one of them fails, all do.
  func agreedValues(of source: some RowSource, in context: ExecutionContext) throws -> RowValues {
    try context.agree { try rowValues(of: source, in: context) }
  }

  /// The numbers of this rank's rows, of a model that has no other values.
  ///
  /// Collective.
  func agreedNumbers(of source: some RowSource, in context: ExecutionContext) throws -> ComputedRows {
    guard case .numbers(let rows) = try agreedValues(of: source, in: context) else {
      preconditionFailure("the values of a \(Self.methodName) model are no numbers")
    }
    return rows
  }

  /// What `evaluate` says of each of this rank's rows, block by block; no communication.
  package func rowValues(
    of source: some RowSource, in context: ExecutionContext, _ evaluate: @Sendable (any RowBlock) throws -> RowValues
  ) throws -> RowValues {
    var all: [RowValues] = []
    var stored: RowMemory<Double>?
    var start = 0
    try source.forEachChunk { chunk in
      for values in try rowValues(of: chunk, from: start, in: context, evaluate) {
        if context.memoryLimit != nil, case .numbers(let rows) = values {
          let memory = try stored ?? context.makeRowMemory(0..<source.rowCount, valuesPerRow: rows.columnCount)
          stored = memory
          try rows.forEachRun { numbers in
            memory.withValues(firstRow: start, count: rows.rowCount) { _ = $0.initialize(fromContentsOf: numbers) }
          }
        } else {
          all.append(values)
        }
        start += values.rowCount
      }
    }
    if let stored { return .numbers(ComputedRows(stored.runs(0..<start), columnCount: stored.valuesPerRow)) }
    // Of no rows, still of this model's kind.
    return try RowValues(joining: all) ?? evaluate(DenseRows<Double>([], columnCount: columnCount))
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

extension ProbabilisticModel {
  /// The probability of each class for each of this rank's rows, block by block; no communication.
  package func probabilityValues(of source: some RowSource, in context: ExecutionContext) throws -> RowValues {
    try rowValues(of: source, in: context) { rows in
      var result = try predictedLogProbabilities(rows)
      for e in result.elements.indices { result.elements[e] = exp(result.elements[e]) }
      return .numbers(result)
    }
  }

  /// The logarithm of the probability of each class for each of this rank's rows, block by block; no communication.
  package func logProbabilityValues(of source: some RowSource, in context: ExecutionContext) throws -> RowValues {
    try rowValues(of: source, in: context) { .numbers(try predictedLogProbabilities($0)) }
  }
}

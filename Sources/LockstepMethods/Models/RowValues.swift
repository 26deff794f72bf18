// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// One value, or one row of values, for each row: what a model says of rows, or a fit besides its model.
public enum RowValues: Sendable {
  /// A code for each row: a cluster.
  case integers([Int32])
  /// A class for each row.
  case labels(RowLabels)
  /// Numbers for each row.
  case numbers(ComputedRows)

  /// The number of rows.
  public var rowCount: Int {
    switch self {
    case .integers(let values): values.count
    case .labels(let values): values.count
    case .numbers(let values): values.rowCount
    }
  }

  /// All values, in order; `nil` of none.
  ///
  /// - Precondition: they are of one kind.
  init?(joining all: [RowValues]) {
    guard let first = all.first else { return nil }
    guard all.count > 1 else {
      self = first
      return
    }
    switch first {
    case .integers:
      self = .integers(
        all.flatMap { values -> [Int32] in
          if case .integers(let integers) = values { integers } else { [] }
        })
    case .labels(let labels):
      let later = all.dropFirst().compactMap { values -> RowLabels? in
        if case .labels(let labels) = values { labels } else { nil }
      }
      self = .labels(labels.appending(later))
    case .numbers(let rows):
      let runs = all.flatMap { values -> [RowRun] in
        if case .numbers(let rows) = values { rows.runs } else { [] }
      }
      self = .numbers(ComputedRows(runs, columnCount: rows.columnCount))
    }
    precondition(rowCount == all.reduce(0) { $0 + $1.rowCount }, "a model's values changed their kind")
  }

  /// The values as JSON, one entry for each row.
  ///
  /// - Throws: What bringing values into memory throws.
  public func json() throws -> [JSONValue] {
    switch self {
    case .integers(let values): return values.map { .integer(Int($0)) }
    case .labels(let values):
      return (0..<values.count).map {
        switch values[$0] {
        case .integer(let value): .integer(value)
        case .string(let text): .string(text)
        }
      }
    case .numbers(let rows):
      var entries: [JSONValue] = []
      try rows.forEachChunk { block in
        entries += (0..<block.rowCount).map { i in
          let numbers = block.row(i).map(JSONValue.double)
          return rows.columnCount == 1 ? numbers[0] : .array(numbers)
        }
      }
      return entries
    }
  }

  /// The values in pieces of so many rows at the most, those of numbers loaded into memory one after the other.
  package func forEachPiece(ofAtMost pieceRowCount: Int, _ body: (RowValues) throws -> Void) throws {
    func cut(_ count: Int, _ values: (Range<Int>) -> RowValues) throws {
      for start in stride(from: 0, to: count, by: pieceRowCount) {
        try body(values(start..<min(start + pieceRowCount, count)))
      }
    }
    switch self {
    case .integers(let all): try cut(all.count) { .integers(Array(all[$0])) }
    case .labels(let all): try cut(all.count) { .labels(all.rows($0)) }
    case .numbers(let all):
      try all.forEachChunk { block in
        try cut(block.rowCount) { .numbers(ComputedRows([RowRun(block.rows($0))], columnCount: all.columnCount)) }
      }
    }
  }

  /// The number of such pieces.
  package func pieceCount(ofAtMost pieceRowCount: Int) -> Int {
    func pieces(_ count: Int) -> Int { (count + pieceRowCount - 1) / pieceRowCount }
    switch self {
    case .integers(let values): return pieces(values.count)
    case .labels(let values): return pieces(values.count)
    case .numbers(let rows): return rows.runs.reduce(0) { $0 + pieces($1.rowCount) }
    }
  }

  /// The bytes that the values take in memory.
  package var byteCount: Double {
    switch self {
    case .integers(let values): 4 * Double(values.count)
    case .labels(let values): 8 * Double(values.count)
    case .numbers(let rows):
      rows.runs.reduce(0) { $1.inMemory == nil ? $0 : $0 + 8 * Double($1.rowCount * rows.columnCount) }
    }
  }
}

/// Numbers that were computed for each row: in memory, or in a scratch file, from where they are brought there run by run.
///
/// Rows like any others: a method can be fitted to them, and a model asked about them, under a limit of memory too.
public struct ComputedRows: RowSource {
  /// The number of numbers for each row.
  public let columnCount: Int
  /// The number of rows.
  public let rowCount: Int
  /// `dense Double`.
  public var layout: String { "dense \(Double.self)" }
  /// Dense runs of doubles.
  let runs: [RowRun]

  /// Dense runs of doubles.
  package init(_ runs: [RowRun], columnCount: Int) {
    self.runs = runs
    self.columnCount = columnCount
    rowCount = runs.reduce(0) { $0 + $1.rowCount }
  }

  /// The rows of a matrix.
  init(_ matrix: Matrix) {
    let rows = DenseRows(
      RowStorage(count: matrix.elements.count) { _ = $0.initialize(fromContentsOf: matrix.elements) },
      rowCount: matrix.rowCount, columnCount: matrix.columnCount)
    self.init([RowRun(rows)], columnCount: matrix.columnCount)
  }

  /// Calls `body` with the rows, run after run.
  public func forEachChunk(_ body: (any RowBlock) throws -> Void) throws {
    try runs.forEachBlock(of: 0..<rowCount, body)
  }

  /// Calls `body` with the rows of `range`; others are not loaded into memory.
  public func forEachChunk(of range: Range<Int>, _ body: (any RowBlock) throws -> Void) throws {
    try runs.forEachBlock(of: range, body)
  }

  /// Calls `body` with the numbers, row after row, in as many runs as there are.
  package func forEachRun(_ body: (UnsafeBufferPointer<Double>) throws -> Void) throws {
    try forEachChunk { block in
      guard let rows = block as? DenseRows<Double> else { preconditionFailure("values that are no doubles") }
      try rows.withUnsafeElements { try body($0) }
    }
  }

  /// All rows in memory, as they are if they are one run there.
  ///
  /// - Throws: What bringing them there throws.
  public func inMemory() throws -> DenseRows<Double> { try runs.inMemory(columnCount: columnCount) }
}

extension RowValues {
  /// The numbers of each row of a matrix.
  static func numbers(_ matrix: Matrix) -> RowValues { .numbers(ComputedRows(matrix)) }
}

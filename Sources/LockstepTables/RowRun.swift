// SPDX-License-Identifier: Apache-2.0

/// Some consecutive rows: in memory, or loaded when they are needed.
public struct RowRun: Sendable {
  /// The number of rows.
  package let rowCount: Int
  /// The rows, if they are in memory.
  package let inMemory: (any RowBlock)?
  private let load: @Sendable () throws -> any RowBlock

  /// Rows in memory.
  package init(_ rows: any RowBlock) {
    rowCount = rows.rowCount
    inMemory = rows
    load = { rows }
  }

  /// Rows elsewhere, which `load` loads, the same ones each time.
  package init(rowCount: Int, load: @escaping @Sendable () throws -> any RowBlock) {
    self.rowCount = rowCount
    inMemory = nil
    self.load = load
  }

  /// The rows; they stay in memory as long as they are held.
  package func rows() throws -> any RowBlock { try load() }

  /// The rows that `transform` makes of these, as many, made anew each time that they are wanted.
  package func mapped(_ transform: @escaping @Sendable (any RowBlock) throws -> any RowBlock) -> RowRun {
    RowRun(rowCount: rowCount) { [load] in try transform(try load()) }
  }
}

extension Array where Element == RowRun {
  /// Calls `body` with those of the rows that lie in `range`, run after run; the next is loaded while `body` works on one.
  ///
  /// `accompany` makes of a run what `body` gets, given the number of the run; it is not called for others than are wanted.
  package func forEachBlock(
    of range: Range<Int>, accompany: @escaping @Sendable (Int, any RowBlock) throws -> any RowBlock = { $1 },
    _ body: (any RowBlock) throws -> Void
  ) throws {
    var wanted: [(run: Int, rows: Range<Int>)] = []
    var start = 0
    for (i, run) in enumerated() {
      let part = range.clamped(to: start..<start + run.rowCount)
      if !part.isEmpty { wanted.append((i, part.lowerBound - start..<part.upperBound - start)) }
      start += run.rowCount
      if start >= range.upperBound { break }
    }
    let asked = wanted
    try ReadAhead.forEach(
      asked.count, isNear: { self[asked[$0].run].inMemory != nil },
      make: { n in
        let (run, rows) = asked[n]
        let block = try accompany(run, try self[run].rows())
        return rows.count == block.rowCount ? block : block.rows(rows)
      }, body)
  }
}

// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepTables

/// Something small that a method remembers of each row between sweeps: a label, a bound, a distance.
///
/// It lives on the rank that sweeps the row and never travels with a summary. A pass may read and write its own block's
/// entries; what the pass's output is must not depend on them, except through what the same method wrote there.
///
/// Audited `@unchecked Sendable`: blocks are disjoint, a block is handed to one thread at a time, and sweeps do not overlap.
public final class RowMemory<Value: BitwiseCopyable & Sendable>: @unchecked Sendable {
  /// The global numbers of the rows it remembers.
  public let range: Range<Int>
  /// How many values it keeps of each row.
  public let valuesPerRow: Int
  private let values: UnsafeMutableBufferPointer<Value>

  /// Remembers `valuesPerRow` values, all `initial`, of each row of `range`.
  public init(_ range: Range<Int>, valuesPerRow: Int = 1, repeating initial: Value) {
    self.range = range
    self.valuesPerRow = valuesPerRow
    values = .allocate(capacity: range.count * valuesPerRow)
    values.initialize(repeating: initial)
  }

  /// Room for `valuesPerRow` values of each row of `range`, which a sweep writes before anything reads them.
  ///
  /// For outputs as large as the table: nothing is written here, so that the threads of the sweep are the first to touch
  /// the memory, in huge pages where the system has them.
  public init(uninitialized range: Range<Int>, valuesPerRow: Int) {
    self.range = range
    self.valuesPerRow = valuesPerRow
    let byteCount = range.count * valuesPerRow * MemoryLayout<Value>.stride
    let hugePage = 1 << 21
    guard byteCount >= 2 * hugePage else {
      values = .allocate(capacity: range.count * valuesPerRow)
      return
    }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: hugePage)
    // Advice: memory without huge pages serves as well, only slower.
    _ = madvise(memory, byteCount / hugePage * hugePage, MADV_HUGEPAGE)
    values = UnsafeMutableBufferPointer(
      start: memory.bindMemory(to: Value.self, capacity: range.count * valuesPerRow),
      count: range.count * valuesPerRow)
  }

  deinit { UnsafeMutableRawPointer(values.baseAddress)?.deallocate() }

  /// Calls `body` with the values of `count` rows from global row `firstRow`.
  public func withValues<R>(
    firstRow: Int, count: Int, _ body: (UnsafeMutableBufferPointer<Value>) throws -> R
  ) rethrows -> R {
    precondition(
      firstRow >= range.lowerBound && firstRow + count <= range.upperBound,
      "rows \(firstRow)..<\(firstRow + count) are not among \(range)")
    let start = (firstRow - range.lowerBound) * valuesPerRow
    return try body(UnsafeMutableBufferPointer(rebasing: values[start..<start + count * valuesPerRow]))
  }
}

extension RowMemory where Value: Scalar {
  /// The values of some rows as a table of ``valuesPerRow`` columns, without a copy: the memory lives as long as the table.
  ///
  /// - Precondition: no sweep writes into the memory any more.
  public func rows(_ rows: Range<Int>) -> DenseRows<Value> {
    withValues(firstRow: rows.lowerBound, count: rows.count) {
      DenseRows(
        RowStorage(borrowing: UnsafeBufferPointer($0), owner: self), rowCount: rows.count, columnCount: valuesPerRow)
    }
  }
}

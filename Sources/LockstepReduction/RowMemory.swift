// SPDX-License-Identifier: Apache-2.0

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

  deinit { values.deallocate() }

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

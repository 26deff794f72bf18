// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepTables
import Synchronization

/// Something small that a method remembers of each row between sweeps: a label, a bound, a distance.
///
/// It lives on the rank that sweeps the row and never travels with a summary. A pass may read and write its own block's
/// entries; what the pass's output is must not depend on them, except through what the same method wrote there.
///
/// Audited `@unchecked Sendable`: blocks are disjoint, a block is handed to one thread at a time, and sweeps do not overlap.
package final class RowMemory<Value: BitwiseCopyable & Sendable>: @unchecked Sendable {
  /// The global numbers of the rows it remembers.
  package let range: Range<Int>
  /// How many values it keeps of each row.
  package let valuesPerRow: Int
  private let values: UnsafeMutableBufferPointer<Value>
  /// What holds the values if they are in a scratch file.
  private let stored: MappedElements<Value>?
  /// The bytes that may be in memory of such a file, and those touched since it was last released.
  private let residentByteCount: Int
  private let touchedByteCount = Atomic(0)

  /// Remembers `valuesPerRow` values, all `initial`, of each row of `range`.
  package init(_ range: Range<Int>, valuesPerRow: Int = 1, repeating initial: Value) {
    self.range = range
    self.valuesPerRow = valuesPerRow
    (stored, residentByteCount) = (nil, 0)
    values = .allocate(capacity: range.count * valuesPerRow)
    values.initialize(repeating: initial)
  }

  /// Room for `valuesPerRow` values of each row of `range`, which a sweep writes before anything reads them.
  ///
  /// For outputs as large as the table: nothing is written here, so that the threads of the sweep are the first to touch
  /// the memory, in huge pages where the system has them.
  package init(uninitialized range: Range<Int>, valuesPerRow: Int) {
    self.range = range
    self.valuesPerRow = valuesPerRow
    (stored, residentByteCount) = (nil, 0)
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

  /// The same in a scratch file, of which about `residentByteCount` bytes stay in memory.
  ///
  /// - Throws: `LockstepError` with code `.outputFailed` if the disk has no room.
  package init(
    uninitialized range: Range<Int>, valuesPerRow: Int, in file: ScratchFile, residentByteCount: Int
  ) throws {
    self.range = range
    self.valuesPerRow = valuesPerRow
    self.residentByteCount = residentByteCount
    let count = range.count * valuesPerRow
    let stored = try file.room(
      at: try file.reserve(count * MemoryLayout<Value>.stride), count: count, of: Value.self)
    values = stored.elements
    self.stored = stored
  }

  deinit { if stored == nil { UnsafeMutableRawPointer(values.baseAddress)?.deallocate() } }

  /// Calls `body` with the values of `count` rows from global row `firstRow`.
  package func withValues<R>(
    firstRow: Int, count: Int, _ body: (UnsafeMutableBufferPointer<Value>) throws -> R
  ) rethrows -> R {
    precondition(
      firstRow >= range.lowerBound && firstRow + count <= range.upperBound,
      "rows \(firstRow)..<\(firstRow + count) are not among \(range)")
    let start = (firstRow - range.lowerBound) * valuesPerRow
    defer { touch(count * valuesPerRow * MemoryLayout<Value>.stride) }
    return try body(UnsafeMutableBufferPointer(rebasing: values[start..<start + count * valuesPerRow]))
  }

  /// Counts what was touched of a scratch file, and lets go of its memory when that is enough: the values stay in the file.
  private func touch(_ byteCount: Int) {
    guard let stored else { return }
    let total = touchedByteCount.wrappingAdd(byteCount, ordering: .relaxed).newValue
    guard total >= residentByteCount else { return }
    touchedByteCount.store(0, ordering: .relaxed)
    stored.release()
  }
}

extension RowMemory where Value: Scalar {
  /// The values of some rows, without a copy: the memory lives as long as they are held.
  ///
  /// Of a scratch file they are many runs, shown one after the other.
  ///
  /// - Precondition: no sweep writes into the memory any more.
  package func runs(_ rows: Range<Int>) -> [RowRun] {
    guard stored != nil else { return [RowRun(self.rows(rows))] }
    let rowCount = max(1, residentByteCount / max(1, valuesPerRow * MemoryLayout<Value>.stride))
    return stride(from: rows.lowerBound, to: rows.upperBound, by: rowCount).map { start in
      let part = start..<min(start + rowCount, rows.upperBound)
      return RowRun(rowCount: part.count) { self.rows(part) }
    }
  }

  /// The values of some rows as a table of ``valuesPerRow`` columns, without a copy: the memory lives as long as the table.
  ///
  /// - Precondition: no sweep writes into the memory any more.
  package func rows(_ rows: Range<Int>) -> DenseRows<Value> {
    withValues(firstRow: rows.lowerBound, count: rows.count) {
      DenseRows(
        RowStorage(borrowing: UnsafeBufferPointer($0), owner: self), rowCount: rows.count, columnCount: valuesPerRow)
    }
  }
}

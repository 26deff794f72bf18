// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import Glibc
import LockstepErrors
import LockstepTables

/// Address space for a row-major matrix whose number of rows is known only when it has been read.
///
/// Memory is taken page by page as rows are written; what is not needed is given back by ``finish(rowCount:)``.
///
/// Audited `@unchecked Sendable`: threads write to rows of their own, and `finish` is called when all have ended.
final class MatrixReservation<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  private(set) var base: UnsafeMutablePointer<Element>
  let columnCount: Int
  private(set) var capacity: Int
  private var byteCount: Int

  /// Reserves room for `capacity` rows, or returns `nil` if the system refuses that much address space.
  init?(capacity: Int, columnCount: Int) {
    let pageByteCount = Int(sysconf(Int32(_SC_PAGESIZE)))
    let (elements, isTooLong) = capacity.multipliedReportingOverflow(by: columnCount * MemoryLayout<Element>.stride)
    guard !isTooLong, elements < Int.max / 2 else { return nil }
    byteCount = max(1, (elements + pageByteCount - 1) / pageByteCount) * pageByteCount
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0), address != MAP_FAILED else {
      return nil
    }
    // Fewer, larger pages cost less to take. A kernel without them loses nothing.
    madvise(address, byteCount, MADV_HUGEPAGE)
    base = address.bindMemory(to: Element.self, capacity: max(1, capacity * columnCount))
    self.capacity = capacity
    self.columnCount = columnCount
  }

  /// Makes room for `capacity` rows or more, which may move those that are there; `false` if the system refuses.
  ///
  /// Only for one thread that reads alone.
  func grow(to capacity: Int) -> Bool {
    guard capacity > self.capacity else { return true }
    let rowByteCount = columnCount * MemoryLayout<Element>.stride
    let pageByteCount = Int(sysconf(Int32(_SC_PAGESIZE)))
    let pages = (max(capacity, 2 * self.capacity) * rowByteCount + pageByteCount - 1) / pageByteCount
    guard let moved = lockstep_resize_mapping(base, byteCount, pages * pageByteCount) else { return false }
    byteCount = pages * pageByteCount
    self.capacity = byteCount / max(1, rowByteCount)
    base = moved.bindMemory(to: Element.self, capacity: self.capacity * columnCount)
    return true
  }

  /// Where row `i` is.
  func row(_ i: Int) -> UnsafeMutablePointer<Element> { base + i * columnCount }

  /// Moves `count` rows to an earlier place, which they may overlap.
  func move(from source: Int, to destination: Int, count: Int) {
    guard source != destination, count > 0 else { return }
    memmove(row(destination), row(source), count * columnCount * MemoryLayout<Element>.stride)
  }

  /// Rows of no more bytes are copied into ordinary memory.
  private static var smallByteCount: Int { 1 << 16 }

  /// Gives back what lies beyond `rowCount` rows, and returns those.
  func finish(rowCount: Int) -> DenseRows<Element> where Element: Scalar {
    let pageByteCount = Int(sysconf(Int32(_SC_PAGESIZE)))
    let used = rowCount * columnCount * MemoryLayout<Element>.stride
    let elements = UnsafeBufferPointer(start: UnsafePointer(base), count: rowCount * columnCount)
    // A process may have only so many mappings, and thousands of small files would use them up.
    guard used > MatrixReservation.smallByteCount else {
      return DenseRows(
        RowStorage(count: elements.count) { _ = $0.initialize(fromContentsOf: elements) }, rowCount: rowCount,
        columnCount: columnCount)
    }
    let kept = max(1, (used + pageByteCount - 1) / pageByteCount) * pageByteCount
    if kept < byteCount {
      munmap(UnsafeMutableRawPointer(base) + kept, byteCount - kept)
      byteCount = kept
    }
    let storage = RowStorage(adopting: elements, isWritable: true) { withExtendedLifetime(self) {} }
    return DenseRows(storage, rowCount: rowCount, columnCount: columnCount)
  }

  deinit { munmap(base, byteCount) }
}

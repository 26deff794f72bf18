// SPDX-License-Identifier: Apache-2.0

import LockstepTables
import Synchronization

/// Where the rows go that a process reads under a limit of memory: the first stay there, the others go to a scratch file.
final class RowStore: Sendable {
  let limit: MemoryLimit
  private let state = Mutex(State())

  private struct State: Sendable {
    var heldByteCount = 0
    var file: ScratchFile?
  }

  init(_ limit: MemoryLimit) { self.limit = limit }

  /// Whether so many more bytes of rows may stay in memory; if so, they count from now on.
  func holds(_ byteCount: Int) -> Bool {
    state.withLock { state in
      guard state.heldByteCount + byteCount <= limit.heldByteCount else { return false }
      state.heldByteCount += byteCount
      return true
    }
  }

  /// The file, made when it is first needed.
  private func file() throws -> ScratchFile {
    try state.withLock { state in
      if let file = state.file { return file }
      let file = try ScratchFile(in: limit.scratchDirectory)
      state.file = file
      return file
    }
  }

  /// Stores rows of one form, and returns the run that reads them back, one after the other.
  func store<Element: Scalar>(_ blocks: [any RowBlock], of type: Element.Type) throws -> RowRun {
    if blocks.first is SparseRows<Element> { return try storeSparse(blocks, of: type) }
    let file = try file()
    let rowCount = blocks.reduce(0) { $0 + $1.rowCount }
    let columnCount = blocks.first?.columnCount ?? 0
    let buffers = blocks.map { block -> UnsafeRawBufferPointer in
      guard let rows = block as? DenseRows<Element> else {
        preconditionFailure("\(block.layout) rows among dense ones")
      }
      return rows.withUnsafeElements { UnsafeRawBufferPointer($0) }
    }
    // The buffers are those of the blocks.
    let offset = try withExtendedLifetime(blocks) { try file.append(buffers) }
    return RowRun(rowCount: rowCount) {
      let found = try file.elements(at: offset, count: rowCount * columnCount, of: type)
      return DenseRows(
        RowStorage(borrowing: UnsafeBufferPointer(found.elements), owner: found), rowCount: rowCount,
        columnCount: columnCount)
    }
  }

  private func storeSparse<Element: Scalar>(_ blocks: [any RowBlock], of type: Element.Type) throws -> RowRun {
    guard let rows = blocks.concatenated as? SparseRows<Element> else {
      preconditionFailure("rows of several forms among sparse ones")
    }
    let file = try file()
    let (rowCount, columnCount) = (rows.rowCount, rows.columnCount)
    return try rows.withUnsafeEntries { ends, columns, values in
      // A view's entries begin where the first row's do.
      let start = ends[0]
      let entryCount = ends[rowCount] - start
      let own = ends[0...rowCount].map { $0 - start }
      let offsets = try own.withUnsafeBytes { try file.append([$0]) }
      let places = try file.append([
        UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: columns[start..<start + entryCount]))
      ])
      let numbers = try file.append([
        UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: values[start..<start + entryCount]))
      ])
      return RowRun(rowCount: rowCount) {
        SparseRows(
          checked: try file.elements(at: offsets, count: rowCount + 1, of: Int.self).copied,
          columns: try file.elements(at: places, count: entryCount, of: Int32.self).copied,
          values: try file.elements(at: numbers, count: entryCount, of: type).copied,
          columnCount: columnCount)
      }
    }
  }
}

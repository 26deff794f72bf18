// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Synchronization

/// Room for bytes that a file says it holds, of which nothing has been seen yet: in memory, or, beyond what a limit lets stay there, in a
/// scratch file.
///
/// One thread fills it, before others read it.
final class UnpackedBytes: Sendable {
  private let count: Int
  private let memory: MatrixReservation<UInt8>?
  private let file: MappedElements<UInt8>?
  private let claim = Mutex<MemoryClaim?>(nil)

  /// Takes the room.
  ///
  /// - Parameters:
  ///   - count: The number of bytes.
  ///   - limit: The limit of memory that is held to; `nil` for what the machine has.
  ///   - most: The most bytes that stay in memory under a limit. Default: those that rows may take.
  ///   - name: The file, for messages.
  /// - Throws: `LockstepError`: `.outOfMemory` if there is none; `.outputFailed` if there is none in the scratch directory.
  init(count: Int, limit: MemoryLimit?, inMemory most: Int? = nil, name: String? = nil) throws {
    self.count = count
    if let limit, count > most ?? limit.heldByteCount {
      let scratch = try ScratchFile(in: limit.scratchDirectory)
      let room = try scratch.room(at: try scratch.reserve(count), count: count, of: UInt8.self)
      (memory, file) = (nil, room)
      return
    }
    guard let claim = MemoryClaim(count), let room = MatrixReservation<UInt8>(capacity: count, columnCount: 1) else {
      throw LockstepError(
        .outOfMemory, "there is no memory for the \(count) bytes that are unpacked",
        remedy: "let them go to a scratch file with \(option: .memory)", place: name.map { .init(file: $0) })
    }
    (memory, file) = (room, nil)
    self.claim.withLock { $0 = claim }
  }

  /// The bytes, which are zeros at first.
  var bytes: UnsafeMutableRawBufferPointer {
    file.map { UnsafeMutableRawBufferPointer($0.elements) }
      ?? UnsafeMutableRawBufferPointer(start: memory?.row(0), count: count)
  }

  /// Says that all bytes have been written: from now on the system counts them.
  func finish() { claim.withLock { $0 = nil } }

  /// Lets go of what was loaded into memory from a scratch file.
  func release() { file?.release() }
}

/// Memory that someone is about to fill, and that nobody else may count on meanwhile.
final class MemoryClaim: Sendable {
  private let byteCount: Int
  private let ledger = MemoryLedger.current

  /// Claims memory; `nil` if there is not so much, beside what others have claimed.
  init?(_ byteCount: Int) {
    self.byteCount = byteCount
    let claimed = ledger.claimed.wrappingAdd(byteCount, ordering: .relaxed).newValue
    guard AvailableMemory.has(claimed) else { return nil }
  }

  deinit { ledger.claimed.wrappingSubtract(byteCount, ordering: .relaxed) }
}

/// What is claimed of this process's memory.
final class MemoryLedger: Sendable {
  /// The memory that is left; `nil` for what the system says.
  let byteCount: Int?
  fileprivate let claimed = Atomic(0)

  init(byteCount: Int? = nil) { self.byteCount = byteCount }

  /// The process's own; in tests one of a machine with little memory.
  @TaskLocal static var current = MemoryLedger()
}

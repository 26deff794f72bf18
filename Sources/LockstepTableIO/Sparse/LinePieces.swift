// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import Synchronization

/// The lines that begin in a range of a file's bytes, in pieces that several threads read and parse.
struct LinePieces: Sendable {
  let file: InputFile
  let byteCount: Int
  /// Where the first line of the file begins that is of interest.
  private let start: Int
  private let range: Range<Int>
  /// The number of bytes that a thread reads at a time.
  var pieceByteCount = 1 << 20

  /// The lines behind `start` that begin in a shard of the file.
  init(file: InputFile, byteCount: Int, from start: Int = 0, shard: FileShard = .whole) {
    self.init(file: file, byteCount: byteCount, from: start, bytes: shard.range(of: byteCount))
  }

  /// The lines behind `start` that begin in a range of the file's bytes.
  init(file: InputFile, byteCount: Int, from start: Int = 0, bytes: Range<Int>) {
    self.file = file
    self.byteCount = byteCount
    self.start = start
    range = max(bytes.lowerBound, start)..<max(bytes.upperBound, start)
  }

  /// What the threads have done.
  private final class Progress<Part: Sendable>: Sendable {
    let next = Atomic(0)
    let parts = Mutex<[Int: Part]>([:])
    let failure = Mutex<(piece: Int, error: any Error)?>(nil)
  }

  /// Calls `body` with whole lines and the offset in the file of the first of them, on several threads.
  ///
  /// - Returns: What it returned, in the order of the file.
  /// - Throws: What it threw for the first piece that it threw for.
  func parse<Part: Sendable>(
    threadCount: Int, _ body: @escaping @Sendable (UnsafeBufferPointer<CChar>, _ offset: Int) throws -> Part
  ) throws -> [Part] {
    let pieceCount = (range.count + pieceByteCount - 1) / pieceByteCount
    let progress = Progress<Part>()
    WorkerThreads.run(min(threadCount, pieceCount)) { _ in
      var buffer = TextBuffer(capacity: min(pieceByteCount, range.count) + 4096)
      while true {
        let piece = progress.next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard piece < pieceCount, progress.failure.withLock({ $0 == nil || piece < $0?.piece ?? 0 }) else { return }
        do {
          let first = range.lowerBound + piece * pieceByteCount
          let lines = try read(first..<min(first + pieceByteCount, range.upperBound), into: &buffer)
          guard !lines.bytes.isEmpty else { continue }
          let text = buffer[lines.bytes]
          let part = try body(UnsafeBufferPointer(text.bindMemory(to: CChar.self)), lines.offset)
          progress.parts.withLock { $0[piece] = part }
        } catch {
          progress.failure.withLock { if $0.map({ piece < $0.piece }) ?? true { $0 = (piece, error) } }
        }
      }
    }
    if let failure = progress.failure.withLock({ $0 }) { throw failure.error }
    let parts = progress.parts.withLock { $0 }
    return (0..<pieceCount).compactMap { parts[$0] }
  }

  /// Reads the lines that begin in `bytes`: their place in the buffer, and the first one's offset in the file.
  private func read(
    _ bytes: Range<Int>, into buffer: inout TextBuffer
  ) throws -> (bytes: Range<Int>, offset: Int) {
    // A line is begun by the line end before it.
    let origin = bytes.lowerBound > start ? bytes.lowerBound - 1 : bytes.lowerBound
    var count = bytes.upperBound - origin
    buffer.grow(to: count, keeping: 0)
    try fill(buffer, 0..<count, from: origin)
    var first = 0
    if origin < bytes.lowerBound {
      guard let end = lineEnd(buffer, 0..<count), end < count else { return (0..<0, bytes.lowerBound) }
      first = end
    }
    var known = count - 1
    var step = 4096
    while true {
      if let end = lineEnd(buffer, known..<count) { return (first..<end, origin + first) }
      known = count
      let next = min(count + step, byteCount - origin)
      guard next > count else { return (first..<count, origin + first) }
      buffer.grow(to: next, keeping: count)
      try fill(buffer, count..<next, from: origin + count)
      count = next
      step = min(2 * step, 1 << 20)
    }
  }

  /// The place after the first line end in `range`.
  private func lineEnd(_ buffer: borrowing TextBuffer, _ range: Range<Int>) -> Int? {
    var isInside = false
    return buffer.rowEnd(range, usesQuotes: false, isInsideQuotes: &isInside)
  }

  private func fill(_ buffer: borrowing TextBuffer, _ place: Range<Int>, from offset: Int) throws {
    guard try file.read(at: offset, into: buffer[place]) == place.count else {
      throw LockstepError(
        .malformedInput, "the file became shorter while it was read", remedy: "wait until it is written completely",
        place: .init(file: file.name))
    }
  }
}

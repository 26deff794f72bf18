// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors

/// Text that can be read at any place, by several threads: a file, or what a compressed file holds.
protocol TextSource: Sendable {
  /// The name of the file, for messages.
  var name: String { get }
  /// What watches the memory that rows take; `nil` if the size of the file tells how much that may be.
  var memory: MemoryGuard? { get }
  /// Reads at `offset` until `buffer` is full or the text ends, and returns the number of bytes read.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

extension TextSource {
  /// The number of line ends before `offset`.
  func lineEndCount(before offset: Int) throws -> Int {
    let buffer = TextBuffer(capacity: 1 << 20)
    var total = 0
    var start = 0
    while start < offset {
      let count = try read(at: start, into: buffer[0..<min(1 << 20, offset - start)])
      if count == 0 { break }
      total += Int(buffer.counts(0..<count, usesQuotes: false).evenLineEndCount)
      start += count
    }
    return total
  }
}

extension InputFile: TextSource {
  var memory: MemoryGuard? { nil }
}

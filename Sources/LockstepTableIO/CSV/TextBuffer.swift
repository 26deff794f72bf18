// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import Glibc

/// Bytes of a file with the margins that parsing needs, for one thread.
struct TextBuffer: ~Copyable {
  private var memory: UnsafeMutableRawBufferPointer
  private static var margin: Int { LockstepCSVMargin }

  init(capacity: Int) {
    memory = Self.allocated(capacity + 2 * TextBuffer.margin)
    clearMargins()
  }

  deinit { Self.deallocate(memory) }

  /// Whole pages, which go back to the system at once: buffers that come and go between small things would leave holes in the heap.
  private static func allocated(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
    let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED else { fatalError("there is no memory for \(byteCount) bytes of text") }
    return UnsafeMutableRawBufferPointer(start: address, count: byteCount)
  }

  private static func deallocate(_ memory: UnsafeMutableRawBufferPointer) { munmap(memory.baseAddress, memory.count) }

  /// The number of bytes that fit.
  var capacity: Int { memory.count - 2 * TextBuffer.margin }

  /// The bytes of `range`.
  subscript(range: Range<Int>) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      rebasing: memory[TextBuffer.margin + range.lowerBound..<TextBuffer.margin + range.upperBound])
  }

  /// Makes room for `capacity` bytes or more and keeps the first `count`.
  mutating func grow(to capacity: Int, keeping count: Int) {
    guard capacity > self.capacity else { return }
    let larger = Self.allocated(max(capacity, self.capacity + self.capacity / 2) + 2 * TextBuffer.margin)
    larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<(TextBuffer.margin + count)]))
    Self.deallocate(memory)
    memory = larger
    clearMargins()
  }

  private func clearMargins() {
    UnsafeMutableRawBufferPointer(rebasing: memory[..<TextBuffer.margin]).initializeMemory(as: UInt8.self, repeating: 0)
    UnsafeMutableRawBufferPointer(rebasing: memory[(memory.count - TextBuffer.margin)...])
      .initializeMemory(as: UInt8.self, repeating: 0)
  }

  /// The line ends and quotes in `range`.
  func counts(_ range: Range<Int>, usesQuotes: Bool) -> LockstepCSVCounts {
    guard let base = self[range].baseAddress else { return LockstepCSVCounts() }
    return lockstep_csv_count(base.assumingMemoryBound(to: CChar.self), range.count, usesQuotes)
  }

  /// The offset after the first line end in `range` that is outside quotes; `nil` if there is none.
  func rowEnd(_ range: Range<Int>, usesQuotes: Bool, isInsideQuotes: inout Bool) -> Int? {
    guard let base = self[range].baseAddress else { return nil }
    let length = lockstep_csv_row_end(
      base.assumingMemoryBound(to: CChar.self), range.count, usesQuotes, &isInsideQuotes)
    return length <= range.count ? range.lowerBound + length : nil
  }
}

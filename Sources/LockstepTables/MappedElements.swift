// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// Elements of a scratch file, shown in memory.
///
/// Audited `@unchecked Sendable`: the mapping never changes, and ends when nobody holds it; who writes through it shares it out.
package final class MappedElements<Element: BitwiseCopyable>: @unchecked Sendable {
  /// The elements.
  package let elements: UnsafeMutableBufferPointer<Element>
  private let address: UnsafeMutableRawPointer?
  private let byteCount: Int

  init(_ descriptor: Int32, at offset: Int, count: Int, flags: Int32, protection: Int32) throws {
    byteCount = count * MemoryLayout<Element>.stride
    guard count > 0 else {
      (elements, address) = (UnsafeMutableBufferPointer(start: nil, count: 0), nil)
      return
    }
    guard let found = mmap(nil, byteCount, protection, flags, descriptor, off_t(offset)), found != MAP_FAILED else {
      throw LockstepError(
        .outOfMemory, "there is no address space for \(byteCount) bytes", cause: String(cString: strerror(errno)))
    }
    address = found
    elements = UnsafeMutableBufferPointer(start: found.bindMemory(to: Element.self, capacity: count), count: count)
  }

  /// A copy of the elements.
  package var copied: [Element] { withExtendedLifetime(self) { Array(elements) } }

  /// Lets the system take back the memory of all elements, which stay in the file and return when they are next touched.
  package func release() {
    if let address { _ = madvise(address, byteCount, MADV_DONTNEED) }
  }

  deinit {
    if let address { munmap(address, byteCount) }
  }
}

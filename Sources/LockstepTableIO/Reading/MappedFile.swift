// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// Bytes of a file shown in memory without a copy, read only.
///
/// Audited `@unchecked Sendable`: the mapping never changes after `init`, and ends when nobody holds it.
final class MappedFile: @unchecked Sendable {
  /// The bytes asked for.
  let bytes: UnsafeRawBufferPointer
  private let mapping: UnsafeMutableRawPointer?
  private let mappedByteCount: Int

  /// Maps `range` of `file`, which must have all of it.
  ///
  /// They are brought in at once if `isForAll` says that all of them will be looked at.
  init(_ file: InputFile, _ range: Range<Int>, isForAll: Bool = true) throws {
    guard !range.isEmpty else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      mapping = nil
      mappedByteCount = 0
      return
    }
    // Mappings begin at a page.
    let lead = range.lowerBound % Int(sysconf(Int32(_SC_PAGESIZE)))
    mappedByteCount = range.count + lead
    // What fits into memory with ease is brought in now, in one go, rather than page by page by whoever reads it first.
    let memory = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    let flags = MAP_PRIVATE | (isForAll && mappedByteCount <= memory / 4 ? MAP_POPULATE : 0)
    guard
      let address = mmap(nil, mappedByteCount, PROT_READ, flags, file.descriptor, range.lowerBound - lead),
      address != MAP_FAILED
    else {
      throw LockstepError(
        .noInput, "the file cannot be mapped into memory", place: .init(file: file.name),
        cause: String(cString: strerror(errno)))
    }
    mapping = address
    bytes = UnsafeRawBufferPointer(start: address + lead, count: range.count)
  }

  /// Lets go of what has been looked at, which counts as this process's memory otherwise; it comes from the file again when it is wanted.
  func release() {
    if let mapping { madvise(mapping, mappedByteCount, MADV_DONTNEED) }
  }

  deinit {
    if let mapping { munmap(mapping, mappedByteCount) }
  }
}

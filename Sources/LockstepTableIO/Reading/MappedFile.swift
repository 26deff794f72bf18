// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import Glibc
import LockstepErrors

/// Bytes of a file shown in memory without a copy, read only.
///
/// Where a file becomes shorter while it is in use, or its disk fails, the system sends a signal to whoever looks at bytes that are gone.
/// They then read as zeros, and the next collective call throws what ``damage`` says: to leave a signal's handler for anywhere else would
/// leave locks behind, and whatever looks at sizes beforehand may look a moment too early.
///
/// Audited `@unchecked Sendable`: the mapping never changes after `init`, and ends when nobody holds it.
final class MappedFile: @unchecked Sendable {
  /// The bytes asked for.
  let bytes: UnsafeRawBufferPointer
  private let mapping: UnsafeMutableRawPointer?
  private let mappedByteCount: Int
  private let watch: OpaquePointer?

  /// Maps `range` of `file`, which must have all of it.
  ///
  /// They are loaded at once if `isForAll` says that all of them will be looked at.
  init(_ file: InputFile, _ range: Range<Int>, isForAll: Bool = true) throws {
    guard !range.isEmpty else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      mapping = nil
      mappedByteCount = 0
      watch = nil
      return
    }
    // Mappings begin at a page.
    let lead = range.lowerBound % Int(sysconf(Int32(_SC_PAGESIZE)))
    mappedByteCount = range.count + lead
    // What fits into memory with ease is loaded now, in one go, rather than page by page by whoever reads it first.
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
    watch = lockstep_watch_mapping(
      address, mappedByteCount, file.descriptor, Int64(range.upperBound), file.name.systemPath)
    LateFailure.watch { MappedFile.damage() }
    bytes = UnsafeRawBufferPointer(start: address + lead, count: range.count)
  }

  /// Lets go of what has been looked at, which counts as this process's memory otherwise; it comes from the file again when it is wanted.
  func release() {
    if let mapping { madvise(mapping, mappedByteCount, MADV_DONTNEED) }
  }

  /// What has happened to a file while it was mapped; `nil` if all are as they were.
  ///
  /// Of very many files some are looked at in each call.
  static func damage() -> LockstepError? {
    var name = [CChar](repeating: 0, count: 4097)
    let kind = lockstep_damaged_mapping(&name, name.count)
    guard kind != LockstepMappingIntact else { return nil }
    let path = name.withUnsafeBufferPointer { $0.baseAddress.map { String(systemPath: $0) } }
    return LockstepError(
      .malformedInput,
      kind == LockstepMappingChanged
        ? "the file was changed while it was in use"
        : "the file became shorter, or could not be read any more, while it was in use",
      remedy: "let nobody write to it for so long, or replace it by another file instead", place: .init(file: path))
  }

  deinit {
    if let watch { lockstep_forget_mapping(watch) }
    if let mapping { munmap(mapping, mappedByteCount) }
  }
}

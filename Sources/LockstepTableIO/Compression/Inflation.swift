// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors

/// Unpacks deflated bytes whose size is known (RFC 1951), by zlib, which is loaded at run time.
enum Inflation {
  private typealias Initialize =
    @convention(c) (UnsafeMutablePointer<LockstepZStream>, Int32, UnsafePointer<CChar>, Int32) -> Int32
  private typealias Step = @convention(c) (UnsafeMutablePointer<LockstepZStream>, Int32) -> Int32
  private typealias End = @convention(c) (UnsafeMutablePointer<LockstepZStream>) -> Int32

  /// The most bytes that one deflated byte can stand for: what claims more is damaged.
  static var largestRatio: Int { 1032 }

  /// Fills `output` with the first bytes that `input` stands for.
  ///
  /// - Throws: `LockstepError`: `.malformedInput` if it is damaged, or stands for fewer; `.unsupported` if zlib is not here.
  static func unpack(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws {
    let library = try SystemLibrary(
      ["libz.so.1", "libz.so"], for: "a compressed NPZ file",
      remedy: "install zlib (apt-get install zlib1g), or write it with numpy.savez")
    let initialize = try library.function("inflateInit2_", as: Initialize.self)
    let inflate = try library.function("inflate", as: Step.self)
    let end = try library.function("inflateEnd", as: End.self)
    let stream = UnsafeMutablePointer<LockstepZStream>.allocate(capacity: 1)
    stream.initialize(to: LockstepZStream())
    defer { stream.deallocate() }
    // A window of 15 bits, without a header.
    let code = initialize(stream, -15, "1.2.11", Int32(MemoryLayout<LockstepZStream>.size))
    guard code == 0 else {
      throw LockstepError(.missingLibrary, "zlib cannot be used", cause: "inflateInit2 returned \(code)")
    }
    defer { _ = end(stream) }
    var (read, written) = (0, 0)
    while written < output.count {
      let readCount = min(input.count - read, 1 << 30)
      let writtenCount = min(output.count - written, 1 << 30)
      stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress.map { $0 + read }
      stream.pointee.avail_in = UInt32(readCount)
      stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress.map { $0 + written }
      stream.pointee.avail_out = UInt32(writtenCount)
      let code = inflate(stream, 0)
      let newlyRead = readCount - Int(stream.pointee.avail_in)
      let newlyWritten = writtenCount - Int(stream.pointee.avail_out)
      read += newlyRead
      written += newlyWritten
      let isStuck = newlyRead == 0 && newlyWritten == 0
      guard code == 0 || code == 1 && written == output.count || code == -5 && !isStuck else {
        throw LockstepError(
          .malformedInput, "the compressed array is cut off or damaged", remedy: "write the file again",
          cause: stream.pointee.msg.map { String(cString: $0) })
      }
      guard !isStuck || written == output.count else {
        throw LockstepError(.malformedInput, "the compressed array is cut off", remedy: "write the file again")
      }
    }
  }
}

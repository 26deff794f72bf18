// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors

/// Unpacks frames, each for itself, on any thread, by the libraries that ``Decompression`` uses.
enum FrameUnpacking: Sendable {
  typealias Initialize =
    @Sendable @convention(c) (UnsafeMutablePointer<LockstepZStream>, Int32, UnsafePointer<CChar>, Int32) -> Int32
  typealias Inflate = @Sendable @convention(c) (UnsafeMutablePointer<LockstepZStream>, Int32) -> Int32
  typealias End = @Sendable @convention(c) (UnsafeMutablePointer<LockstepZStream>) -> Int32
  typealias Decompress =
    @Sendable @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeRawPointer?, Int) -> Int
  typealias IsError = @Sendable @convention(c) (Int) -> UInt32
  typealias ErrorName = @Sendable @convention(c) (Int) -> UnsafePointer<CChar>

  case gzip(initialize: Initialize, inflate: Inflate, end: End)
  case zstd(decompress: Decompress, isError: IsError, errorName: ErrorName)

  /// Loads the library of a method.
  ///
  /// - Throws: `LockstepError` with code `.missingLibrary` if it is not here.
  init(_ method: Decompression.Method) throws {
    let library = try method.library()
    switch method {
    case .gzip:
      self = .gzip(
        initialize: try library.function("inflateInit2_", as: Initialize.self),
        inflate: try library.function("inflate", as: Inflate.self),
        end: try library.function("inflateEnd", as: End.self))
    case .zstd:
      self = .zstd(
        decompress: try library.function("ZSTD_decompress", as: Decompress.self),
        isError: try library.function("ZSTD_isError", as: IsError.self),
        errorName: try library.function("ZSTD_getErrorName", as: ErrorName.self))
    case .bzip2, .xz: preconditionFailure("files of bzip2 and xz are not read by frames")
    }
  }

  /// Fills `text` with what one frame stands for, neither more nor less.
  ///
  /// - Throws: `LockstepError` with code `.malformedInput` if it is damaged.
  func unpack(_ packed: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer, name: String) throws {
    func damaged(_ cause: String?) -> LockstepError {
      LockstepError(
        .malformedInput, "the compressed file is damaged", remedy: "fetch it again", place: .init(file: name),
        cause: cause)
    }
    switch self {
    case .gzip(let initialize, let inflate, let end):
      let stream = UnsafeMutablePointer<LockstepZStream>.allocate(capacity: 1)
      stream.initialize(to: LockstepZStream())
      defer { stream.deallocate() }
      // A window of 15 bits, and 16 for the gzip format.
      let code = initialize(stream, 15 + 16, "1.2.11", Int32(MemoryLayout<LockstepZStream>.size))
      guard code == 0 else {
        throw LockstepError(
          .missingLibrary, "zlib cannot be used", place: .init(file: name), cause: "inflateInit2 returned \(code)")
      }
      defer { _ = end(stream) }
      // Blocks have at most 64 KiB on either side.
      stream.pointee.next_in = packed.bindMemory(to: UInt8.self).baseAddress
      stream.pointee.avail_in = UInt32(packed.count)
      stream.pointee.next_out = text.bindMemory(to: UInt8.self).baseAddress
      stream.pointee.avail_out = UInt32(text.count)
      // 4: all of it at once. 1: the end, with size and check sum as they should be.
      guard inflate(stream, 4) == 1, stream.pointee.avail_in == 0, stream.pointee.avail_out == 0 else {
        throw damaged(stream.pointee.msg.map { String(cString: $0) })
      }
    case .zstd(let decompress, let isError, let errorName):
      let count = decompress(text.baseAddress, text.count, packed.baseAddress, packed.count)
      guard isError(count) == 0 else { throw damaged(String(cString: errorName(count))) }
      guard count == text.count else { throw damaged("a frame has \(count) bytes of text in place of \(text.count)") }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors

/// A stream of zstd's library (RFC 8878), which unpacks frames piece by piece.
final class ZstdStream {
  private typealias Create = @convention(c) () -> OpaquePointer?
  private typealias Function = @convention(c) (OpaquePointer) -> Int
  private typealias Step =
    @convention(c) (
      OpaquePointer, UnsafeMutablePointer<LockstepZstdOutput>, UnsafeMutablePointer<LockstepZstdInput>
    ) -> Int
  private typealias IsError = @convention(c) (Int) -> UInt32
  private typealias ErrorName = @convention(c) (Int) -> UnsafePointer<CChar>

  private let step: Step
  private let free: Function
  private let initialize: Function
  private let isError: IsError
  private let errorName: ErrorName
  private let stream: OpaquePointer

  /// Loads the library.
  ///
  /// - Parameter otherwise: What a user without it may do.
  /// - Throws: `LockstepError` with code `.missingLibrary` if it is not here.
  init(otherwise: String = "unpack the file") throws {
    let library = try Decompression.Method.zstd.library(otherwise: otherwise)
    step = try library.function("ZSTD_decompressStream", as: Step.self)
    free = try library.function("ZSTD_freeDStream", as: Function.self)
    initialize = try library.function("ZSTD_initDStream", as: Function.self)
    isError = try library.function("ZSTD_isError", as: IsError.self)
    errorName = try library.function("ZSTD_getErrorName", as: ErrorName.self)
    guard let stream = try library.function("ZSTD_createDStream", as: Create.self)() else {
      throw LockstepError(.outOfMemory, "there is no memory to unpack with")
    }
    self.stream = stream
  }

  deinit { _ = free(stream) }

  /// Forgets what came before.
  func reset() { _ = initialize(stream) }

  /// Unpacks some of `input` into some of `output`.
  ///
  /// - Returns: The bytes read and written, and whether a frame has ended; a library's word on what is wrong in their place.
  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> Result<(read: Int, written: Int, isAtEnd: Bool), Refusal> {
    var source = LockstepZstdInput(bytes: input.baseAddress, size: input.count, position: 0)
    var target = LockstepZstdOutput(bytes: output.baseAddress, size: output.count, position: 0)
    let code = step(stream, &target, &source)
    guard isError(code) == 0 else { return .failure(Refusal(words: String(cString: errorName(code)))) }
    return .success((source.position, target.position, code == 0))
  }

  /// What the library says of input that is none of its frames.
  struct Refusal: Error {
    let words: String
  }
}

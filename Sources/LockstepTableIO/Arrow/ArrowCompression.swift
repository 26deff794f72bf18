// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors

/// The ways in which Arrow's buffers are compressed.
enum ArrowCompression: Sendable {
  case lz4
  case zstd

  /// The method that a batch tells by number.
  init?(code: Int8) {
    switch code {
    case 0: self = .lz4
    case 1: self = .zstd
    default: return nil
    }
  }

  /// The most bytes that one compressed byte can stand for: what claims more is damaged.
  ///
  /// LZ4 adds at most 255 to a length with each byte; a block of zstd has at most 128 KiB, and takes 4 bytes or more.
  var largestRatio: Int { self == .lz4 ? 255 : 1 << 15 }

  /// Whether `packed` bytes may stand for `count`.
  func canHold(_ count: Int, in packed: Int) -> Bool { count / largestRatio <= packed }

  /// Something that unpacks buffers, one after the other.
  func decoder() throws -> any BufferDecoder {
    switch self {
    case .lz4: try LZ4Decoder()
    case .zstd: try ZstdBufferDecoder()
    }
  }
}

/// What unpacks buffers.
protocol BufferDecoder: AnyObject {
  /// Fills `output` with the first bytes that `input` stands for.
  ///
  /// - Throws: `LockstepError` with code `.malformedInput` if it is damaged, or stands for fewer.
  func unpack(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws
}

/// What is wrong with a buffer that cannot be unpacked; the reader knows the file.
func damagedBuffer(_ cause: String?) -> LockstepError {
  LockstepError(
    .malformedInput, cause == nil ? "a compressed column is cut off" : "a compressed column is damaged",
    remedy: "write the file again", cause: cause)
}

/// Frames of LZ4, as the library's `lz4frame.h` has them since 1.7.
private final class LZ4Decoder: BufferDecoder {
  private typealias Create = @convention(c) (UnsafeMutablePointer<OpaquePointer?>, UInt32) -> Int
  private typealias Free = @convention(c) (OpaquePointer) -> Int
  private typealias Step =
    @convention(c) (
      OpaquePointer, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>, UnsafeRawPointer?,
      UnsafeMutablePointer<Int>, UnsafeRawPointer?
    ) -> Int
  private typealias IsError = @convention(c) (Int) -> UInt32
  private typealias ErrorName = @convention(c) (Int) -> UnsafePointer<CChar>
  private typealias Reset = @convention(c) (OpaquePointer) -> Void

  private let step: Step
  private let free: Free
  private let reset: Reset
  private let isError: IsError
  private let errorName: ErrorName
  private let context: OpaquePointer

  init() throws {
    let library = try SystemLibrary(
      ["liblz4.so.1", "liblz4.so"], for: "LZ4",
      remedy: "install it (apt-get install liblz4-1), or write the file without compression")
    step = try library.function("LZ4F_decompress", as: Step.self)
    free = try library.function("LZ4F_freeDecompressionContext", as: Free.self)
    reset = try library.function("LZ4F_resetDecompressionContext", as: Reset.self)
    isError = try library.function("LZ4F_isError", as: IsError.self)
    errorName = try library.function("LZ4F_getErrorName", as: ErrorName.self)
    var context: OpaquePointer?
    _ = try library.function("LZ4F_createDecompressionContext", as: Create.self)(&context, 100)
    guard let context else { throw LockstepError(.outOfMemory, "there is no memory to unpack with") }
    self.context = context
  }

  deinit { _ = free(context) }

  func unpack(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws {
    reset(context)
    var (read, written) = (0, 0)
    while written < output.count {
      var (readCount, writtenCount) = (input.count - read, output.count - written)
      let code = step(
        context, output.baseAddress.map { $0 + written }, &writtenCount, input.baseAddress.map { $0 + read },
        &readCount,
        nil)
      guard isError(code) == 0 else { throw damagedBuffer(String(cString: errorName(code))) }
      guard readCount > 0 || writtenCount > 0 else { throw damagedBuffer(nil) }
      read += readCount
      written += writtenCount
    }
  }
}

/// Frames of zstd.
private final class ZstdBufferDecoder: BufferDecoder {
  private let stream: ZstdStream

  init() throws { stream = try ZstdStream(otherwise: "write the file without compression") }

  func unpack(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws {
    stream.reset()
    var (read, written) = (0, 0)
    while written < output.count {
      let outcome = stream.decode(
        UnsafeRawBufferPointer(rebasing: input[read...]),
        into: UnsafeMutableRawBufferPointer(rebasing: output[written...]))
      switch outcome {
      case .success(let step):
        guard step.read > 0 || step.written > 0 else { throw damagedBuffer(nil) }
        read += step.read
        written += step.written
      case .failure(let refusal): throw damagedBuffer(refusal.words)
      }
    }
  }
}

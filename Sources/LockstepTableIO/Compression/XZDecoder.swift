// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors

/// Streams of an xz file, one after the other, by liblzma.
final class XZDecoder: StreamDecoder {
  private typealias Initialize = @convention(c) (UnsafeMutablePointer<LockstepLZMAStream>, UInt64, UInt32) -> Int32
  private typealias Step = @convention(c) (UnsafeMutablePointer<LockstepLZMAStream>, Int32) -> Int32
  private typealias End = @convention(c) (UnsafeMutablePointer<LockstepLZMAStream>) -> Void

  /// The most memory that a file may ask for to be unpacked; `xz -9` asks for 65 MB.
  private static let memoryLimit: UInt64 = 1 << 29

  private let initialize: Initialize
  private let code: Step
  private let end: End
  private let stream = UnsafeMutablePointer<LockstepLZMAStream>.allocate(capacity: 1)
  private var isOpen = false
  var isAtBoundary = true

  init() throws {
    let library = try Decompression.Method.xz.library()
    initialize = try library.function("lzma_stream_decoder", as: Initialize.self)
    code = try library.function("lzma_code", as: Step.self)
    end = try library.function("lzma_end", as: End.self)
    stream.initialize(to: LockstepLZMAStream())
  }

  deinit {
    end(stream)
    stream.deallocate()
  }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, name: String
  ) throws -> (read: Int, written: Int) {
    func failure(_ status: Int32) -> LockstepError {
      let (kind, message, remedy): (LockstepError.Code, String, String) =
        switch status {
        case 5: (.outOfMemory, "there is no memory to unpack with", "unpack it with xz")
        case 6:
          (
            .outOfMemory, "the compressed file asks for more than \(Self.memoryLimit >> 20) MB to be unpacked",
            "unpack it with xz"
          )
        default: (.malformedInput, "the compressed file is damaged", "fetch it again")
        }
      return LockstepError(
        kind, message, remedy: remedy, place: .init(file: name), cause: "liblzma's code \(status)")
    }
    if !isOpen {
      // Streams may have zeros behind them.
      let padding = input.prefix { $0 == 0 }.count
      if padding > 0 { return (padding, 0) }
      let status = initialize(stream, Self.memoryLimit, 0)
      guard status == 0 else { throw failure(status) }
      isOpen = true
    }
    stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_in = input.count
    stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_out = output.count
    let status = code(stream, 0)
    switch status {
    case 0: isAtBoundary = false
    case 1:  // the end of a stream; another may follow
      isAtBoundary = true
      isOpen = false
    default: throw failure(status)
    }
    return (input.count - stream.pointee.avail_in, output.count - stream.pointee.avail_out)
  }
}

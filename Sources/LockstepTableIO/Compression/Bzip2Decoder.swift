// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors

/// Streams of a bzip2 file, one after the other, by libbz2.
final class Bzip2Decoder: StreamDecoder {
  private typealias Initialize = @convention(c) (UnsafeMutablePointer<LockstepBzip2Stream>, Int32, Int32) -> Int32
  private typealias Step = @convention(c) (UnsafeMutablePointer<LockstepBzip2Stream>) -> Int32

  private let initialize: Initialize
  private let decompress: Step
  private let end: Step
  private let stream = UnsafeMutablePointer<LockstepBzip2Stream>.allocate(capacity: 1)
  private var isOpen = false
  var isAtBoundary = true

  /// Whether a file begins like this: the size of its blocks is a digit, and the first block, or the end, has a mark of its own.
  static func isHead(_ head: [UInt8]) -> Bool {
    guard head.count >= 10, head.starts(with: Array("BZh".utf8)), (0x31...0x39).contains(head[3]) else { return false }
    return [[0x31, 0x41, 0x59, 0x26, 0x53, 0x59], [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]].contains(Array(head[4..<10]))
  }

  init() throws {
    let library = try Decompression.Method.bzip2.library()
    initialize = try library.function("BZ2_bzDecompressInit", as: Initialize.self)
    decompress = try library.function("BZ2_bzDecompress", as: Step.self)
    end = try library.function("BZ2_bzDecompressEnd", as: Step.self)
    stream.initialize(to: LockstepBzip2Stream())
  }

  deinit {
    if isOpen { _ = end(stream) }
    stream.deallocate()
  }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, name: String
  ) throws -> (read: Int, written: Int) {
    func damaged(_ code: Int32) -> LockstepError {
      LockstepError(
        code == -3 ? .outOfMemory : .malformedInput,
        code == -3 ? "there is no memory to unpack with" : "the compressed file is damaged",
        remedy: code == -3 ? nil : "fetch it again", place: .init(file: name), cause: "libbz2's code \(code)")
    }
    if !isOpen {
      stream.pointee = LockstepBzip2Stream()
      let code = initialize(stream, 0, 0)
      guard code == 0 else { throw damaged(code) }
      isOpen = true
    }
    let inputCount = min(input.count, 1 << 30)
    let outputCount = min(output.count, 1 << 30)
    stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_in = UInt32(inputCount)
    stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_out = UInt32(outputCount)
    let code = decompress(stream)
    let step = (inputCount - Int(stream.pointee.avail_in), outputCount - Int(stream.pointee.avail_out))
    switch code {
    case 0: isAtBoundary = false
    case 4:  // the end of a stream; another may follow
      isAtBoundary = true
      isOpen = false
      _ = end(stream)
    default: throw damaged(code)
    }
    return step
  }
}

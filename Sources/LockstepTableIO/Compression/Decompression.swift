// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors

/// The text of a compressed file, unpacked as it is read.
///
/// zlib and zstd are loaded at run time, when a file needs them.
final class Decompression: ByteStream {
  /// The ways of compressing that are known by a file's first bytes.
  enum Method: CaseIterable {
    case gzip
    case zstd

    var magic: [UInt8] {
      switch self {
      case .gzip: [0x1F, 0x8B]
      case .zstd: [0x28, 0xB5, 0x2F, 0xFD]
      }
    }

    /// The method that a file's first bytes tell, if any.
    init?(head: [UInt8]) {
      // A file of zstd may begin with frames to be skipped.
      var head = head[...]
      while Decompression.isSkippable(head), head.count >= 8 {
        let count = head.prefix(8).suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        head = head.dropFirst(8 + count)
        if head.isEmpty {
          self = .zstd
          return
        }
      }
      guard let method = Method.allCases.first(where: { head.starts(with: $0.magic) }) else { return nil }
      self = method
    }

    /// The library that unpacks it.
    func library() throws -> SystemLibrary {
      switch self {
      case .gzip:
        try SystemLibrary(
          ["libz.so.1", "libz.so"], for: "gzip", remedy: "install zlib (apt-get install zlib1g), or unpack the file")
      case .zstd:
        try SystemLibrary(
          ["libzstd.so.1", "libzstd.so"], for: "zstd",
          remedy: "install it (apt-get install libzstd1), or unpack the file")
      }
    }
  }

  /// Whether a frame of zstd begins like this whose content is not text (RFC 8878, 3.1.2).
  static func isSkippable(_ head: ArraySlice<UInt8>) -> Bool {
    head.first.map { $0 & 0xF0 == 0x50 } ?? false && head.dropFirst().starts(with: [0x2A, 0x4D, 0x18])
  }

  let name: String
  private let file: any ByteStream
  private let decoder: any StreamDecoder
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
  private var unread: Range<Int> = 0..<0
  private var isAtEnd = false

  /// Unpacks `file` from its next byte on.
  ///
  /// - Throws: `LockstepError` with code `.unsupported` if the library for it is not here.
  init(_ file: any ByteStream, _ method: Method) throws {
    name = file.name
    self.file = file
    do {
      decoder =
        switch method {
        case .gzip: try GzipDecoder()
        case .zstd: try ZstdDecoder()
        }
    } catch var error as LockstepError {
      input.deallocate()
      error.place = .init(file: file.name)
      throw error
    }
  }

  deinit { input.deallocate() }

  func readNext(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var filled = 0
    while filled < buffer.count {
      if unread.isEmpty, !isAtEnd {
        let count = try file.readNext(into: input)
        unread = 0..<count
        isAtEnd = count < input.count
      }
      if unread.isEmpty {
        guard decoder.isAtBoundary else {
          throw LockstepError(
            .malformedInput, "the compressed file is cut off", remedy: "fetch it again", place: .init(file: name))
        }
        break
      }
      let step = try decoder.decode(
        UnsafeRawBufferPointer(rebasing: input[unread]),
        into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]), name: name)
      unread = unread.lowerBound + step.read..<unread.upperBound
      filled += step.written
      guard step.read > 0 || step.written > 0 else {
        throw LockstepError(
          .malformedInput, "the compressed file is damaged", remedy: "fetch it again", place: .init(file: name))
      }
    }
    return filled
  }
}

/// What unpacks a stream of bytes piece by piece.
private protocol StreamDecoder: AnyObject {
  /// Whether the bytes seen so far make up something whole.
  var isAtBoundary: Bool { get }
  /// Unpacks some of `input` into some of `output`.
  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, name: String
  ) throws -> (read: Int, written: Int)
}

/// Members of a gzip file, one after the other (RFC 1952), by zlib.
private final class GzipDecoder: StreamDecoder {
  private typealias Initialize =
    @convention(c) (UnsafeMutablePointer<LockstepZStream>, Int32, UnsafePointer<CChar>, Int32) -> Int32
  private typealias Step = @convention(c) (UnsafeMutablePointer<LockstepZStream>, Int32) -> Int32
  private typealias Reset = @convention(c) (UnsafeMutablePointer<LockstepZStream>) -> Int32

  private let inflate: Step
  private let reset: Reset
  private let end: Reset
  private let stream = UnsafeMutablePointer<LockstepZStream>.allocate(capacity: 1)
  var isAtBoundary = true

  init() throws {
    let library = try Decompression.Method.gzip.library()
    inflate = try library.function("inflate", as: Step.self)
    reset = try library.function("inflateReset", as: Reset.self)
    end = try library.function("inflateEnd", as: Reset.self)
    let initialize = try library.function("inflateInit2_", as: Initialize.self)
    stream.initialize(to: LockstepZStream())
    // A window of 15 bits, and 16 for the gzip format.
    let code = initialize(stream, 15 + 16, "1.2.11", Int32(MemoryLayout<LockstepZStream>.size))
    guard code == 0 else {
      throw LockstepError(.unsupported, "zlib cannot be used", cause: "inflateInit2 returned \(code)")
    }
  }

  deinit {
    _ = end(stream)
    stream.deallocate()
  }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, name: String
  ) throws -> (read: Int, written: Int) {
    let inputCount = min(input.count, 1 << 30)
    let outputCount = min(output.count, 1 << 30)
    stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_in = UInt32(inputCount)
    stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_out = UInt32(outputCount)
    let code = inflate(stream, 0)
    let read = inputCount - Int(stream.pointee.avail_in)
    let written = outputCount - Int(stream.pointee.avail_out)
    switch code {
    case 0, -5: isAtBoundary = false  // goes on, or wants more room or bytes
    case 1:  // the end of a member; another may follow
      isAtBoundary = true
      _ = reset(stream)
    default:
      throw LockstepError(
        .malformedInput, "the compressed file is damaged", remedy: "fetch it again", place: .init(file: name),
        cause: stream.pointee.msg.map { String(cString: $0) } ?? "zlib's code \(code)")
    }
    return (read, written)
  }
}

/// Frames of a zstd file, one after the other (RFC 8878).
private final class ZstdDecoder: StreamDecoder {
  private typealias Create = @convention(c) () -> OpaquePointer?
  private typealias Free = @convention(c) (OpaquePointer) -> Int
  private typealias Step =
    @convention(c) (
      OpaquePointer, UnsafeMutablePointer<LockstepZstdOutput>, UnsafeMutablePointer<LockstepZstdInput>
    ) -> Int
  private typealias IsError = @convention(c) (Int) -> UInt32
  private typealias ErrorName = @convention(c) (Int) -> UnsafePointer<CChar>

  private let step: Step
  private let free: Free
  private let isError: IsError
  private let errorName: ErrorName
  private let stream: OpaquePointer
  var isAtBoundary = true

  init() throws {
    let library = try Decompression.Method.zstd.library()
    step = try library.function("ZSTD_decompressStream", as: Step.self)
    free = try library.function("ZSTD_freeDStream", as: Free.self)
    isError = try library.function("ZSTD_isError", as: IsError.self)
    errorName = try library.function("ZSTD_getErrorName", as: ErrorName.self)
    guard let stream = try library.function("ZSTD_createDStream", as: Create.self)() else {
      throw LockstepError(.outOfMemory, "there is no memory to unpack with")
    }
    self.stream = stream
  }

  deinit { _ = free(stream) }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, name: String
  ) throws -> (read: Int, written: Int) {
    var source = LockstepZstdInput(bytes: input.baseAddress, size: input.count, position: 0)
    var target = LockstepZstdOutput(bytes: output.baseAddress, size: output.count, position: 0)
    let code = step(stream, &target, &source)
    guard isError(code) == 0 else {
      throw LockstepError(
        .malformedInput, "the compressed file is damaged", remedy: "fetch it again", place: .init(file: name),
        cause: String(cString: errorName(code)))
    }
    isAtBoundary = code == 0
    return (source.position, target.position)
  }
}

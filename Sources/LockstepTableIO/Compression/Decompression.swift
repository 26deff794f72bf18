// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors

/// The text of a compressed file, unpacked as it is read.
///
/// zlib, zstd, libbz2 and liblzma are loaded at run time, when a file needs them.
final class Decompression: ByteStream {
  /// The ways of compressing that are known by a file's first bytes.
  enum Method: CaseIterable {
    case gzip
    case zstd
    case bzip2
    case xz

    var magic: [UInt8] {
      switch self {
      case .gzip: [0x1F, 0x8B]
      case .zstd: [0x28, 0xB5, 0x2F, 0xFD]
      case .bzip2: Array("BZh".utf8)
      case .xz: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]
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
      // The name of a column may begin so.
      guard method != .bzip2 || Bzip2Decoder.isHead(Array(head.prefix(10))) else { return nil }
      self = method
    }

    /// The library that unpacks it; `otherwise` is what a user without it may do.
    func library(otherwise: String = "unpack the file") throws -> SystemLibrary {
      switch self {
      case .gzip:
        try SystemLibrary(
          ["libz.so.1", "libz.so"], for: "gzip", remedy: "install zlib (apt-get install zlib1g), or \(otherwise)")
      case .zstd:
        try SystemLibrary(
          ["libzstd.so.1", "libzstd.so"], for: "zstd",
          remedy: "install it (apt-get install libzstd1), or \(otherwise)")
      case .bzip2:
        try SystemLibrary(
          ["libbz2.so.1.0", "libbz2.so.1", "libbz2.so"], for: "bzip2",
          remedy: "install it (apt-get install libbz2-1.0), or \(otherwise)")
      case .xz:
        try SystemLibrary(
          ["liblzma.so.5", "liblzma.so"], for: "xz", remedy: "install it (apt-get install liblzma5), or \(otherwise)")
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
  /// - Throws: `LockstepError` with code `.missingLibrary` if the library for it is not here.
  init(_ file: any ByteStream, _ method: Method) throws {
    name = file.name
    self.file = file
    do {
      decoder =
        switch method {
        case .gzip: try GzipDecoder()
        case .zstd: try ZstdDecoder()
        case .bzip2: try Bzip2Decoder()
        case .xz: try XZDecoder()
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
protocol StreamDecoder: AnyObject {
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
      throw LockstepError(.missingLibrary, "zlib cannot be used", cause: "inflateInit2 returned \(code)")
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
  private let stream: ZstdStream
  var isAtBoundary = true

  init() throws { stream = try ZstdStream() }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, name: String
  ) throws -> (read: Int, written: Int) {
    switch stream.decode(input, into: output) {
    case .success(let step):
      isAtBoundary = step.isAtEnd
      return (step.read, step.written)
    case .failure(let refusal):
      throw LockstepError(
        .malformedInput, "the compressed file is damaged", remedy: "fetch it again", place: .init(file: name),
        cause: refusal.words)
    }
  }
}

// SPDX-License-Identifier: Apache-2.0

/// Where the pieces of a compressed file are that can be unpacked each for itself, and where their text belongs.
///
/// Found from the headers, without unpacking: blocks of BGZF, which are gzip members that tell their size, and frames of zstd (RFC 8878) that
/// tell the size of their text, or have it in the table of the seekable format.
struct FrameIndex: Sendable {
  struct Frame: Sendable {
    /// The bytes of the file.
    var packed: Range<Int>
    /// The offset of its text in all the text.
    var textStart: Int
  }

  /// The frames with any text, in order.
  private(set) var frames: [Frame] = []
  /// The size of all the text.
  private(set) var textByteCount = 0

  /// The most bytes of text that a frame may have: larger ones are better unpacked as they are read.
  static var largestFrame: Int { 1 << 28 }

  private let largestFrame: Int

  /// Finds the frames of a file.
  ///
  /// The result is `nil` if there are fewer than two with text, one does not tell its size, or something is not as it should be: whoever
  /// reads the file from its beginning then finds what that is.
  ///
  /// - Throws: `LockstepError` if the file cannot be read.
  init?(_ file: InputFile, byteCount: Int, _ method: Decompression.Method, largestFrame: Int = .max) throws {
    self.largestFrame = min(largestFrame, Self.largestFrame)
    var headers = FrameHeaders(file, byteCount: byteCount)
    let isComplete =
      switch method {
      case .gzip: try addBlocks(&headers)
      case .zstd: try addFrames(&headers)
      // Read from their beginning.
      case .bzip2, .xz: false
      }
    guard isComplete, frames.count > 1 else { return nil }
  }

  /// The number of the frame with the byte at `offset` of the text.
  func number(at offset: Int) -> Int {
    var (low, high) = (0, frames.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if frames[middle].textStart <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// The size of a frame's text.
  func textCount(_ number: Int) -> Int {
    (number + 1 < frames.count ? frames[number + 1].textStart : textByteCount) - frames[number].textStart
  }

  private mutating func add(_ packed: Range<Int>, textCount: Int) {
    guard textCount > 0 else { return }
    frames.append(Frame(packed: packed, textStart: textByteCount))
    textByteCount += textCount
  }

  /// Adds blocks of BGZF up to the end of the file.
  private mutating func addBlocks(_ headers: inout FrameHeaders) throws -> Bool {
    var start = 0
    while start < headers.byteCount {
      // A gzip header (RFC 1952) with extra fields and nothing else behind it.
      guard let head = try headers.bytes(at: start, count: 12), head[0...3] == [0x1F, 0x8B, 8, 4] else { return false }
      let extraCount = Int(head[10]) | Int(head[11]) << 8
      guard let extra = try headers.bytes(at: start + 12, count: extraCount),
        let blockCount = FrameIndex.blockByteCount(extra: extra), blockCount >= 12 + extraCount + 8,
        let trailer = try headers.bytes(at: start + blockCount - 8, count: 8)
      else { return false }
      let textCount = trailer[4...].littleEndian
      guard textCount <= 1 << 16 else { return false }
      // What claims to be empty is not unpacked; the check sum of nothing is 0.
      guard textCount > 0 || trailer[..<4].littleEndian == 0 else { return false }
      add(start..<start + blockCount, textCount: textCount)
      start += blockCount
    }
    return true
  }

  /// The size of a BGZF block, from the extra fields of its header.
  private static func blockByteCount(extra: [UInt8]) -> Int? {
    var rest = extra[...]
    while rest.count >= 4 {
      let field = rest.prefix(4)
      let count = field.suffix(2).littleEndian
      rest = rest.dropFirst(4)
      guard count <= rest.count else { return nil }
      if field.elementsEqual([UInt8(ascii: "B"), UInt8(ascii: "C"), 2, 0]) { return rest.prefix(2).littleEndian + 1 }
      rest = rest.dropFirst(count)
    }
    return nil
  }

  /// Adds frames of zstd up to the end of the file.
  private mutating func addFrames(_ headers: inout FrameHeaders) throws -> Bool {
    let table = try headers.seekTable()
    var start = 0
    while start < headers.byteCount {
      guard let magic = try headers.bytes(at: start, count: 4) else { return false }
      if Decompression.isSkippable(magic[...]) {
        guard let count = try headers.bytes(at: start + 4, count: 4)?[...].littleEndian,
          count <= headers.byteCount - start - 8
        else { return false }
        start += 8 + count
        continue
      }
      guard magic == Decompression.Method.zstd.magic, let frame = try headers.zstdFrame(at: start),
        let textCount = frame.textCount ?? table[start],
        textCount <= largestFrame
      else { return false }
      guard let end = try headers.endOfBlocks(from: start + frame.headerCount, textCount: textCount) else {
        return false
      }
      let frameEnd = end + (frame.hasCheckSum ? 4 : 0)
      guard frameEnd <= headers.byteCount else { return false }
      add(start..<frameEnd, textCount: textCount)
      start = frameEnd
    }
    return true
  }
}

/// Small pieces of a file, read from its beginning to its end with gaps between.
private struct FrameHeaders {
  private let file: InputFile
  let byteCount: Int
  private var window: [UInt8] = []
  private var windowStart = 0

  private static var windowByteCount: Int { 4096 }

  init(_ file: InputFile, byteCount: Int) {
    self.file = file
    self.byteCount = byteCount
  }

  /// The bytes of a place; `nil` if the file ends before they do.
  mutating func bytes(at start: Int, count: Int) throws -> [UInt8]? {
    guard start <= byteCount, count <= byteCount - start else { return nil }
    if start < windowStart || start + count > windowStart + window.count {
      let file = file
      window = try Array(unsafeUninitializedCapacity: max(count, FrameHeaders.windowByteCount)) { buffer, filled in
        filled = try file.read(at: start, into: UnsafeMutableRawBufferPointer(buffer))
      }
      windowStart = start
      guard window.count >= count else { return nil }
    }
    return Array(window[start - windowStart..<start - windowStart + count])
  }

  /// What the header of a zstd frame tells.
  mutating func zstdFrame(at start: Int) throws -> (headerCount: Int, textCount: Int?, hasCheckSum: Bool)? {
    guard let descriptor = try bytes(at: start + 4, count: 1)?[0], descriptor & 0x08 == 0 else { return nil }
    let isSingleSegment = descriptor & 0x20 != 0
    let sizeFlag = Int(descriptor >> 6)
    let sizeCount = sizeFlag == 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag
    let sizeStart = 5 + (isSingleSegment ? 0 : 1) + [0, 1, 2, 4][Int(descriptor & 3)]
    let hasCheckSum = descriptor & 0x04 != 0
    guard let size = try bytes(at: start + sizeStart, count: sizeCount) else { return nil }
    // Eight bytes may be more than an Int holds.
    guard size.count < 8 || size[7] == 0 else { return nil }
    let textCount = sizeCount == 0 ? nil : size[...].littleEndian + (sizeCount == 2 ? 256 : 0)
    return (sizeStart + sizeCount, textCount, hasCheckSum)
  }

  /// The end of a frame's blocks; `nil` if the file ends before, or they cannot hold so much text.
  mutating func endOfBlocks(from start: Int, textCount: Int) throws -> Int? {
    var position = start
    var most = 0
    var isLast = false
    while !isLast {
      guard let header = try bytes(at: position, count: 3)?[...].littleEndian else { return nil }
      isLast = header & 1 == 1
      let type = header >> 1 & 3
      let size = header >> 3
      guard type < 3 else { return nil }
      // Bytes as they are, one byte so many times, or packed: never more than 128 KiB.
      most += type == 2 ? 1 << 17 : size
      position += 3 + (type == 1 ? 1 : size)
      guard position <= byteCount else { return nil }
    }
    // What claims to be empty is not unpacked.
    return textCount <= most && (textCount > 0 || most == 0) ? position : nil
  }

  /// The sizes of the frames' texts by the frames' offsets, from the table at the end of files in zstd's seekable format.
  mutating func seekTable() throws -> [Int: Int] {
    // The number of frames, a byte that tells whether there are check sums, and a magic number.
    guard let footer = try bytes(at: max(0, byteCount - 9), count: min(9, byteCount)), footer.count == 9,
      footer[5...] == [0xB1, 0xEA, 0x92, 0x8F]
    else { return [:] }
    let count = footer[..<4].littleEndian
    let entryCount = footer[4] & 0x80 != 0 ? 12 : 8
    let start = byteCount - 9 - count * entryCount
    guard start >= 8, let entries = try bytes(at: start, count: count * entryCount) else { return [:] }
    var sizes: [Int: Int] = [:]
    var frameStart = 0
    for entry in stride(from: 0, to: entries.count, by: entryCount) {
      sizes[frameStart] = entries[entry + 4..<entry + 8].littleEndian
      frameStart += entries[entry..<entry + 4].littleEndian
    }
    return sizes
  }
}

extension ArraySlice<UInt8> {
  /// The number that up to eight bytes stand for, the least first.
  fileprivate var littleEndian: Int { reversed().reduce(0) { $0 << 8 | Int($1) } }
}

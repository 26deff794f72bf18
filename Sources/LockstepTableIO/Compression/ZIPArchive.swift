// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// What the directory of a ZIP archive lists: members, stored as they are or deflated.
///
/// Source: PKWARE, ".ZIP File Format Specification", version 6.3, sections 4.3 to 4.5, ZIP64 included.
struct ZIPArchive {
  struct Member {
    var name: String
    /// 0 stored, 8 deflated.
    var method: Int
    var checkSum: UInt32
    /// The size of the content.
    var byteCount: Int
    /// Where it is in the archive, packed or not.
    var place: Range<Int>
  }

  let members: [Member]

  static let magic: [UInt8] = [0x50, 0x4B, 0x03, 0x04]

  /// Reads the directory.
  ///
  /// - Throws: `LockstepError` with code `.malformedInput` if it leads out of the archive.
  init(_ bytes: UnsafeRawBufferPointer, name: String) throws {
    let damaged = LockstepError(
      .malformedInput, "the ZIP archive is cut off or damaged", remedy: "write or fetch it again",
      place: .init(file: name))
    func number<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: T.Type) throws -> Int {
      guard offset >= 0, offset <= bytes.count - MemoryLayout<T>.size else { throw damaged }
      guard let value = Int(exactly: T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))) else {
        throw damaged
      }
      return value
    }
    // The end of the directory is followed by a comment of up to 65535 bytes.
    let earliest = max(0, bytes.count - 22 - 65535)
    var end = bytes.count - 22
    while end >= earliest, try number(end, UInt32.self) != 0x0605_4B50 { end -= 1 }
    guard end >= earliest else { throw damaged }
    var count = try number(end + 10, UInt16.self)
    var offset = try number(end + 16, UInt32.self)
    if count == 0xFFFF || offset == 0xFFFF_FFFF, try number(end - 20, UInt32.self) == 0x0706_4B50 {
      let large = try number(end - 12, UInt64.self)
      guard try number(large, UInt32.self) == 0x0606_4B50 else { throw damaged }
      count = try number(large + 32, UInt64.self)
      offset = try number(large + 48, UInt64.self)
    }
    var members: [Member] = []
    for _ in 0..<count {
      guard try number(offset, UInt32.self) == 0x0201_4B50 else { throw damaged }
      let nameStart = offset + 46
      let nameByteCount = try number(offset + 28, UInt16.self)
      let extraByteCount = try number(offset + 30, UInt16.self)
      guard nameStart + nameByteCount + extraByteCount <= bytes.count else { throw damaged }
      var sizes = try [offset + 24, offset + 20, offset + 42].map { try number($0, UInt32.self) }
      // What does not fit into 32 bits follows, in this order, in a field of its own.
      var extra = nameStart + nameByteCount
      let extraEnd = extra + extraByteCount
      while extra + 4 <= extraEnd {
        let size = try number(extra + 2, UInt16.self)
        if try number(extra, UInt16.self) == 1 {
          var place = extra + 4
          for i in 0..<3 where sizes[i] == 0xFFFF_FFFF && place + 8 <= extra + 4 + size {
            sizes[i] = try number(place, UInt64.self)
            place += 8
          }
        }
        extra += 4 + size
      }
      let (byteCount, packedByteCount, local) = (sizes[0], sizes[1], sizes[2])
      guard try number(local, UInt32.self) == 0x0403_4B50 else { throw damaged }
      let start = try local + 30 + number(local + 26, UInt16.self) + number(local + 28, UInt16.self)
      guard start <= bytes.count, packedByteCount <= bytes.count - start else { throw damaged }
      members.append(
        Member(
          name: String(decoding: bytes[nameStart..<nameStart + nameByteCount], as: UTF8.self),
          method: try number(offset + 10, UInt16.self), checkSum: UInt32(try number(offset + 16, UInt32.self)),
          byteCount: byteCount, place: start..<start + packedByteCount))
      offset = try nameStart + nameByteCount + extraByteCount + number(offset + 32, UInt16.self)
    }
    self.members = members
  }
}

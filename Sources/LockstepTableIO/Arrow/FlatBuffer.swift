// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// A table of a FlatBuffers message, of which every offset is checked before it is followed.
///
/// Source: "FlatBuffers internals", https://flatbuffers.dev/internals. Numbers begin with the least significant byte.
struct FlatTable {
  /// The message.
  private let bytes: UnsafeRawBufferPointer
  private let start: Int
  /// Where the places of the fields are told, and how many bytes tell them.
  private let placesStart: Int
  private let placesByteCount: Int

  /// The table that a message holds.
  init(root bytes: UnsafeRawBufferPointer) throws {
    try self.init(bytes, at: Int(try FlatTable.load(UInt32.self, bytes, at: 0)))
  }

  private init(_ bytes: UnsafeRawBufferPointer, at start: Int) throws {
    self.bytes = bytes
    self.start = start
    placesStart = start - Int(try FlatTable.load(Int32.self, bytes, at: start))
    placesByteCount = Int(try FlatTable.load(UInt16.self, bytes, at: placesStart))
    guard placesByteCount >= 4, placesStart + placesByteCount <= bytes.count else { throw FlatTable.damaged }
  }

  /// What is wrong with a message that leads out of itself; the reader knows the file.
  static var damaged: LockstepError {
    LockstepError(.malformedInput, "the file's description of itself is damaged", remedy: "write it again")
  }

  private static func load<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type, _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) throws -> T {
    guard offset >= 0, offset <= bytes.count - MemoryLayout<T>.size else { throw damaged }
    return T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
  }

  /// Where a field is; `nil` if it has its default.
  private func place(_ field: Int) throws -> Int? {
    let offset = 4 + 2 * field
    guard offset + 2 <= placesByteCount else { return nil }
    let place = Int(try FlatTable.load(UInt16.self, bytes, at: placesStart + offset))
    return place == 0 ? nil : start + place
  }

  /// Where something that a field refers to is.
  private func target(_ field: Int) throws -> Int? {
    guard let place = try place(field) else { return nil }
    return place + Int(try FlatTable.load(UInt32.self, bytes, at: place))
  }

  /// The number in a field, or its default.
  func integer<T: FixedWidthInteger & BitwiseCopyable>(_ field: Int, or byDefault: T) throws -> T {
    guard let place = try place(field) else { return byDefault }
    return try FlatTable.load(T.self, bytes, at: place)
  }

  func isTrue(_ field: Int) throws -> Bool { try integer(field, or: UInt8(0)) != 0 }

  func table(_ field: Int) throws -> FlatTable? { try target(field).map { try FlatTable(bytes, at: $0) } }

  func text(_ field: Int) throws -> String? {
    guard let target = try target(field) else { return nil }
    let count = Int(try FlatTable.load(UInt32.self, bytes, at: target))
    guard count <= bytes.count - target - 4 else { throw FlatTable.damaged }
    return String(decoding: bytes[target + 4..<target + 4 + count], as: UTF8.self)
  }

  /// A list of things of `stride` bytes each: where they begin, and their number.
  private func list(_ field: Int, stride: Int) throws -> (start: Int, count: Int)? {
    guard let target = try target(field) else { return nil }
    let count = Int(try FlatTable.load(UInt32.self, bytes, at: target))
    guard count <= (bytes.count - target - 4) / stride else { throw FlatTable.damaged }
    return (target + 4, count)
  }

  func tables(_ field: Int) throws -> [FlatTable] {
    guard let (start, count) = try list(field, stride: 4) else { return [] }
    return try (0..<count).map { i in
      let place = start + 4 * i
      return try FlatTable(bytes, at: place + Int(try FlatTable.load(UInt32.self, bytes, at: place)))
    }
  }

  /// A list of structures without references.
  func structures(_ field: Int, byteCount: Int) throws -> FlatStructures {
    guard let (start, count) = try list(field, stride: byteCount) else {
      return FlatStructures(bytes: UnsafeRawBufferPointer(start: nil, count: 0), byteCount: byteCount)
    }
    return FlatStructures(
      bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<start + count * byteCount]), byteCount: byteCount)
  }
}

/// A list of structures of one size.
struct FlatStructures {
  fileprivate let bytes: UnsafeRawBufferPointer
  fileprivate let byteCount: Int

  var count: Int { bytes.count / byteCount }

  /// A number of structure `index`, at `offset` in it.
  func integer<T: FixedWidthInteger & BitwiseCopyable>(_ index: Int, at offset: Int, as type: T.Type) throws -> T {
    guard index >= 0, index < count else { throw FlatTable.damaged }
    return T(littleEndian: bytes.loadUnaligned(fromByteOffset: index * byteCount + offset, as: T.self))
  }
}

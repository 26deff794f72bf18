// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// Named small arrays in one file that NumPy opens: a ZIP archive of NPY files, stored without compression.
///
/// ```swift
/// try NPZFile([("centroids", NPYArray(shape: [k, p], .double(elements)))]).write(to: "model.npz")
/// let centroids = try NPZFile("model.npz")["centroids"]
/// ```
/// The bytes depend on the names and arrays only, not on the time. Files are below 4 GiB.
///
/// Source: PKWARE, ".ZIP File Format Specification", version 6.3, sections 4.3 and 4.4.
package struct NPZFile: Hashable, Sendable {
  /// An array and its name.
  package struct Entry: Hashable, Sendable {
    /// The name, without `.npy`.
    package let name: String
    /// The array.
    package let array: NPYArray
  }

  /// The arrays in the order of the file.
  package let entries: [Entry]

  /// Creates a file's content.
  ///
  /// - Precondition: The names differ.
  package init(_ arrays: [(name: String, array: NPYArray)]) {
    precondition(Set(arrays.map(\.name)).count == arrays.count, "two arrays of an NPZ file have one name")
    entries = arrays.map { Entry(name: $0.name, array: $0.array) }
  }

  /// The array with a name.
  package subscript(name: String) -> NPYArray? { entries.first { $0.name == name }?.array }

  private static var localSignature: UInt32 { 0x0403_4B50 }
  private static var centralSignature: UInt32 { 0x0201_4B50 }
  private static var endSignature: UInt32 { 0x0605_4B50 }

  /// Writes the file.
  ///
  /// - Throws: `LockstepError`: `.unsupported` if it would have 4 GiB or more; `.outputFailed`.
  package func write(to path: String) throws {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let name = Array("\(entry.name).npy".utf8)
      let data = entry.array.npyBytes
      guard bytes.count + data.count + directory.count < 1 << 32 - 1 << 20, name.count < 1 << 16,
        entries.count < 1 << 16
      else {
        throw LockstepError(
          .unsupported, "the arrays take 4 GiB or more", remedy: "write them to files of their own",
          place: .init(file: path))
      }
      let crc = data.withUnsafeBytes { lockstep_crc32(0, $0.baseAddress, $0.count) }
      // Version 2.0, names in UTF-8, stored, 1 January 1980.
      var common: [UInt8] = []
      for field in [20, 0x800, 0, 0, 0x21] as [UInt16] { common += NPZFile.littleEndian(field) }
      for field in [crc, UInt32(data.count), UInt32(data.count)] { common += NPZFile.littleEndian(field) }
      common += NPZFile.littleEndian(UInt16(name.count)) + [0, 0]
      directory += NPZFile.littleEndian(NPZFile.centralSignature) + [20, 0] + common + Array(repeating: 0, count: 10)
      directory += NPZFile.littleEndian(UInt32(bytes.count)) + name
      bytes += NPZFile.littleEndian(NPZFile.localSignature) + common + name + data
    }
    let start = bytes.count
    bytes += directory
    bytes += NPZFile.littleEndian(NPZFile.endSignature) + [0, 0, 0, 0]
    bytes += NPZFile.littleEndian(UInt16(entries.count)) + NPZFile.littleEndian(UInt16(entries.count))
    bytes += NPZFile.littleEndian(UInt32(directory.count)) + NPZFile.littleEndian(UInt32(start)) + [0, 0]
    try AtomicFile.write(bytes, to: path)
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  /// Reads a file that this library or `numpy.savez` wrote.
  ///
  /// - Throws: `LockstepError`: `.noInput` if it is missing or unreadable; `.malformedInput` if it is no ZIP archive or damaged;
  ///   `.unsupported` if it is compressed, or an array has elements of another type.
  package init(_ path: String) throws {
    let file = try InputFile(path)
    guard let byteCount = file.byteCount else {
      throw LockstepError(.usage, "an NPZ file cannot come through a pipe", place: .init(file: file.name))
    }
    let bytes: [UInt8] = try Array(unsafeUninitializedCapacity: byteCount) { buffer, count in
      count = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
    }
    entries = try NPZFile.entries(of: bytes, name: file.name)
  }

  private static func entries(of bytes: [UInt8], name: String) throws -> [Entry] {
    let damaged = LockstepError(
      .malformedInput, "this is not a ZIP archive, or it is damaged", remedy: "write it with numpy.savez",
      place: .init(file: name))
    func number(_ offset: Int, _ byteCount: Int) throws -> Int {
      guard offset >= 0, offset + byteCount <= bytes.count else { throw damaged }
      return bytes[offset..<offset + byteCount].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    // The directory's end is the last thing in the archive, but for a comment of up to 65535 bytes.
    let earliest = max(0, bytes.count - 22 - 65535)
    var end = bytes.count - 22
    while end >= earliest, try number(end, 4) != Int(endSignature) { end -= 1 }
    guard end >= earliest else { throw damaged }
    var entries: [Entry] = []
    var offset = try number(end + 16, 4)
    var total = 0
    for _ in 0..<(try number(end + 10, 2)) {
      guard try number(offset, 4) == Int(centralSignature) else { throw damaged }
      let nameByteCount = try number(offset + 28, 2)
      let nameStart = offset + 46
      guard nameStart + nameByteCount <= bytes.count else { throw damaged }
      let entryName = String(decoding: bytes[nameStart..<nameStart + nameByteCount], as: UTF8.self)
      let method = try number(offset + 10, 2)
      guard method == 0 else {
        throw LockstepError(
          .unsupported, "\(entryName) is compressed", remedy: "write it with numpy.savez, not savez_compressed",
          place: .init(file: name))
      }
      let local = try number(offset + 42, 4)
      guard try number(local, 4) == Int(localSignature) else { throw damaged }
      let dataStart = try local + 30 + number(local + 26, 2) + number(local + 28, 2)
      let dataByteCount = try number(offset + 24, 4)
      // Members that lie over each other could claim any amount of memory.
      total += dataByteCount
      guard dataStart + dataByteCount <= bytes.count, total <= bytes.count else { throw damaged }
      let data = Array(bytes[dataStart..<dataStart + dataByteCount])
      let crc = data.withUnsafeBytes { lockstep_crc32(0, $0.baseAddress, $0.count) }
      guard try number(offset + 16, 4) == Int(crc) else {
        throw LockstepError(
          .malformedInput, "the check sum of \(entryName) is wrong", remedy: "write the file again",
          place: .init(file: name))
      }
      let array = try NPYArray(npyBytes: data, name: "\(name)/\(entryName)")
      entries.append(Entry(name: entryName.hasSuffix(".npy") ? String(entryName.dropLast(4)) : entryName, array: array))
      offset = try nameStart + nameByteCount + number(offset + 30, 2) + number(offset + 32, 2)
    }
    return entries
  }
}

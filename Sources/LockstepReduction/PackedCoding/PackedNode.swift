// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// A value on its way to bytes.
///
/// The layout, all numbers little-endian: a number is its bytes; an array of numbers is their bytes, one after the other; a
/// keyed container is a run of entries `key length (1 byte), key, value length (8 bytes), value`; an unkeyed container is a
/// run of `value length (8 bytes), value`. Keys make a message self-describing, so that two builds that disagree fail
/// loudly; lengths let a reader step over what it does not ask for.
final class PackedNode {
  enum Content {
    case bytes([UInt8])
    case keyed([(key: String, node: PackedNode)])
    case unkeyed([PackedNode])
  }
  var content = Content.bytes([])

  func append(key: String, _ node: PackedNode) {
    precondition(key.utf8.count < 256, "a key of \(key.utf8.count) bytes does not fit into a message")
    if case .keyed(var entries) = content {
      content = .bytes([])  // keeps the array uniquely referenced while it grows
      entries.append((key, node))
      content = .keyed(entries)
    } else {
      content = .keyed([(key, node)])
    }
  }

  func append(_ node: PackedNode) {
    if case .unkeyed(var nodes) = content {
      content = .bytes([])
      nodes.append(node)
      content = .unkeyed(nodes)
    } else {
      content = .unkeyed([node])
    }
  }

  /// The number of bytes that `write(to:)` appends.
  var byteCount: Int {
    switch content {
    case .bytes(let bytes): bytes.count
    case .keyed(let entries): entries.reduce(0) { $0 + 1 + $1.key.utf8.count + 8 + $1.node.byteCount }
    case .unkeyed(let nodes): nodes.reduce(0) { $0 + 8 + $1.byteCount }
    }
  }

  func write(to bytes: inout [UInt8]) {
    switch content {
    case .bytes(let own): bytes += own
    case .keyed(let entries):
      for (key, node) in entries {
        bytes.append(UInt8(key.utf8.count))
        bytes += key.utf8
        Self.appendCount(node.byteCount, to: &bytes)
        node.write(to: &bytes)
      }
    case .unkeyed(let nodes):
      for node in nodes {
        Self.appendCount(node.byteCount, to: &bytes)
        node.write(to: &bytes)
      }
    }
  }

  private static func appendCount(_ count: Int, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: UInt64(count).littleEndian) { bytes.append(contentsOf: $0) }
  }
}

/// A run of bytes of a message that is being read, checked before every step.
struct PackedSlice {
  let bytes: [UInt8]
  let range: Range<Int>

  /// The entries of a keyed container.
  func entries() throws -> [(key: String, value: PackedSlice)] {
    var found: [(String, PackedSlice)] = []
    var position = range.lowerBound
    while position < range.upperBound {
      let keyEnd = position + 1 + Int(bytes[position])
      guard keyEnd <= range.upperBound else { throw LockstepError.malformedMessage(byteCount: bytes.count) }
      let key = String(decoding: bytes[position + 1..<keyEnd], as: UTF8.self)
      position = keyEnd
      found.append((key, try value(at: &position)))
    }
    return found
  }

  /// The values of an unkeyed container.
  func values() throws -> [PackedSlice] {
    var found: [PackedSlice] = []
    var position = range.lowerBound
    while position < range.upperBound { found.append(try value(at: &position)) }
    return found
  }

  private func value(at position: inout Int) throws -> PackedSlice {
    guard range.upperBound - position >= 8 else { throw LockstepError.malformedMessage(byteCount: bytes.count) }
    let count = bytes.withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }
    position += 8
    guard count <= UInt64(range.upperBound - position) else {
      throw LockstepError.malformedMessage(byteCount: bytes.count)
    }
    defer { position += Int(count) }
    return PackedSlice(bytes: bytes, range: position..<position + Int(count))
  }

  /// The slice as one number.
  func number<T: BitwiseCopyable>(_ type: T.Type) throws -> T {
    guard range.count == MemoryLayout<T>.size else { throw LockstepError.malformedMessage(byteCount: bytes.count) }
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: range.lowerBound, as: T.self) }
  }

  /// The slice as an array of numbers.
  func numbers<T: BitwiseCopyable>(_ type: T.Type) throws -> [T] {
    guard range.count % MemoryLayout<T>.size == 0 else {
      throw LockstepError.malformedMessage(byteCount: bytes.count)
    }
    return bytes.withUnsafeBytes { raw in
      [T](unsafeUninitializedCapacity: range.count / MemoryLayout<T>.size) { buffer, count in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: UnsafeRawBufferPointer(rebasing: raw[range]))
        count = buffer.count
      }
    }
  }
}

extension LockstepError {
  /// Bytes that are not a packed value.
  static func malformedMessage(byteCount: Int) -> LockstepError {
    LockstepError(
      .communication, "a message of \(byteCount) bytes is not in the packed format",
      remedy: "check that all processes run the same build")
  }
}

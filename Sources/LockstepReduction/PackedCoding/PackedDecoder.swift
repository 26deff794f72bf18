// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// Reads what ``PackedEncoder`` wrote.
package struct PackedDecoder {
  /// Creates a decoder.
  package init() {}

  /// The value in `bytes`.
  ///
  /// - Throws: ``LockstepError`` with code `.communication` where the bytes are not a packed value of this type.
  package func decode<T: Decodable>(_ type: T.Type = T.self, from bytes: [UInt8]) throws -> T {
    do {
      return try PackedDecoding(slice: PackedSlice(bytes: bytes, range: bytes.indices)).decodeAny(type)
    } catch let error as DecodingError {
      var failure = LockstepError.malformedMessage(byteCount: bytes.count)
      failure.cause = String(describing: error)
      throw failure
    }
  }
}

/// The decoder of one value.
struct PackedDecoding: Decoder {
  let slice: PackedSlice
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    let entries = try slice.entries()
    return KeyedDecodingContainer(PackedKeyedDecoding<Key>(entries: entries))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { PackedUnkeyedDecoding(values: try slice.values()) }
  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  func decodeAny<T: Decodable>(_ type: T.Type) throws -> T {
    if let array = type as? any PackedArray.Type, let value = try array.init(unpacking: slice) as? T { return value }
    return try T(from: self)
  }
}

extension PackedDecoding: SingleValueDecodingContainer {
  func decodeNil() -> Bool { slice.range.isEmpty }
  func decode(_ type: Bool.Type) throws -> Bool { try slice.number(UInt8.self) != 0 }
  func decode(_ type: String.Type) throws -> String { String(decoding: slice.bytes[slice.range], as: UTF8.self) }
  func decode(_ type: Double.Type) throws -> Double { try slice.number(type) }
  func decode(_ type: Float.Type) throws -> Float { try slice.number(type) }
  func decode(_ type: Int.Type) throws -> Int { try slice.number(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try slice.number(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try slice.number(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try slice.number(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try slice.number(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try slice.number(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try slice.number(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try slice.number(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try slice.number(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try slice.number(type) }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try decodeAny(type) }
}

private struct PackedKeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let entries: [(key: String, value: PackedSlice)]
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { entries.compactMap { Key(stringValue: $0.key) } }

  // A handful of entries: a linear search is faster than a dictionary.
  func contains(_ key: Key) -> Bool { entries.contains { $0.key == key.stringValue } }
  private func entry(_ key: Key) throws -> PackedDecoding {
    guard let found = entries.first(where: { $0.key == key.stringValue }) else {
      throw DecodingError.keyNotFound(
        key, .init(codingPath: [], debugDescription: "found \(entries.map(\.key).joined(separator: ", "))"))
    }
    return PackedDecoding(slice: found.value)
  }
  func decodeNil(forKey key: Key) throws -> Bool { !contains(key) }
  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try entry(key).decode(type) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try entry(key).decode(type) }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    if !contains(key), let optional = type as? any PackedOptional.Type, let nothing = optional.none as? T {
      return nothing
    }
    return try entry(key).decodeAny(type)
  }
  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { try entry(key).container(keyedBy: type) }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try entry(key).unkeyedContainer()
  }
  func superDecoder() throws -> any Decoder {
    guard let found = entries.first(where: { $0.key == "super" }) else {
      throw LockstepError.malformedMessage(byteCount: 0)
    }
    return PackedDecoding(slice: found.value)
  }
  func superDecoder(forKey key: Key) throws -> any Decoder { try entry(key) }
}

private struct PackedUnkeyedDecoding: UnkeyedDecodingContainer {
  let values: [PackedSlice]
  private(set) var currentIndex = 0
  var codingPath: [any CodingKey] { [] }
  var count: Int? { values.count }
  var isAtEnd: Bool { currentIndex >= values.count }

  init(values: [PackedSlice]) { self.values = values }

  private mutating func entry() throws -> PackedDecoding {
    guard currentIndex < values.count else {
      throw LockstepError.malformedMessage(byteCount: values.last?.bytes.count ?? 0)
    }
    defer { currentIndex += 1 }
    return PackedDecoding(slice: values[currentIndex])
  }
  mutating func decodeNil() throws -> Bool {
    guard currentIndex < values.count, values[currentIndex].range.isEmpty else { return false }
    currentIndex += 1
    return true
  }
  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try entry().decodeAny(type) }
  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> { try entry().container(keyedBy: type) }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try entry().unkeyedContainer() }
  mutating func superDecoder() throws -> any Decoder { try entry() }
}

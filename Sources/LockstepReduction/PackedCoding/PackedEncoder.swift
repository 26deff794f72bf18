// SPDX-License-Identifier: Apache-2.0

/// Turns `Codable` values into the compact bytes that cross ranks and fill checkpoints.
///
/// Arrays of numbers are copied whole, and every number keeps its bits, NaN included.
package struct PackedEncoder {
  /// Creates an encoder.
  package init() {}

  /// The bytes of `value`.
  ///
  /// - Complexity: proportional to the size of the value; each array of numbers is copied twice.
  package func encode(_ value: some Encodable) throws -> [UInt8] {
    let node = PackedNode()
    try PackedEncoding(node: node).encodeAny(value)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(node.byteCount)
    node.write(to: &bytes)
    return bytes
  }
}

/// The encoder of one value.
struct PackedEncoding: Encoder {
  let node: PackedNode
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    node.content = .keyed([])
    return KeyedEncodingContainer(PackedKeyedEncoding<Key>(node: node))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    node.content = .unkeyed([])
    return PackedUnkeyedEncoding(node: node)
  }
  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeAny(_ value: some Encodable) throws {
    if let array = value as? any PackedArray {
      node.content = .bytes(array.packedBytes)
    } else {
      try value.encode(to: self)
    }
  }

  func encodeNumber(_ value: some BitwiseCopyable) {
    node.content = .bytes(withUnsafeBytes(of: value) { [UInt8]($0) })
  }
}

extension PackedEncoding: SingleValueEncodingContainer {
  func encodeNil() throws { node.content = .bytes([]) }
  func encode(_ value: Bool) throws { encodeNumber(value ? UInt8(1) : 0) }
  func encode(_ value: String) throws { node.content = .bytes(Array(value.utf8)) }
  func encode(_ value: Double) throws { encodeNumber(value) }
  func encode(_ value: Float) throws { encodeNumber(value) }
  func encode(_ value: Int) throws { encodeNumber(value) }
  func encode(_ value: Int8) throws { encodeNumber(value) }
  func encode(_ value: Int16) throws { encodeNumber(value) }
  func encode(_ value: Int32) throws { encodeNumber(value) }
  func encode(_ value: Int64) throws { encodeNumber(value) }
  func encode(_ value: UInt) throws { encodeNumber(value) }
  func encode(_ value: UInt8) throws { encodeNumber(value) }
  func encode(_ value: UInt16) throws { encodeNumber(value) }
  func encode(_ value: UInt32) throws { encodeNumber(value) }
  func encode(_ value: UInt64) throws { encodeNumber(value) }
  func encode(_ value: some Encodable) throws { try encodeAny(value) }
}

private struct PackedKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: PackedNode
  var codingPath: [any CodingKey] { [] }

  private func entry(_ key: Key) -> PackedEncoding {
    let child = PackedNode()
    node.append(key: key.stringValue, child)
    return PackedEncoding(node: child)
  }
  // A nil is an entry that is not there.
  func encodeNil(forKey key: Key) throws {}
  func encode(_ value: Bool, forKey key: Key) throws { try entry(key).encode(value) }
  func encode(_ value: String, forKey key: Key) throws { try entry(key).encode(value) }
  func encode(_ value: some Encodable, forKey key: Key) throws {
    if let optional = value as? any PackedOptional, optional.isNil { return }
    try entry(key).encodeAny(value)
  }
  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> { entry(key).container(keyedBy: type) }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { entry(key).unkeyedContainer() }
  func superEncoder() -> any Encoder {
    let child = PackedNode()
    node.append(key: "super", child)
    return PackedEncoding(node: child)
  }
  func superEncoder(forKey key: Key) -> any Encoder { entry(key) }
}

private struct PackedUnkeyedEncoding: UnkeyedEncodingContainer {
  let node: PackedNode
  private(set) var count = 0
  var codingPath: [any CodingKey] { [] }

  init(node: PackedNode) { self.node = node }

  private mutating func entry() -> PackedEncoding {
    let child = PackedNode()
    node.append(child)
    count += 1
    return PackedEncoding(node: child)
  }
  // A marker that no value shares: an array of optionals keeps its places.
  mutating func encodeNil() throws { _ = entry() }
  mutating func encode(_ value: some Encodable) throws { try entry().encodeAny(value) }
  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    entry().container(keyedBy: type)
  }
  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { entry().unkeyedContainer() }
  mutating func superEncoder() -> any Encoder { entry() }
}

/// An optional, whatever it may hold.
protocol PackedOptional {
  /// Nothing.
  static var none: Self { get }
  /// Whether there is nothing.
  var isNil: Bool { get }
}

extension Optional: PackedOptional {
  var isNil: Bool { if case .none = self { true } else { false } }
}

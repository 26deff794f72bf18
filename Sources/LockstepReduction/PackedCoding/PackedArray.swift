// SPDX-License-Identifier: Apache-2.0

/// An array that travels as the bytes of its elements.
protocol PackedArray {
  var packedBytes: [UInt8] { get }
  init(unpacking slice: PackedSlice) throws
}

/// A type whose arrays travel as bytes.
///
/// The machines of one run share a byte order; files are little-endian.
protocol PackedElement: BitwiseCopyable {}
extension UInt8: PackedElement {}
extension Int32: PackedElement {}
extension Int64: PackedElement {}
extension UInt64: PackedElement {}
extension Int: PackedElement {}
extension Float: PackedElement {}
extension Double: PackedElement {}

extension Array: PackedArray where Element: PackedElement {
  var packedBytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }
  init(unpacking slice: PackedSlice) throws { self = try slice.numbers(Element.self) }
}

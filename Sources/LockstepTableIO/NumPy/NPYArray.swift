// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// A small array of numbers or strings of any shape, for model files.
package struct NPYArray: Hashable, Sendable {
  /// The elements, the last index running fastest.
  package enum Elements: Hashable, Sendable {
    /// 64-bit floating-point numbers.
    case double([Double])
    /// 64-bit integers.
    case int64([Int64])
    /// Bytes.
    case uint8([UInt8])
    /// Strings without trailing NUL characters, which NumPy does not keep.
    case string([String])

    var count: Int {
      switch self {
      case .double(let elements): elements.count
      case .int64(let elements): elements.count
      case .uint8(let elements): elements.count
      case .string(let elements): elements.count
      }
    }
  }

  /// The lengths along each index; none for a single element.
  package let shape: [Int]
  /// The elements.
  package let elements: Elements

  /// Creates an array.
  ///
  /// - Precondition: The product of the lengths is the number of elements.
  package init(shape: [Int], _ elements: Elements) {
    precondition(
      shape.reduce(1, *) == elements.count, "\(elements.count) elements do not make an array of shape \(shape)")
    self.shape = shape
    self.elements = elements
  }

  /// The numbers, converted to `Double` if they are integers; `nil` for strings.
  package var doubles: [Double]? {
    switch elements {
    case .double(let elements): elements
    case .int64(let elements): elements.map(Double.init)
    case .uint8(let elements): elements.map(Double.init)
    case .string: nil
    }
  }

  /// The array as the bytes of an NPY file.
  package var npyBytes: [UInt8] {
    switch elements {
    case .double(let elements):
      return NPYHeader(type: "<f8", shape: shape).bytes + elements.withUnsafeBytes { Array($0) }
    case .int64(let elements):
      return NPYHeader(type: "<i8", shape: shape).bytes + elements.withUnsafeBytes { Array($0) }
    case .uint8(let elements):
      return NPYHeader(type: "|u1", shape: shape).bytes + elements
    case .string(let elements):
      let width = max(1, elements.map(\.unicodeScalars.count).max() ?? 1)
      var scalars: [UInt32] = []
      for element in elements {
        scalars += element.unicodeScalars.map(\.value)
        scalars += Array(repeating: 0, count: width - element.unicodeScalars.count)
      }
      return NPYHeader(type: "<U\(width)", shape: shape).bytes + scalars.withUnsafeBytes { Array($0) }
    }
  }

  /// Reads the bytes of an NPY file.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: What to call it in error messages.
  /// - Throws: `LockstepError`: `.malformedInput` if it is no NPY file or cut off; `.unsupported` for elements of other types.
  package init(npyBytes bytes: [UInt8], name: String) throws {
    let place = LockstepError.Place(file: name)
    let (header, headerByteCount) = try NPYHeader.read(name: name) { Array(bytes.prefix($0)) }
    let data = bytes[headerByteCount...]
    guard !header.isFortranOrder || header.shape.count < 2 else {
      throw LockstepError(
        .unsupported, "the array is stored in Fortran order", remedy: "save numpy.ascontiguousarray(x)", place: place)
    }
    let isText = header.type.hasPrefix("<U")
    let width = isText ? Int(header.type.dropFirst(2)) : header.type == "|u1" ? 1 : 8
    guard let width, width > 0, width < 1 << 32, ["<f8", "<i8", "|u1"].contains(header.type) || isText else {
      throw LockstepError(
        .unsupported, "the array's elements are of type \(header.type)",
        remedy: "save float64, int64, uint8 or strings", place: place)
    }
    let (expected, isTooLong) = (header.elementCount ?? .max).multipliedReportingOverflow(
      by: isText ? 4 * width : width)
    guard !isTooLong, let count = header.elementCount, data.count == expected else {
      throw LockstepError(
        .malformedInput, "an array of shape \(header.shape) and type \(header.type) does not take \(data.count) bytes",
        remedy: "write it again", place: place)
    }
    func loaded<T: BitwiseCopyable>(_ count: Int, as type: T.Type) -> [T] {
      data.withUnsafeBytes { data in
        (0..<count).map { data.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.stride, as: T.self) }
      }
    }
    shape = header.shape
    switch header.type {
    case "<f8": elements = .double(loaded(count, as: Double.self))
    case "<i8": elements = .int64(loaded(count, as: Int64.self))
    case "|u1": elements = .uint8(Array(data))
    default:
      let scalars = loaded(count * width, as: UInt32.self)
      var strings: [String] = []
      for i in 0..<count {
        var string = String.UnicodeScalarView()
        var element = scalars[i * width..<(i + 1) * width]
        while element.last == 0 { element.removeLast() }
        for value in element {
          guard let scalar = Unicode.Scalar(value) else {
            throw LockstepError(
              .malformedInput, "the array has a string with a character that does not exist", place: place)
          }
          string.append(scalar)
        }
        strings.append(String(string))
      }
      elements = .string(strings)
    }
  }
}

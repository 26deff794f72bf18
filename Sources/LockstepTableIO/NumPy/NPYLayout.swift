// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// Where the rows are in an NPY file that holds a matrix.
struct NPYLayout: Sendable {
  let rowCount: Int
  let columnCount: Int
  let type: NPYElementType
  /// Whether columns, not rows, are stored one after the other.
  let isColumnMajor: Bool
  /// The offset of the first row.
  let dataStart: Int

  /// Reads the header and checks that it describes a matrix that the file holds.
  init(_ file: InputFile) throws {
    guard let byteCount = file.byteCount else {
      throw LockstepError(
        .usage, "an NPY file is mapped into memory and cannot come through a pipe", remedy: "write it to a file first",
        place: .init(file: file.name))
    }
    try self.init(name: file.name, byteCount: byteCount) { wanted in
      try Array(unsafeUninitializedCapacity: wanted) { buffer, count in
        count = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
  }

  /// Reads the header of something of `byteCount` bytes, of which `read` gives the first.
  init(name: String, byteCount: Int, reading read: (Int) throws -> [UInt8]) throws {
    let place = LockstepError.Place(file: name)
    guard byteCount > 0 else { throw LockstepError(.noInput, "the file is empty", place: place) }
    let (header, headerByteCount) = try NPYHeader.read(name: name, read)
    dataStart = headerByteCount
    guard header.shape.count == 1 || header.shape.count == 2 else {
      throw LockstepError(
        .shapeMismatch, "the array has \(header.shape.count) dimensions, not rows and columns",
        remedy: "save x.reshape(n, p)", place: place)
    }
    rowCount = header.shape[0]
    columnCount = header.shape.count == 2 ? header.shape[1] : 1
    guard let type = NPYElementType(header.type) else {
      throw LockstepError(
        .unsupported, "the array holds \(NPYLayout.described(header.type)), not real numbers",
        remedy: "save x.astype('float64')", place: place)
    }
    self.type = type
    isColumnMajor = header.isFortranOrder && rowCount > 1 && columnCount > 1
    guard columnCount > 0 else {
      throw LockstepError(.shapeMismatch, "the array has \(rowCount) rows of no columns", place: place)
    }
    // Rows show that their columns are there; of none any number could be claimed.
    guard rowCount > 0 || columnCount <= 1 << 24 else {
      throw LockstepError(
        .malformedInput, "an array of no rows and \(columnCount) columns", remedy: "write it again", place: place)
    }
    let (expected, isTooLong) = (header.elementCount ?? .max).multipliedReportingOverflow(by: type.byteCount)
    guard !isTooLong, byteCount - headerByteCount >= expected else {
      throw LockstepError(
        .malformedInput,
        "the file is cut off: \(rowCount) × \(columnCount) numbers take \(isTooLong ? "more than 2^63" : "\(expected)") bytes, "
          + "there are \(byteCount - headerByteCount)",
        remedy: "write it again", place: place)
    }
    guard byteCount - headerByteCount == expected else {
      throw LockstepError(
        .malformedInput, "\(byteCount - headerByteCount - expected) bytes follow the array",
        remedy: "save one array per file", place: place)
    }
  }

  /// NumPy's name for a type in its short notation.
  static func described(_ type: String) -> String {
    let names = ["f16": "longdouble", "c8": "complex64", "c16": "complex128", "O": "Python objects"]
    let short = String(type.drop { "<>|=".contains($0) })
    if short.hasPrefix("U") || short.hasPrefix("S") { return "strings (\(type))" }
    return names[short].map { "\($0) (\(type))" } ?? "elements of type \(type)"
  }
}

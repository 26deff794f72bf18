// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The two-dimensional array of an NPY file, in memory; enough for the benchmark's own files.
struct NPYArray {
  let elements: UnsafeRawPointer
  let rowCount: Int
  let columnCount: Int
  let isSinglePrecision: Bool

  init?(_ path: String) {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var prefix = [UInt8](repeating: 0, count: 10)
    guard fread(&prefix, 1, 10, file) == 10, prefix[0] == 0x93, prefix[6] == 1 else { return nil }
    var header = [UInt8](repeating: 0, count: Int(prefix[8]) + 256 * Int(prefix[9]))
    guard fread(&header, 1, header.count, file) == header.count else { return nil }
    let text = String(decoding: header, as: UTF8.self)
    guard !text.contains("'fortran_order': True"), let shape = text.split(separator: "(").dropFirst().first else {
      return nil
    }
    let counts = shape.prefix { $0 != ")" }.split(separator: ",").compactMap { Int($0.filter(\.isNumber)) }
    guard counts.count == 2 else { return nil }
    isSinglePrecision = text.contains("<f4")
    (rowCount, columnCount) = (counts[0], counts[1])
    let bytes = rowCount * columnCount * (isSinglePrecision ? 4 : 8)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    guard fread(memory, 1, bytes, file) == bytes else { return nil }
    elements = UnsafeRawPointer(memory)
  }

  var doubles: [Double] {
    (0..<rowCount * columnCount).map {
      isSinglePrecision
        ? Double(elements.load(fromByteOffset: 4 * $0, as: Float.self))
        : elements.load(fromByteOffset: 8 * $0, as: Double.self)
    }
  }
}

// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO

/// How DuckDB stores the values of a column.
struct DuckDBKind: Sendable {
  /// DuckDB's number for the type.
  let type: Int32
  /// The decimal places of decimals.
  var scale: Int32 = 0
  var isDecimal = false

  static let text: Int32 = 17
  static let decimal: Int32 = 19
  /// Whole numbers of 64 bits.
  static let wholeNumber: Int32 = 5
  /// Values of any type.
  static let any: Int32 = 34

  /// Whether the values are whole numbers of up to 64 bits.
  var isWhole: Bool { !isDecimal && (2...9).contains(type) }
  var isText: Bool { type == DuckDBKind.text }

  /// A column of values in memory.
  func column(values: UnsafeRawPointer?, validity: UnsafeMutablePointer<UInt64>?) -> LockstepColumn {
    let (kind, factor, divisor) = storage ?? (LockstepColumnNull, 1, 1)
    return LockstepColumn(
      kind: kind, scale: scale, factor: factor, divisor: divisor, values: values, first: 0, stride: 1,
      validity: validity.map { UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self) }, validityFirst: 0,
      rowValidity: nil, rowValidityFirst: 0)
  }

  /// How the values are stored, and what makes seconds of times; `nil` for what is no number.
  var storage: (kind: LockstepColumnKind, factor: Int64, divisor: Int64)? {
    if isDecimal {
      switch type {
      case 4: return (LockstepColumnDecimal32, 1, 1)
      case 5: return (LockstepColumnDecimal64, 1, 1)
      default: return (LockstepColumnDecimal128, 1, 1)
      }
    }
    switch type {
    case 1, 6: return (LockstepColumnUInt8, 1, 1)  // truth values have a byte each
    case 2: return (LockstepColumnInt8, 1, 1)
    case 3: return (LockstepColumnInt16, 1, 1)
    case 4: return (LockstepColumnInt32, 1, 1)
    case 5: return (LockstepColumnInt64, 1, 1)
    case 7: return (LockstepColumnUInt16, 1, 1)
    case 8: return (LockstepColumnUInt32, 1, 1)
    case 9: return (LockstepColumnUInt64, 1, 1)
    case 10: return (LockstepColumnFloat32, 1, 1)
    case 11: return (LockstepColumnFloat64, 1, 1)
    case 12, 14, 31: return (LockstepColumnInt64, 1, 1_000_000)  // times in microseconds
    case 13: return (LockstepColumnInt32, 86_400, 1)  // dates in days
    case 16: return (LockstepColumnDecimal128, 1, 1)  // whole numbers of 128 bits
    case 20: return (LockstepColumnInt64, 1, 1)
    case 21: return (LockstepColumnInt64, 1, 1_000)
    case 22, 39: return (LockstepColumnInt64, 1, 1_000_000_000)
    default: return nil
    }
  }
}

extension DuckDBLibrary {
  /// How values of a type are stored, which is destroyed here.
  func kind(of type: Handle?) -> DuckDBKind {
    var slot = type
    defer { destroyType(&slot) }
    guard let type else { return DuckDBKind(type: 0) }
    let kind = DuckDBKind(type: typeNumber(type))
    guard kind.type == DuckDBKind.decimal else { return kind }
    return DuckDBKind(type: decimalType(type), scale: Int32(decimalScale(type)), isDecimal: true)
  }

  /// A column of a chunk.
  func column(_ number: Int, of chunk: Handle, as kind: DuckDBKind) -> LockstepColumn {
    let vector = vector(chunk, UInt64(number))
    return kind.column(values: vector.flatMap { values($0) }, validity: vector.flatMap { validity($0) })
  }
}

extension LockstepColumn {
  /// Whether the value of a row is there.
  func isPresent(_ row: Int) -> Bool { validity.map { $0[row / 8] >> (row % 8) & 1 == 1 } ?? true }

  /// The number of a row of DuckDB's whole numbers of 64 bits; `nil` if there is none.
  func wholeNumber(_ row: Int) -> Int? {
    guard kind == LockstepColumnInt64, isPresent(row) else { return nil }
    return values?.load(fromByteOffset: row * MemoryLayout<Int64>.stride, as: Int.self)
  }

  /// The text of a row of DuckDB's texts.
  func bytes(_ row: Int) -> UnsafeRawBufferPointer {
    let stride = MemoryLayout<LockstepDuckDBText>.stride
    guard isPresent(row), let start = values.map({ $0 + row * stride }) else {
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    let text = start.loadUnaligned(as: LockstepDuckDBText.self)
    let inPlace = UnsafeRawPointer(start + MemoryLayout<UInt32>.size)
    return UnsafeRawBufferPointer(
      start: text.length <= 12 ? inPlace : text.pointer.map { UnsafeRawPointer($0) }, count: Int(text.length))
  }
}

// SPDX-License-Identifier: Apache-2.0

import CLockstepInterface
import Lockstep

/// A matrix in the caller's memory, checked so far as that can be done from outside.
struct CallerArray {
  let data: UnsafeRawPointer?
  let rowCount: Int
  let columnCount: Int
  private let rowStride: Int
  private let columnStride: Int
  private let type: ElementType

  /// The type of the elements, in the order of the constants in `lockstep.h`.
  private enum ElementType: Int32 {
    case float64, float32, int64, int32, int16, int8, uint64, uint32, uint16, uint8

    var byteCount: Int {
      switch self {
      case .float64, .int64, .uint64: 8
      case .float32, .int32, .uint32: 4
      case .int16, .uint16: 2
      case .int8, .uint8: 1
      }
    }
  }

  init(_ array: lockstep_array) throws {
    guard let type = ElementType(rawValue: array.type) else {
      throw LockstepError(.usage, "an array of type \(array.type)", remedy: "the types are listed in lockstep.h")
    }
    guard array.row_count >= 0, array.column_count >= 0,
      !array.row_count.multipliedReportingOverflow(by: max(1, array.column_count) * 16).overflow
    else { throw LockstepError(.shapeMismatch, "an array of \(array.row_count) × \(array.column_count)") }
    guard array.row_count == 0 || array.column_count > 0 else {
      throw LockstepError(.shapeMismatch, "\(array.row_count) rows without columns", remedy: "give one column or more")
    }
    guard array.data != nil || array.row_count == 0 else { throw LockstepError(.usage, "an array without memory") }
    self.type = type
    data = array.data
    (rowCount, columnCount) = (Int(array.row_count), Int(array.column_count))
    (rowStride, columnStride) = (Int(array.row_stride), Int(array.column_stride))
  }

  var isSingle: Bool { type == .float32 }

  /// Whether it lies as a table's rows do: row after row, without gaps.
  private var isRowMajor: Bool {
    (columnCount <= 1 || columnStride == type.byteCount) && (rowCount <= 1 || rowStride == columnCount * type.byteCount)
      && UInt(bitPattern: data) % UInt(type.byteCount) == 0
  }

  /// The numbers as a table: where they are, if they are of that type and lie so; otherwise a copy.
  func table<Element: Scalar>(_ element: Element.Type, _ columnNames: [String]?) throws -> Table<Element> {
    if isRowMajor, (type == .float64 && element == Double.self) || (type == .float32 && element == Float.self) {
      let first = data?.assumingMemoryBound(to: Element.self)
      let elements = UnsafeBufferPointer(start: first, count: first == nil ? 0 : rowCount * columnCount)
      return Table(
        DenseRows(RowStorage(borrowing: elements), rowCount: rowCount, columnCount: columnCount),
        columnNames: columnNames)
    }
    return Table(Self.sideBySide([self], columnCount: columnCount, as: element), columnNames: columnNames)
  }

  /// The numbers where they are, if they are of the type that is asked for and lie one after the other.
  func shown<Element: BitwiseCopyable>(as element: Element.Type) -> UnsafeBufferPointer<Element>? {
    let isOfType =
      switch type {
      case .float64: element == Double.self
      case .float32: element == Float.self
      case .int32: element == Int32.self
      default: false
      }
    guard isOfType, columnCount == 1, isRowMajor else { return nil }
    return UnsafeBufferPointer(start: data?.assumingMemoryBound(to: element), count: data == nil ? 0 : rowCount)
  }

  /// A copy as whole numbers; throws for other types, and numbers that do not fit.
  func integers<Integer: FixedWidthInteger>(as integer: Integer.Type, _ what: String) throws -> [Integer] {
    guard columnCount == 1 else { throw LockstepError(.shapeMismatch, "\(what) of \(columnCount) columns") }
    func copy<Source: FixedWidthInteger & BitwiseCopyable>(_ source: Source.Type) throws -> [Integer] {
      guard let data else { return [] }
      return try (0..<rowCount).map { i in
        let value = (data + i * rowStride).loadUnaligned(as: Source.self)
        guard let value = Integer(exactly: value) else {
          throw LockstepError(.shapeMismatch, "\(value) among the \(what) is too large", place: .init(row: i))
        }
        return value
      }
    }
    switch type {
    case .int64: return try copy(Int64.self)
    case .int32: return try copy(Int32.self)
    case .int16: return try copy(Int16.self)
    case .int8: return try copy(Int8.self)
    case .uint64: return try copy(UInt64.self)
    case .uint32: return try copy(UInt32.self)
    case .uint16: return try copy(UInt16.self)
    case .uint8: return try copy(UInt8.self)
    case .float64, .float32: throw LockstepError(.usage, "\(what) are whole numbers")
    }
  }

  /// A copy of arrays that lie side by side.
  static func sideBySide<Element: Scalar>(
    _ arrays: [CallerArray], columnCount: Int, as element: Element.Type
  ) -> DenseRows<Element> {
    let rowCount = arrays.first?.rowCount ?? 0
    let storage = RowStorage<Element>(count: rowCount * columnCount) { buffer in
      guard let first = buffer.baseAddress else { return }
      // Some rows at a time, so that the lines of cache that the columns write to are still there for the next column.
      let step = max(1, (1 << 15) / max(1, columnCount))
      var start = 0
      while start < rowCount {
        let rows = start..<min(start + step, rowCount)
        var column = 0
        for array in arrays {
          array.copy(rows, to: first + column, stride: columnCount)
          column += array.columnCount
        }
        start = rows.upperBound
      }
    }
    return DenseRows(storage, rowCount: rowCount, columnCount: columnCount)
  }

  private func copy<Element: Scalar>(_ rows: Range<Int>, to target: UnsafeMutablePointer<Element>, stride: Int) {
    switch type {
    case .float64: copy(rows, to: target, stride) { (value: Double) in Element(value) }
    case .float32: copy(rows, to: target, stride) { (value: Float) in Element(value) }
    case .int64: copy(rows, to: target, stride) { (value: Int64) in Element(value) }
    case .int32: copy(rows, to: target, stride) { (value: Int32) in Element(value) }
    case .int16: copy(rows, to: target, stride) { (value: Int16) in Element(value) }
    case .int8: copy(rows, to: target, stride) { (value: Int8) in Element(value) }
    case .uint64: copy(rows, to: target, stride) { (value: UInt64) in Element(value) }
    case .uint32: copy(rows, to: target, stride) { (value: UInt32) in Element(value) }
    case .uint16: copy(rows, to: target, stride) { (value: UInt16) in Element(value) }
    case .uint8: copy(rows, to: target, stride) { (value: UInt8) in Element(value) }
    }
  }

  @inline(__always)
  private func copy<Source: BitwiseCopyable, Element: Scalar>(
    _ rows: Range<Int>, to target: UnsafeMutablePointer<Element>, _ stride: Int, _ convert: (Source) -> Element
  ) {
    guard let data else { return }
    if abs(columnStride) <= abs(rowStride) {
      for i in rows {
        for j in 0..<columnCount {
          (target + i * stride + j).initialize(
            to: convert((data + i * rowStride + j * columnStride).loadUnaligned(as: Source.self)))
        }
      }
    } else {
      for j in 0..<columnCount {
        for i in rows {
          (target + i * stride + j).initialize(
            to: convert((data + i * rowStride + j * columnStride).loadUnaligned(as: Source.self)))
        }
      }
    }
  }
}

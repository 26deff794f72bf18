// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// Some fields of a batch of rows, in memory.
///
/// Audited `@unchecked Sendable`: the memory is only read after `init`, and is kept for as long as the page.
final class ArrowPage: @unchecked Sendable {
  let rowCount: Int
  /// The fields that were asked for.
  let columns: [Int: ArrowColumn]
  private let memory: [any Sendable]

  init(rowCount: Int, columns: [Int: ArrowColumn], memory: [any Sendable]) {
    self.rowCount = rowCount
    self.columns = columns
    self.memory = memory
  }

  /// The same page with its fields' dictionaries: numbers are looked up, texts can be.
  func with(_ dictionaries: [Int: ArrowDictionary], _ schema: ArrowSchema) throws -> ArrowPage {
    guard !dictionaries.isEmpty else { return self }
    var columns = columns
    var memory = memory
    for (f, dictionary) in dictionaries {
      guard var column = columns[f], let index = schema.fields[f].dictionary?.index else { continue }
      column.dictionary = dictionary
      if case .number = schema.fields[f].type {
        let decoded = try dictionary.decoded(column, index, rowCount: rowCount)
        column = decoded.0
        memory.append(decoded.memory)
      }
      columns[f] = column
    }
    return ArrowPage(rowCount: rowCount, columns: columns, memory: memory)
  }
}

/// Where the values of a field are.
struct ArrowColumn {
  /// Numbers, bits, indices of a dictionary, views of texts, or the places where texts end.
  var values: UnsafeRawPointer?
  /// The index of the first row among them.
  var first = 0
  /// A bit for each row, `nil` if none is missing, and the first row's index among them.
  var validity: UnsafePointer<UInt8>?
  var validityFirst = 0
  /// A bit for each number of lists.
  var elementValidity: UnsafePointer<UInt8>?
  var elementValidityFirst = 0
  /// The index of the first number of the first list.
  var firstElement = 0
  /// The memory of texts.
  var texts: [UnsafeRawBufferPointer] = []
  var dictionary: ArrowDictionary?

  /// Whether row `row` has a value.
  func isPresent(_ row: Int) -> Bool {
    guard let validity else { return true }
    return validity[(validityFirst + row) >> 3] >> UInt8((validityFirst + row) & 7) & 1 != 0
  }

  /// The column as the kernel reads it: of lists, the numbers at a place in each.
  func numbers(of type: ArrowType, element: Int) -> LockstepColumn {
    var column = LockstepColumn()
    column.stride = 1
    switch type {
    case .number(let number):
      column.set(number)
      column.first = Int64(first)
      column.validity = validity
      column.validityFirst = Int64(validityFirst)
    case .list(let number, let width):
      column.set(number)
      column.first = Int64(firstElement + first * width + element)
      column.stride = Int64(width)
      column.validity = elementValidity
      column.validityFirst = Int64(elementValidityFirst + first * width + element)
      column.rowValidity = validity
      column.rowValidityFirst = Int64(validityFirst)
    case .text, .other: column.set(.none)
    }
    column.values = values
    return column
  }

  /// The whole number at an index, of the types that refer to dictionaries.
  func index(_ row: Int, _ number: ArrowNumber) -> Int? {
    guard let values else { return nil }
    func load<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> Int? {
      Int(exactly: (values + (first + row) * MemoryLayout<T>.size).loadUnaligned(as: T.self))
    }
    switch number.kind {
    case LockstepColumnInt8: return load(Int8.self)
    case LockstepColumnInt16: return load(Int16.self)
    case LockstepColumnInt32: return load(Int32.self)
    case LockstepColumnInt64: return load(Int64.self)
    case LockstepColumnUInt8: return load(UInt8.self)
    case LockstepColumnUInt16: return load(UInt16.self)
    case LockstepColumnUInt32: return load(UInt32.self)
    case LockstepColumnUInt64: return load(UInt64.self)
    default: return nil
    }
  }

  /// The bytes of a row's text.
  ///
  /// - Throws: `LockstepError` if they are not where the column has texts.
  func text(_ row: Int, _ layout: ArrowText) throws -> UnsafeRawBufferPointer {
    guard let values else { throw FlatTable.damaged }
    func cut(_ memory: Int, _ start: Int, _ end: Int) throws -> UnsafeRawBufferPointer {
      guard memory >= 0, memory < texts.count, start >= 0, start <= end, end <= texts[memory].count else {
        throw FlatTable.damaged
      }
      return UnsafeRawBufferPointer(rebasing: texts[memory][start..<end])
    }
    func ends<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) throws -> UnsafeRawBufferPointer {
      let place = values + (first + row) * MemoryLayout<T>.size
      let start = Int(place.loadUnaligned(as: T.self))
      let end = Int((place + MemoryLayout<T>.size).loadUnaligned(as: T.self))
      return start == end && texts.isEmpty ? UnsafeRawBufferPointer(start: nil, count: 0) : try cut(0, start, end)
    }
    switch layout {
    case .ends32: return try ends(Int32.self)
    case .ends64: return try ends(Int64.self)
    case .views:
      let view = values + (first + row) * 16
      let count = Int(view.loadUnaligned(as: Int32.self))
      guard count > 12 else {
        guard count >= 0 else { throw FlatTable.damaged }
        return UnsafeRawBufferPointer(start: view + 4, count: count)
      }
      let start = Int((view + 12).loadUnaligned(as: Int32.self))
      return try cut(Int((view + 8).loadUnaligned(as: Int32.self)), start, start + count)
    }
  }
}

extension LockstepColumn {
  fileprivate mutating func set(_ number: ArrowNumber) {
    kind = number.kind
    factor = number.factor
    divisor = number.divisor
    scale = number.scale
  }
}

/// The entries of a dictionary: texts, or numbers.
final class ArrowDictionary: Sendable {
  let texts: [String?]
  let numbers: [Double]

  init(texts: [String?] = [], numbers: [Double] = []) {
    self.texts = texts
    self.numbers = numbers
  }

  /// The entries that pages hold, one after the other, in field 0 of each.
  convenience init(_ pages: [ArrowPage], type: ArrowType) throws {
    var texts: [String?] = []
    var numbers: [Double] = []
    for page in pages {
      guard let column = page.columns[0] else { continue }
      switch type {
      case .text(let layout):
        for row in 0..<page.rowCount {
          texts.append(
            column.isPresent(row) ? String(decoding: try column.text(row, layout), as: UTF8.self) : nil)
        }
      case .number:
        var description = column.numbers(of: type, element: 0)
        let found = [Double](unsafeUninitializedCapacity: page.rowCount) { buffer, count in
          if let address = buffer.baseAddress {
            lockstep_columns_to_rows(&description, 1, 0, Int64(page.rowCount), false, address, 1)
          }
          count = page.rowCount
        }
        numbers += found
      case .list, .other: break
      }
    }
    self.init(texts: texts, numbers: numbers)
  }

  /// The rows of a column that refers to numbers in this dictionary, as numbers, with the memory that holds them.
  func decoded(
    _ column: ArrowColumn, _ index: ArrowNumber, rowCount: Int
  ) throws -> (ArrowColumn, memory: any Sendable) {
    guard AvailableMemory.has(rowCount.multipliedReportingOverflow(by: 8).partialValue),
      let memory = MatrixReservation<Double>(capacity: rowCount, columnCount: 1)
    else {
      throw LockstepError(.outOfMemory, "there is no memory for \(rowCount) numbers")
    }
    for row in 0..<rowCount {
      guard column.isPresent(row) else {
        memory.row(row).pointee = .nan
        continue
      }
      guard let i = column.index(row, index), numbers.indices.contains(i) else { throw Self.absent }
      memory.row(row).pointee = numbers[i]
    }
    return (ArrowColumn(values: UnsafeRawPointer(memory.row(0))), memory)
  }

  static var absent: LockstepError {
    LockstepError(
      .malformedInput, "a value refers to an entry that its dictionary does not have", remedy: "write it again")
  }
}

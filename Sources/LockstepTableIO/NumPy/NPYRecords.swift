// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// A structured array of NumPy: records of named fields, one after the other, in a mapped file.
///
/// A field that is an array is a column for each of its elements, `name[0]`, `name[1]`, …; one that is a record is those of its own,
/// `name.field`.
final class NPYRecords: ColumnStore {
  let name: String
  let rowCount: Int
  var columnCount: Int { columns.count }
  var columnNames: [String]? { columns.map(\.name) }
  var isCheap: Bool { true }
  private let columns: [NPYRecordType.Column]
  private let recordByteCount: Int
  private let mapping: MappedFile

  /// Whether an NPY file begins like this.
  static func isHead(_ head: [UInt8]) -> Bool {
    guard head.starts(with: NPYHeader.magic) else { return false }
    let text = head.dropFirst(8).prefix(256)
    guard let key = text.indices.first(where: { text[$0...].starts(with: "descr".utf8) }) else { return false }
    return text[(key + 5)...].first { !"'\": ".utf8.contains($0) } == UInt8(ascii: "[")
  }

  /// Opens a file.
  ///
  /// - Throws: `LockstepError`: `.malformedInput` if it is cut off, `.unsupported` for other fields than numbers, texts and bytes.
  init(_ file: InputFile) throws {
    name = file.name
    let place = LockstepError.Place(file: name)
    let (text, start) = try NPYHeader.text(name: name) { wanted in
      try Array(unsafeUninitializedCapacity: wanted) { buffer, count in
        count = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
    guard let type = NPYRecordType(text: text) else { throw NPYHeader.unknown(text, name: name) }
    guard !type.hasObjects else {
      throw LockstepError(
        .unsupported, "the array has fields of Python objects", remedy: "save them as numbers or texts", place: place)
    }
    guard type.shape.count == 1 || type.shape.count == 2 && type.shape[1] == 1 else {
      throw LockstepError(
        .shapeMismatch, "the array of records has \(type.shape.count) dimensions, not one",
        remedy: "save x.reshape(-1)", place: place)
    }
    guard !type.columns.isEmpty else {
      throw LockstepError(.shapeMismatch, "the records have no fields", place: place)
    }
    rowCount = type.shape[0]
    columns = type.columns
    recordByteCount = type.byteCount
    let stored = (file.byteCount ?? 0) - start
    let (expected, isTooLong) = rowCount.multipliedReportingOverflow(by: recordByteCount)
    guard !isTooLong, recordByteCount > 0, stored == expected else {
      throw LockstepError(
        .malformedInput,
        "\(rowCount) records of \(recordByteCount) bytes are claimed, and \(stored) bytes are there",
        remedy: "write it again", place: place)
    }
    mapping = try MappedFile(file, start..<start + stored, isForAll: false)
  }

  func requireNumbers(in chosen: [Int]) throws {
    guard let column = chosen.first(where: { columns[$0].number == nil }) else { return }
    let isText = columns[column].text != nil
    throw LockstepError(
      isText ? .malformedInput : .unsupported,
      "the field holds \(NPYLayout.described(columns[column].type)), not numbers",
      remedy: "leave it out with \(option: .columns)", place: place(column: column))
  }

  func release() { mapping.release() }

  func copy(_ rows: Range<Int>, to targets: [ColumnTarget], isSingle: Bool) throws {
    let elementByteCount = isSingle ? 4 : 8
    for target in targets where !target.columns.isEmpty {
      // Fields lie anywhere in their records: a block of each is put together first.
      let blockRowCount = max(1, min(rows.count, (1 << 18) / (8 * target.columns.count)))
      let room = UnsafeMutableRawBufferPointer.allocate(
        byteCount: blockRowCount * 8 * target.columns.count, alignment: 8)
      defer { room.deallocate() }
      for start in stride(from: rows.lowerBound, to: rows.upperBound, by: blockRowCount) {
        let block = start..<min(start + blockRowCount, rows.upperBound)
        let described = try target.columns.enumerated().map { place, number in
          guard let type = columns[number].number else { throw noNumbers(number) }
          let values = UnsafeMutableRawBufferPointer(
            rebasing: room[place * blockRowCount * 8..<(place + 1) * blockRowCount * 8])
          gather(columns[number].offset, type, of: block, to: values)
          var column = LockstepColumn()
          column.kind = type.columnKind
          (column.factor, column.divisor, column.stride) = (1, 1, 1)
          column.values = UnsafeRawPointer(values.baseAddress)
          return column
        }
        lockstep_columns_to_rows(
          described, Int64(described.count), 0, Int64(block.count), isSingle,
          target.address + (start - rows.lowerBound) * described.count * elementByteCount, Int64(described.count))
      }
    }
  }

  private func noNumbers(_ column: Int) -> LockstepError {
    LockstepError(.malformedInput, "the field holds no numbers", place: place(column: column))
  }

  /// Copies a field of some records, its first byte the least significant one.
  private func gather(
    _ offset: Int, _ type: NPYElementType, of rows: Range<Int>, to values: UnsafeMutableRawBufferPointer
  ) {
    let isSwapped = type.isBigEndian
    func each<Bits: FixedWidthInteger & BitwiseCopyable>(_ bits: Bits.Type) {
      for (i, row) in rows.enumerated() {
        let value = mapping.bytes.loadUnaligned(fromByteOffset: row * recordByteCount + offset, as: Bits.self)
        values.storeBytes(
          of: isSwapped ? value.byteSwapped : value, toByteOffset: i * MemoryLayout<Bits>.size, as: Bits.self)
      }
    }
    switch type.byteCount {
    case 1: each(UInt8.self)
    case 2: each(UInt16.self)
    case 4: each(UInt32.self)
    default: each(UInt64.self)
    }
  }

  func labels(_ column: Int, of rows: Range<Int>) throws -> StoredLabels {
    guard let width = columns[column].text else {
      try requireNumbers(in: [column])
      let numbers = try [Double](unsafeUninitializedCapacity: rows.count) { buffer, count in
        guard let address = buffer.baseAddress else { return }
        try copy(
          rows, to: [ColumnTarget(columns: [column], address: UnsafeMutableRawPointer(address))], isSingle: false)
        count = rows.count
      }
      return try labels(ofNumbers: numbers, firstRow: rows.lowerBound, column: column)
    }
    let isSwapped = columns[column].type.hasPrefix(">")
    let texts = rows.map { row -> String in
      let start = row * recordByteCount + columns[column].offset
      let field = UnsafeRawBufferPointer(rebasing: mapping.bytes[start..<start + width.byteCount])
      guard width.isUnicode else { return String(decoding: field.prefix { $0 != 0 }, as: UTF8.self) }
      var text = String.UnicodeScalarView()
      for i in 0..<field.count / 4 {
        let value = field.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)
        let scalar = Unicode.Scalar(isSwapped ? value.byteSwapped : value)
        if scalar?.value == 0 { break }
        text.append(scalar ?? "\u{FFFD}")
      }
      return String(text)
    }
    return StoredLabels(labels: RowLabels(texts), missing: [])
  }
}

/// What the header of a structured array says: its fields as columns, and its shape.
struct NPYRecordType {
  /// A number, or something else, at a place of each record.
  struct Column {
    var name: String
    /// In NumPy's notation.
    var type: String
    var offset: Int

    /// The type of numbers; `nil` of all else.
    var number: NPYElementType? { NPYElementType(type) }
    /// The number of bytes of a text, and whether its characters have four each; `nil` of all else.
    var text: (byteCount: Int, isUnicode: Bool)? {
      let kind = type.dropFirst().first
      guard kind == "U" || kind == "S", let byteCount = NPYRecordType.byteCount(of: type) else { return nil }
      return (byteCount, kind == "U")
    }
  }

  private(set) var columns: [Column] = []
  private(set) var byteCount = 0
  private(set) var shape: [Int] = []
  private(set) var hasObjects = false

  /// The most columns that are believed.
  private static var largestColumnCount: Int { 1 << 20 }

  /// Reads a header; `nil` for anything else than a description of records.
  init?(text: String) {
    var scanner = PythonScanner(text)
    guard scanner.skip("{") else { return nil }
    var isComplete = (type: false, order: false, shape: false)
    while !scanner.skip("}") {
      guard let key = scanner.string(), scanner.skip(":") else { return nil }
      switch key {
      case "descr":
        guard readFields(&scanner, prefix: "", depth: 0) else { return nil }
        isComplete.type = true
      case "fortran_order": isComplete.order = scanner.boolean() != nil
      case "shape":
        guard let found = scanner.tuple() else { return nil }
        (shape, isComplete.shape) = (found, true)
      default: return nil
      }
      if !scanner.skip(",") {
        guard scanner.skip("}") else { return nil }
        break
      }
    }
    guard isComplete == (true, true, true), scanner.isAtEnd else { return nil }
  }

  /// Reads a list of fields: each a name, or a title and a name, a type, and the lengths of an array.
  private mutating func readFields(_ scanner: inout PythonScanner, prefix: String, depth: Int) -> Bool {
    guard depth < 8, scanner.skip("[") else { return false }
    while !scanner.skip("]") {
      guard scanner.skip("(") else { return false }
      var name = scanner.string()
      if name == nil {
        guard scanner.skip("("), scanner.string() != nil, scanner.skip(",") else { return false }
        name = scanner.string()
        guard scanner.skip(")") else { return false }
      }
      guard let name, scanner.skip(",") else { return false }
      let full = prefix + name
      if let type = scanner.string() {
        var count = 1
        var isArray = false
        if scanner.skip(",") {
          guard let lengths = scanner.tuple() else { return false }
          isArray = true
          for length in lengths {
            count = count.multipliedReportingOverflow(by: length).partialValue
            guard count >= 0, count <= Self.largestColumnCount else { return false }
          }
        }
        guard let size = Self.byteCount(of: type), add(full, type, size, count: count, isArray: isArray) else {
          return false
        }
      } else {
        guard readFields(&scanner, prefix: full + ".", depth: depth + 1) else { return false }
      }
      guard scanner.skip(")") else { return false }
      if !scanner.skip(",") { return scanner.skip("]") }
    }
    return true
  }

  private mutating func add(_ name: String, _ type: String, _ size: Int, count: Int, isArray: Bool) -> Bool {
    let isPadding = type.dropFirst().first == "V"
    hasObjects = hasObjects || type.contains("O")
    guard columns.count + count <= Self.largestColumnCount else { return false }
    for i in 0..<count {
      if !isPadding { columns.append(Column(name: isArray ? "\(name)[\(i)]" : name, type: type, offset: byteCount)) }
      let (end, isTooLong) = byteCount.addingReportingOverflow(size)
      guard !isTooLong, end < 1 << 32 else { return false }
      byteCount = end
    }
    return true
  }

  /// The number of bytes of a type in NumPy's notation; `nil` if it tells none.
  static func byteCount(of type: String) -> Int? {
    // Times have their unit in brackets behind the size.
    guard let size = Int(type.dropFirst(2).prefix { $0 != "[" }), size >= 0, size < 1 << 28 else {
      return type.hasSuffix("O") ? 8 : nil
    }
    return type.dropFirst().first == "U" ? 4 * size : size
  }
}

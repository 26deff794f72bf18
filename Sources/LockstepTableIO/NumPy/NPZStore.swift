// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables
import Synchronization

/// A matrix of an NPZ file: an NPY file in a ZIP archive, read where it lies if it is stored, unpacked if it is compressed.
///
/// Audited `@unchecked Sendable`: the memory is only read after `init`, and is kept for as long as the store.
final class NPZStore: ColumnStore, @unchecked Sendable {
  let name: String
  var rowCount: Int { layout.rowCount }
  var columnCount: Int { layout.columnCount }
  var columnNames: [String]? { nil }
  // What was compressed has been unpacked.
  var isCheap: Bool { true }
  private let layout: NPYLayout
  private let kind: LockstepColumnKind
  private let elements: UnsafeRawPointer
  private let memory: any Sendable
  private let unpacked: UnpackedBytes?
  private let mapping: MappedFile
  /// The check sum of an array that is stored as it is, until somebody wants its rows.
  private let unchecked: Mutex<UInt32?>
  private let stored: UnsafeRawBufferPointer

  /// Opens the array that `member` names, or the only matrix that there is.
  init(_ file: InputFile, byteCount: Int, member: String?, limit: MemoryLimit? = nil) throws {
    mapping = try MappedFile(file, 0..<byteCount, isForAll: false)
    let mapping = mapping
    let archive = try ZIPArchive(mapping.bytes, name: file.name)
    let arrays = archive.members.filter { $0.name.hasSuffix(".npy") }
    if arrays.isEmpty { throw Self.noArrays(archive, name: file.name) }
    func found() throws -> ZIPArchive.Member {
      let names = arrays.prefix(10).map { "\(file.name):\($0.name.dropLast(4))" }.joined(separator: ", ")
      let remedy = "choose one: \(names)"
      if let member {
        if let array = arrays.first(where: { $0.name == member || $0.name == member + ".npy" }) { return array }
        throw LockstepError(
          .usage, "there is no array \"\(member)\"", remedy: remedy, place: .init(file: file.name))
      }
      let layouts = arrays.map { try? Self.header(of: $0, in: mapping.bytes, name: file.name) }
      if zip(arrays, layouts).contains(where: { $0.name == "metadata.npy" && $1?.type.hasPrefix("<U") == true }) {
        throw LockstepError(
          .usage, "this is a saved model, not data", remedy: "give a file of rows",
          place: .init(file: file.name))
      }
      let matrices = zip(arrays, layouts).filter { $1?.shape.count == 2 }.map(\.0)
      if matrices.count == 1 { return matrices[0] }
      if arrays.count == 1 { return arrays[0] }
      throw LockstepError(
        .usage, "the file has \(arrays.count) arrays", remedy: remedy, place: .init(file: file.name))
    }
    let array = try found()
    let name = member == nil ? file.name : "\(file.name):\(array.name.dropLast(4))"
    self.name = name
    var content: UnsafeRawBufferPointer
    var memory: any Sendable = mapping
    stored =
      array.method == 0 ? UnsafeRawBufferPointer(rebasing: mapping.bytes[array.place]) : .init(start: nil, count: 0)
    unchecked = Mutex(array.method == 0 ? array.checkSum : nil)
    if array.method == 0 {
      content = UnsafeRawBufferPointer(rebasing: mapping.bytes[array.place])
    } else {
      let room = try Self.unpacked(array, array.byteCount, in: mapping.bytes, limit: limit, name: name)
      content = UnsafeRawBufferPointer(room.bytes)
      guard lockstep_crc32(0, content.baseAddress, content.count) == array.checkSum else {
        throw LockstepError(
          .malformedInput, "the check sum of the array is wrong", remedy: "write the file again",
          place: .init(file: name))
      }
      memory = room
    }
    let layout = try NPYLayout(name: name, byteCount: content.count) { Array(content.prefix($0)) }
    content = UnsafeRawBufferPointer(rebasing: content[layout.dataStart...])
    if layout.type.isBigEndian, layout.type.byteCount > 1 {
      (content, memory) = try Self.swapped(
        content, layout.type.byteCount, limit: limit, name: name)
    }
    guard let elements = content.baseAddress else {
      throw LockstepError(.noInput, "the array is empty", place: .init(file: name))
    }
    (self.layout, self.elements, self.memory) = (layout, elements, memory)
    unpacked = memory as? UnpackedBytes
    kind = layout.type.columnKind
  }

  /// What is said of an archive that is no NPZ file.
  private static func noArrays(_ archive: ZIPArchive, name: String) -> LockstepError {
    let names = archive.members.map(\.name)
    let (what, remedy) =
      if names.contains(where: { $0.hasPrefix("xl/") }) {
        ("a spreadsheet of Excel", "save it as CSV")
      } else if names.contains("mimetype"), names.contains("content.xml") {
        ("an office document", "save the table as CSV")
      } else if names.contains(where: { $0.hasSuffix("data.pkl") }) {
        ("a file of PyTorch", "save the array: numpy.save(\"x.npy\", x.numpy())")
      } else {
        ("a ZIP archive without arrays of NumPy", "unpack it: unzip FILE")
      }
    return LockstepError(.malformedInput, "this is \(what)", remedy: remedy, place: .init(file: name))
  }

  private static func header(
    of member: ZIPArchive.Member, in bytes: UnsafeRawBufferPointer, name: String
  ) throws -> NPYHeader {
    if member.method == 0 { return try NPYHeader.read(name: name) { Array(bytes[member.place].prefix($0)) }.0 }
    let byteCount = min(member.byteCount, 1 << 12)
    let room = try unpacked(member, byteCount, in: bytes, limit: nil, name: name)
    return try NPYHeader.read(name: name) { Array(room.bytes.prefix($0)) }.0
  }

  /// The bytes of a member, held against their check sum, and what keeps them in memory besides the archive.
  static func content(
    of member: ZIPArchive.Member, in bytes: UnsafeRawBufferPointer, limit: MemoryLimit?, name: String
  ) throws -> (bytes: UnsafeRawBufferPointer, memory: (any Sendable)?) {
    var content = UnsafeRawBufferPointer(rebasing: bytes[member.place])
    var memory: UnpackedBytes?
    if member.method != 0 {
      let room = try unpacked(member, member.byteCount, in: bytes, limit: limit, name: name)
      content = UnsafeRawBufferPointer(room.bytes)
      memory = room
    }
    guard lockstep_crc32(0, content.baseAddress, content.count) == member.checkSum else {
      throw LockstepError(
        .malformedInput, "the check sum of the array is wrong", remedy: "write the file again",
        place: .init(file: name))
    }
    return (content, memory)
  }

  /// The first bytes of a compressed member.
  private static func unpacked(
    _ member: ZIPArchive.Member, _ byteCount: Int, in bytes: UnsafeRawBufferPointer, limit: MemoryLimit?, name: String
  ) throws -> UnpackedBytes {
    guard member.method == 8 else {
      throw LockstepError(
        .unsupported, "the array is compressed by method \(member.method)", remedy: "write it with NumPy",
        place: .init(file: name))
    }
    guard byteCount / Inflation.largestRatio <= member.place.count else {
      throw LockstepError(
        .malformedInput, "\(member.place.count) compressed bytes do not stand for \(byteCount)",
        remedy: "write the file again", place: .init(file: name))
    }
    let room = try UnpackedBytes(count: byteCount, limit: limit, name: name)
    do {
      try Inflation.unpack(UnsafeRawBufferPointer(rebasing: bytes[member.place]), into: room.bytes)
      room.finish()
    } catch {
      var error = LockstepError(wrapping: error)
      error.place = .init(file: name)
      throw error
    }
    return room
  }

  /// A copy of numbers whose bytes run the other way.
  private static func swapped(
    _ content: UnsafeRawBufferPointer, _ width: Int, limit: MemoryLimit?, name: String
  ) throws -> (UnsafeRawBufferPointer, any Sendable) {
    let room = try UnpackedBytes(count: content.count, limit: limit, name: name)
    let target = room.bytes
    for start in stride(from: 0, to: content.count, by: width) {
      for i in 0..<width { target[start + i] = content[start + width - 1 - i] }
    }
    room.finish()
    return (UnsafeRawBufferPointer(target), room)
  }

  // MARK: Rows

  /// Throws if a stored array is not what was written.
  private func check() throws {
    try unchecked.withLock { expected in
      guard let sum = expected else { return }
      guard lockstep_crc32(0, stored.baseAddress, stored.count) == sum else {
        throw LockstepError(
          .malformedInput, "the check sum of the array is wrong", remedy: "write the file again",
          place: .init(file: name))
      }
      expected = nil
    }
  }

  func copy(_ rows: Range<Int>, to targets: [ColumnTarget], isSingle: Bool) throws {
    try check()
    for target in targets {
      let columns = target.columns.map { number in
        var column = LockstepColumn()
        column.kind = kind
        (column.factor, column.divisor) = (1, 1)
        column.values = elements
        column.first = Int64(layout.isColumnMajor ? number * layout.rowCount : number)
        column.stride = Int64(layout.isColumnMajor ? 1 : layout.columnCount)
        return column
      }
      lockstep_columns_to_rows(
        columns, Int64(columns.count), Int64(rows.lowerBound), Int64(rows.count), isSingle, target.address,
        Int64(columns.count))
    }
  }

  func release() {
    mapping.release()
    unpacked?.release()
  }

  func shown<Element: Scalar>(
    _ columns: [Int], of rows: Range<Int>, as type: Element.Type
  ) throws -> [DenseRows<Element>]? {
    try check()
    let first = elements + rows.lowerBound * columnCount * MemoryLayout<Element>.size
    guard layout.type.isStored(as: type), !layout.isColumnMajor, columns == Array(0..<columnCount),
      UInt(bitPattern: first) % UInt(MemoryLayout<Element>.alignment) == 0
    else { return nil }
    let count = rows.count * columnCount
    let shown = UnsafeBufferPointer(start: first.bindMemory(to: Element.self, capacity: count), count: count)
    let storage = RowStorage(adopting: shown) { withExtendedLifetime(self) {} }
    return [DenseRows(storage, rowCount: rows.count, columnCount: columnCount)]
  }

  func labels(_ column: Int, of rows: Range<Int>) throws -> StoredLabels {
    let numbers = try [Double](unsafeUninitializedCapacity: rows.count) { buffer, count in
      guard let address = buffer.baseAddress else { return }
      try copy(rows, to: [ColumnTarget(columns: [column], address: UnsafeMutableRawPointer(address))], isSingle: false)
      count = rows.count
    }
    return try labels(ofNumbers: numbers, firstRow: rows.lowerBound, column: column)
  }
}

extension NPYElementType {
  /// The same numbers for the kernel that makes rows of columns.
  var columnKind: LockstepColumnKind {
    switch (kind, byteCount) {
    case (.float, 2): LockstepColumnFloat16
    case (.float, 4): LockstepColumnFloat32
    case (.float, _): LockstepColumnFloat64
    case (.signed, 1): LockstepColumnInt8
    case (.signed, 2): LockstepColumnInt16
    case (.signed, 4): LockstepColumnInt32
    case (.signed, _): LockstepColumnInt64
    case (.unsigned, 2): LockstepColumnUInt16
    case (.unsigned, 4): LockstepColumnUInt32
    case (.unsigned, 8): LockstepColumnUInt64
    default: LockstepColumnUInt8
    }
  }
}

// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// A sparse matrix as SciPy's `save_npz` writes it: an archive of arrays, of which one names the format.
///
/// Compressed rows (`csr`), compressed columns (`csc`) and coordinates (`coo`) are read. Entries of one place are added up, as
/// SciPy does. Each process that shares the file keeps the entries of its own rows.
struct SparseArchive<Element: Scalar> {
  /// What was read.
  let loaded: LoadedRows<Element>

  /// Whether a file is such an archive, of which no array is named.
  static func isArchive(_ file: InputFile, _ named: FileMember) throws -> Bool {
    guard named.member == nil else { return false }
    let mapping = try MappedFile(file, 0..<(file.byteCount ?? 0), isForAll: false)
    let names = Set(try ZIPArchive(mapping.bytes, name: file.name).members.map(\.name))
    return names.isSuperset(of: ["format.npy", "shape.npy", "data.npy"])
  }

  /// Reads a share of the rows.
  ///
  /// - Throws: `LockstepError`: `.malformedInput` if the arrays do not fit together, `.unsupported` for another format.
  init(_ file: InputFile, options: ReadOptions, shard: FileShard) throws {
    let arrays = try SparseArrays(file, limit: options.memoryLimit)
    let order = try arrays.order(of: shard.range(of: arrays.rowCount))
    var (offsets, columns) = (order.offsets, order.columns)
    var values: [Element] = try arrays.values(order.entries)
    if order.hasRepeats { (offsets, columns, values) = Self.added(offsets, columns, values) }

    var skippedRowCount = 0
    var missing: [Int32: Int] = [:]
    if options.missing != .error {
      var count: UInt64 = 0
      var isMissing = [UInt8](repeating: 0, count: values.count)
      _ = lockstep_rows_missing(values, Int64(values.count), 1, Element.self == Float.self, &count, &isMissing)
      if count > 0 {
        for e in isMissing.indices where isMissing[e] != 0 { missing[columns[e], default: 0] += 1 }
        if options.missing == .skipRow {
          let kept = (0..<offsets.count - 1).filter { row in
            !isMissing[offsets[row]..<offsets[row + 1]].contains { $0 != 0 }
          }
          skippedRowCount = offsets.count - 1 - kept.count
          let entries = kept.flatMap { offsets[$0]..<offsets[$0 + 1] }
          offsets = kept.reduce(into: [0]) { $0.append($0[$0.count - 1] + offsets[$1 + 1] - offsets[$1]) }
          (columns, values) = (entries.map { columns[$0] }, entries.map { values[$0] })
        }
      }
    }
    let rows = try SparseRows(
      offsets: offsets, columns: columns, values: values, columnCount: max(arrays.columnCount, 1))
    let selection = try SparseSelection(options, columnCount: arrays.columnCount, labelName: nil, file: file.name)
    loaded = try selection.loaded(
      FileRows(sparse: [rows], columnCount: rows.columnCount), skippedRowCount: skippedRowCount, missing: missing,
      file: file.name)
  }

  /// The entries with the sums of those that have one place.
  private static func added(
    _ offsets: [Int], _ columns: [Int32], _ values: [Element]
  ) -> ([Int], [Int32], [Element]) {
    var (newOffsets, newColumns, newValues): ([Int], [Int32], [Element]) = ([0], [], [])
    for row in 0..<offsets.count - 1 {
      let start = newColumns.count
      for e in offsets[row]..<offsets[row + 1] {
        if newColumns.count > start, newColumns[newColumns.count - 1] == columns[e] {
          newValues[newValues.count - 1] += values[e]
        } else {
          newColumns.append(columns[e])
          newValues.append(values[e])
        }
      }
      newOffsets.append(newColumns.count)
    }
    return (newOffsets, newColumns, newValues)
  }
}

/// The arrays of a sparse matrix, where they lie in the archive or are unpacked to.
private struct SparseArrays {
  let rowCount: Int
  let columnCount: Int
  private let name: String
  private let format: Format
  private let data: Contents
  private let type: NPYElementType

  private enum Format {
    /// Where the rows begin, and the columns.
    case rows(Places, Places)
    /// Where the columns begin, and the rows.
    case columns(Places, Places)
    /// The rows and the columns.
    case coordinates(Places, Places)
  }

  /// The entries of some rows, row after row and by columns within each.
  struct Order {
    var offsets: [Int]
    var columns: [Int32]
    var entries: Entries
    /// Whether some row has a column twice.
    var hasRepeats = false

    enum Entries {
      case range(Range<Int>)
      case list([Int])
    }
  }

  init(_ file: InputFile, limit: MemoryLimit?) throws {
    name = file.name
    let archive = try Archive(file, limit: limit)
    let word = try archive.contents("format")
    let format = withExtendedLifetime(word) { String(decoding: word.bytes.filter { $0 != 0 }, as: UTF8.self) }
    let shape = try archive.places("shape")
    guard shape.count == 2 else {
      throw LockstepError(
        .shapeMismatch, "the sparse array has \(shape.count) dimensions, not rows and columns",
        remedy: "save x.reshape(n, p)", place: .init(file: file.name))
    }
    (rowCount, columnCount) = (shape[0], shape[1])
    data = try archive.contents("data")
    guard let type = NPYElementType(data.header.type), data.header.shape.count == 1 || format == "bsr" else {
      throw LockstepError(
        .unsupported, "the entries are \(NPYLayout.described(data.header.type)), not real numbers",
        remedy: "save x.astype('float64')", place: .init(file: file.name))
    }
    self.type = type
    let count = data.bytes.count / type.byteCount
    // Rows and columns that no array shows are believed in proportion to the file.
    let most = SparseSize.limit(byteCount: archive.byteCount)
    guard data.bytes.count == count * type.byteCount, rowCount >= 0, format == "csr" || rowCount <= most,
      columnCount > 0, columnCount <= Int(Int32.max), format == "csc" || columnCount <= most
    else { throw archive.damaged }
    func pointers(_ length: Int) throws -> Places {
      let starts = try archive.places("indptr")
      guard starts.count == length + 1, starts[0] == 0, starts[length] == count,
        (0..<length).allSatisfy({ starts[$0] <= starts[$0 + 1] })
      else { throw archive.damaged }
      return starts
    }
    func indices(_ places: Places?, below limit: Int) throws -> Places {
      guard let places, places.count == count, (0..<count).allSatisfy({ places[$0] >= 0 && places[$0] < limit }) else {
        throw archive.damaged
      }
      return places
    }
    switch format {
    case "csr": self.format = .rows(try pointers(rowCount), try indices(archive.places("indices"), below: columnCount))
    case "csc":
      self.format = .columns(try pointers(columnCount), try indices(archive.places("indices"), below: rowCount))
    case "coo":
      // The two arrays may be one.
      let both = archive.has("row") ? nil : try archive.places("coords")
      self.format = .coordinates(
        try indices(both.map { $0.half(0, count) } ?? archive.places("row"), below: rowCount),
        try indices(both.map { $0.half(1, count) } ?? archive.places("col"), below: columnCount))
    default:
      throw LockstepError(
        .unsupported, "a sparse matrix in the format \(PrintableText.of(format, limit: 8)) is not read",
        remedy: "save x.tocsr()", place: .init(file: file.name))
    }
  }

  /// The entries of a range of rows.
  func order(of rows: Range<Int>) throws -> Order {
    switch format {
    case .rows(let starts, let columns):
      let offsets = (rows.lowerBound...rows.upperBound).map { starts[$0] - starts[rows.lowerBound] }
      let first = starts[rows.lowerBound]
      let entries = first..<first + offsets[rows.count]
      let found = entries.map { Int32(truncatingIfNeeded: columns[$0]) }
      return sorted(offsets, found, entries: .range(entries))
    case .columns(let starts, let rowNumbers):
      return grouped(rows, starts[columnCount]) { visit in
        for column in 0..<columnCount {
          for e in starts[column]..<starts[column + 1] { visit(e, rowNumbers[e], column) }
        }
      }
    case .coordinates(let rowNumbers, let columns):
      let order = grouped(rows, rowNumbers.count) { visit in
        for e in 0..<rowNumbers.count { visit(e, rowNumbers[e], columns[e]) }
      }
      return sorted(order.offsets, order.columns, entries: order.entries)
    }
  }

  /// The entries that lie in some rows, by rows, and within each in the order in which they are visited.
  private func grouped(
    _ rows: Range<Int>, _ count: Int, _ visitAll: ((_ entry: Int, _ row: Int, _ column: Int) -> Void) -> Void
  ) -> Order {
    var offsets = [Int](repeating: 0, count: rows.count + 1)
    visitAll { _, row, _ in if rows.contains(row) { offsets[row - rows.lowerBound + 1] += 1 } }
    for i in 0..<rows.count { offsets[i + 1] += offsets[i] }
    var columns = [Int32](repeating: 0, count: offsets[rows.count])
    var entries = [Int](repeating: 0, count: offsets[rows.count])
    var next = offsets
    visitAll { entry, row, column in
      guard rows.contains(row) else { return }
      let place = next[row - rows.lowerBound]
      columns[place] = Int32(truncatingIfNeeded: column)
      entries[place] = entry
      next[row - rows.lowerBound] += 1
    }
    return Order(
      offsets: offsets, columns: columns, entries: .list(entries), hasRepeats: Self.repeats(offsets, columns))
  }

  /// The same entries by columns within each row, those of one place in their order.
  private func sorted(_ offsets: [Int], _ columns: [Int32], entries: Order.Entries) -> Order {
    var order = Order(offsets: offsets, columns: columns, entries: entries)
    var list: [Int]?
    for i in 0..<offsets.count - 1 {
      let row = offsets[i]..<offsets[i + 1]
      guard row.dropFirst().contains(where: { columns[$0] < columns[$0 - 1] }) else { continue }
      let places = row.sorted { (columns[$0], $0) < (columns[$1], $1) }
      var own =
        list
        ?? {
          switch entries {
          case .range(let range): Array(range)
          case .list(let list): list
          }
        }()
      list = nil
      let moved = places.map { (columns[$0], own[$0]) }
      for (place, entry) in zip(row, moved) { (order.columns[place], own[place]) = entry }
      list = own
    }
    if let list { order.entries = .list(list) }
    order.hasRepeats = Self.repeats(offsets, order.columns)
    return order
  }

  private static func repeats(_ offsets: [Int], _ columns: [Int32]) -> Bool {
    (0..<offsets.count - 1).contains { i in
      (offsets[i]..<offsets[i + 1]).dropFirst().contains { columns[$0] == columns[$0 - 1] }
    }
  }

  /// The values of some entries.
  func values<Element: Scalar>(_ entries: Order.Entries) throws -> [Element] {
    switch entries {
    case .range(let range):
      return numbers(
        UnsafeRawBufferPointer(
          rebasing: data.bytes[range.lowerBound * type.byteCount..<range.upperBound * type.byteCount]))
    case .list(let list):
      let width = type.byteCount
      let bytes = [UInt8](unsafeUninitializedCapacity: list.count * width) { buffer, count in
        count = list.count * width
        guard let target = buffer.baseAddress, let source = data.bytes.baseAddress else { return }
        for (i, entry) in list.enumerated() {
          UnsafeMutableRawPointer(target + i * width).copyMemory(from: source + entry * width, byteCount: width)
        }
      }
      return bytes.withUnsafeBytes { numbers($0) }
    }
  }

  private func numbers<Element: Scalar>(_ bytes: UnsafeRawBufferPointer) -> [Element] {
    let width = type.byteCount
    let count = bytes.count / width
    var swapped: [UInt8] = []
    if type.isBigEndian, width > 1 {
      swapped = (0..<bytes.count).map { bytes[$0 / width * width + width - 1 - $0 % width] }
    }
    return swapped.withUnsafeBytes { swapped in
      var column = LockstepColumn()
      column.kind = type.columnKind
      (column.factor, column.divisor, column.stride) = (1, 1, 1)
      column.values = swapped.isEmpty ? bytes.baseAddress : swapped.baseAddress
      return [Element](unsafeUninitializedCapacity: count) { buffer, filled in
        filled = count
        guard let address = buffer.baseAddress, count > 0 else { return }
        lockstep_columns_to_rows(&column, 1, 0, Int64(count), Element.self == Float.self, address, 1)
      }
    }
  }

  /// An array of the archive.
  private struct Contents {
    var header: NPYHeader
    var bytes: UnsafeRawBufferPointer
    /// What keeps the bytes in memory.
    var memory: [any Sendable]
  }

  /// Whole numbers of 32 or 64 bits.
  private struct Places {
    private let contents: Contents
    private let isLong: Bool
    private let first: Int
    let count: Int

    init?(_ contents: Contents) {
      guard let type = NPYElementType(contents.header.type), type.kind == .signed, !type.isBigEndian,
        type.byteCount >= 4
      else { return nil }
      (self.contents, isLong, first, count) =
        (contents, type.byteCount == 8, 0, contents.bytes.count / type.byteCount)
    }

    private init(_ places: Places, _ first: Int, _ count: Int) {
      (contents, isLong, self.first, self.count) = (places.contents, places.isLong, first, count)
    }

    /// The first or second `count` numbers of twice as many.
    func half(_ number: Int, _ count: Int) -> Places? {
      self.count == 2 * count ? Places(self, number * count, count) : nil
    }

    subscript(i: Int) -> Int {
      isLong
        ? contents.bytes.loadUnaligned(fromByteOffset: (first + i) * 8, as: Int.self)
        : Int(contents.bytes.loadUnaligned(fromByteOffset: (first + i) * 4, as: Int32.self))
    }
  }

  /// The arrays by their names.
  private struct Archive {
    private let mapping: MappedFile
    private let members: [String: ZIPArchive.Member]
    private let name: String
    private let limit: MemoryLimit?
    var byteCount: Int { mapping.bytes.count }

    init(_ file: InputFile, limit: MemoryLimit?) throws {
      self.limit = limit
      mapping = try MappedFile(file, 0..<(file.byteCount ?? 0), isForAll: false)
      name = file.name
      var members: [String: ZIPArchive.Member] = [:]
      for member in try ZIPArchive(mapping.bytes, name: file.name).members { members[member.name] = member }
      self.members = members
    }

    var damaged: LockstepError {
      LockstepError(
        .malformedInput, "the arrays of the sparse matrix do not fit together", remedy: "save it again",
        place: .init(file: name))
    }

    func has(_ array: String) -> Bool { members["\(array).npy"] != nil }

    func contents(_ array: String) throws -> Contents {
      guard let member = members["\(array).npy"] else { throw damaged }
      let (bytes, memory) = try NPZStore.content(of: member, in: mapping.bytes, limit: limit, name: "\(name):\(array)")
      let (header, start) = try NPYHeader.read(name: "\(name):\(array)") { Array(bytes.prefix($0)) }
      guard !header.isFortranOrder || header.shape.count < 2 else { throw damaged }
      var owners: [any Sendable] = [mapping]
      if let memory { owners.append(memory) }
      return Contents(header: header, bytes: UnsafeRawBufferPointer(rebasing: bytes[start...]), memory: owners)
    }

    func places(_ array: String) throws -> Places {
      guard let places = Places(try contents(array)) else { throw damaged }
      return places
    }
  }
}

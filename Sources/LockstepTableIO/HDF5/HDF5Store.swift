// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// A dataset of an HDF5 file: a matrix, a column, or a column of structures of numbers.
final class HDF5Store: ColumnStore {
  let name: String
  let rowCount: Int
  let columnCount: Int
  let columnNames: [String]?
  let isCheap: Bool
  private let file: HDF5Library.ID
  private let dataset: HDF5Library.ID
  private let dimensionCount: Int
  /// Rows that are stored, and may be compressed, together.
  private let chunkRowCount: Int
  /// Whether the library makes a `Float` of a number better than it makes a `Double`: it is one, or is rounded then.
  private let isSingle: Bool
  /// The members of structures that are no numbers.
  private let others: Set<Int>

  static let magic: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Whether a file begins as HDF5 files do, some of which leave their first 512 · 2ⁿ bytes to others.
  static func isHead(_ head: [UInt8]) -> Bool {
    [0, 512, 1024, 2048, 4096, 8192].contains { head.dropFirst($0).starts(with: magic) }
  }

  /// Opens a dataset: the one that `member` names, or the only one that there is.
  init(path: String, member: String?, limit: MemoryLimit? = nil) throws {
    let found = try HDF5Library.use { library in
      let file = library.openFile(path.systemPath, 0, 0)
      guard file >= 0 else {
        throw LockstepError(
          .malformedInput,
          "the HDF5 file cannot be opened: it is cut off, damaged, or in use by a program that writes it",
          remedy: "write or fetch it again", place: .init(file: path))
      }
      do {
        let member = try member ?? Self.onlyDataset(of: file, library, path: path)
        let dataset = library.openObject(file, member, library.links)
        guard dataset >= 0 else {
          let all = try Self.datasets(of: file, library, path: path)
          throw LockstepError(
            .usage, "there is no dataset \"\(member)\"", remedy: Self.remedy(all, path: path), place: .init(file: path))
        }
        do {
          return (file, member, dataset, try Shape(dataset, library, file: "\(path):\(member)", limit: limit))
        } catch {
          _ = library.closeObject(dataset)
          throw error
        }
      } catch {
        _ = library.closeFile(file)
        throw error
      }
    }
    let shape = found.3
    (file, dataset) = (found.0, found.2)
    name = member == nil ? path : "\(path):\(found.1)"
    (rowCount, columnCount, columnNames) = (shape.rowCount, shape.columnCount, shape.columnNames)
    isCheap = !shape.isChunked
    (dimensionCount, chunkRowCount, isSingle, others) =
      (shape.dimensionCount, shape.chunkRowCount, shape.isSingle, shape.others)
  }

  deinit {
    // The library was here when the file was opened.
    _ = try? HDF5Library.use { [file, dataset] library in
      (library.closeObject(dataset), library.closeFile(file))
    }
  }

  // MARK: Datasets

  private static func onlyDataset(of file: HDF5Library.ID, _ library: HDF5Library, path: String) throws -> String {
    let all = try datasets(of: file, library, path: path)
    let matrices = all.filter { $0.dimensionCount == 2 }
    if matrices.count == 1 { return matrices[0].name }
    if all.count == 1 { return all[0].name }
    throw LockstepError(
      all.isEmpty ? .noInput : .usage, all.isEmpty ? "the file has no datasets" : "the file has \(all.count) datasets",
      remedy: all.isEmpty ? nil : remedy(all, path: path), place: .init(file: path))
  }

  private static func remedy(_ datasets: [(name: String, dimensionCount: Int)], path: String) -> String {
    let names = datasets.prefix(10).map { "\(path):\($0.name)" }.joined(separator: ", ")
    return datasets.isEmpty ? "the file has no datasets" : "choose one: \(names)\(datasets.count > 10 ? ", …" : "")"
  }

  /// The datasets of a file, in the order of their names, and their numbers of dimensions.
  private static func datasets(
    of file: HDF5Library.ID, _ library: HDF5Library, path: String
  ) throws -> [(name: String, dimensionCount: Int)] {
    var found: [(name: String, dimensionCount: Int)] = []
    // Groups may hold each other, and themselves: each is looked into once. What is nested deeper is not looked for.
    var groups = [(name: "/", depth: 0)]
    var known: Set<[UInt64]> = []
    var (seen, closedCount, linkCount) = (0, 0, 0)
    while seen < groups.count, found.count < 1000, groups.count < 10_000, linkCount < 100_000 {
      let (group, depth) = groups[seen]
      seen += 1
      let id = library.openObject(file, group, library.links)
      guard id >= 0 else { continue }
      defer { _ = library.closeObject(id) }
      var identity = [UInt64](repeating: 0, count: 64)
      guard library.objectInfo(id, &identity, 1) >= 0, known.insert(Array(identity.prefix(3))).inserted else {
        continue
      }
      // The number of links is the second word.
      var info = [UInt64](repeating: 0, count: 8)
      guard library.groupInfo(id, &info) >= 0 else { continue }
      for i in 0..<min(info[1], 10_000) {
        linkCount += 1
        let length = library.linkName(id, ".", 0, 0, i, nil, 0, 0)
        guard length > 0, length < 1 << 16 else { continue }
        var bytes = [CChar](repeating: 0, count: length + 1)
        _ = library.linkName(id, ".", 0, 0, i, &bytes, bytes.count, 0)
        let text = String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let name = (group == "/" ? "/" : group + "/") + text
        let object = library.openObject(file, name, library.links)
        guard object >= 0 else {
          closedCount += 1
          continue
        }
        defer { _ = library.closeObject(object) }
        switch library.kind(object) {
        case 2 where depth < 16: groups.append((name, depth + 1))
        case 5:
          let space = library.space(object)
          guard space >= 0 else { continue }
          found.append((name, Int(library.dimensionCount(space))))
          _ = library.closeSpace(space)
        default: continue
        }
      }
    }
    guard !found.isEmpty || closedCount == 0 else {
      throw LockstepError(
        .missingLibrary, "HDF5 \(library.release) can open nothing of what the file holds",
        remedy: "install a newer release of the library, or write the file for older ones (libver='earliest')",
        place: .init(file: path))
    }
    return found
  }

  /// What a dataset holds.
  private struct Shape: Sendable {
    var rowCount = 0
    var columnCount = 1
    var columnNames: [String]?
    var dimensionCount: Int
    var chunkRowCount = 1
    var isChunked = false
    var isSingle = false
    var others: Set<Int> = []

    init(_ dataset: HDF5Library.ID, _ library: HDF5Library, file: String, limit: MemoryLimit?) throws {
      let place = LockstepError.Place(file: file)
      let damaged = LockstepError(
        .malformedInput, "the dataset is damaged", remedy: "write the file again", place: place)
      guard library.kind(dataset) == 5 else {
        throw LockstepError(.usage, "this is a group, not a dataset", remedy: "name a dataset in it", place: place)
      }
      let space = library.space(dataset)
      let type = library.type(dataset)
      defer {
        if space >= 0 { _ = library.closeSpace(space) }
        if type >= 0 { _ = library.closeType(type) }
      }
      guard space >= 0, type >= 0 else { throw damaged }
      dimensionCount = Int(library.dimensionCount(space))
      guard dimensionCount == 1 || dimensionCount == 2 else {
        throw LockstepError(
          .shapeMismatch, "the dataset has \(dimensionCount) dimensions, not rows and columns",
          remedy: "store it with two", place: place)
      }
      var lengths: [UInt64] = [0, 1]
      guard library.dimensions(space, &lengths, nil) >= 0, let rows = Int(exactly: lengths[0]),
        let columns = Int(exactly: lengths[1]), rows < 1 << 48, columns < 1 << 31
      else { throw damaged }
      (rowCount, columnCount) = (rows, columns)
      let typeClass = library.typeClass(type)
      switch typeClass {
      // Whole numbers of 64 bits are rounded once if the library makes floats of them.
      case 0, 1, 8: isSingle = library.typeSize(type) == (typeClass == 1 ? 4 : 8)
      case 6:
        guard dimensionCount == 1 else {
          throw LockstepError(.unsupported, "the dataset is a matrix of structures", place: place)
        }
        columnCount = Int(max(0, library.memberCount(type)))
        var names: [String] = []
        for i in 0..<columnCount {
          guard let text = library.memberName(type, UInt32(i)) else { throw damaged }
          names.append(String(cString: text))
          _ = library.freeMemory(text)
          if ![0, 1, 8].contains(library.memberClass(type, UInt32(i))) { others.insert(i) }
        }
        columnNames = names
      default:
        throw LockstepError(
          .unsupported, "the dataset holds \(typeClass == 3 ? "texts" : "values of another kind"), not numbers",
          remedy: "choose another dataset", place: place)
      }
      guard columnCount > 0 else { throw LockstepError(.shapeMismatch, "the dataset has no columns", place: place) }
      let creation = library.creation(dataset)
      guard creation >= 0 else { throw damaged }
      defer { _ = library.closeProperties(creation) }
      // Both name other files, of which whoever made this one may know nothing but the name.
      guard library.externalCount(creation) == 0, library.layout(creation) != 3 else {
        throw LockstepError(
          .unsupported, "the numbers of the dataset are in other files, which are not opened",
          remedy: "copy them into the file, with h5repack for example", place: place)
      }
      // Compression makes numbers a few thousand times smaller at most; what is not stored at all is made up by the library.
      let size = UInt64(max(1, library.typeSize(type)))
      let (count, isTooMany) = UInt64(rowCount).multipliedReportingOverflow(
        by: columnNames == nil ? UInt64(columnCount) : 1)
      let (claimed, isTooLong) = count.multipliedReportingOverflow(by: size)
      let (most, isUnlimited) = library.storageSize(dataset).multipliedReportingOverflow(by: 1 << 14)
      guard !isTooMany, !isTooLong, isUnlimited || claimed <= 1 << 26 || claimed <= most else {
        throw LockstepError(
          .malformedInput,
          "\(rowCount) rows of \(columnCount) columns are claimed, and \(library.storageSize(dataset)) bytes are stored",
          remedy: "write what is there", place: place)
      }
      var chunk: [UInt64] = [1, 1]
      if library.layout(creation) == 2, library.chunk(creation, 2, &chunk) > 0 {
        isChunked = true
        chunkRowCount = max(1, min(rowCount, Int(exactly: chunk[0]) ?? 1))
        // The library unpacks whole chunks, beside which it has the packed one.
        let (numbers, isLarge) = chunk[0].multipliedReportingOverflow(by: dimensionCount == 2 ? chunk[1] : 1)
        let (bytes, isLarger) = numbers.multipliedReportingOverflow(by: size)
        guard !isLarge, !isLarger, let byteCount = Int(exactly: bytes), AvailableMemory.has(byteCount),
          byteCount <= limit.map({ $0.byteCount / 2 }) ?? .max
        else {
          throw LockstepError(
            .outOfMemory, "there is no memory for chunks of \(chunk[0]) rows",
            remedy:
              "write the file with smaller chunks, with h5repack for example, or give more memory with \(option: .memory)",
            place: place)
        }
      }
    }
  }

  // MARK: Rows

  func requireNumbers(in columns: [Int]) throws {
    guard let column = columns.first(where: { others.contains($0) }) else { return }
    throw LockstepError(
      .unsupported, "the member holds no numbers", remedy: "leave it out with \(option: .columns)",
      place: place(column: column))
  }

  /// Whole chunks, of some megabytes.
  func pieces(of rows: Range<Int>) -> [Range<Int>] {
    let step = (max(1, (1 << 19) / columnCount) + chunkRowCount - 1) / chunkRowCount * chunkRowCount
    var pieces: [Range<Int>] = []
    var start = rows.lowerBound
    while start < rows.upperBound {
      let end = min(rows.upperBound, (start / step + 1) * step)
      pieces.append(start..<end)
      start = end
    }
    return pieces
  }

  func copy(_ rows: Range<Int>, to targets: [ColumnTarget], isSingle: Bool) throws {
    let all = targets.flatMap(\.columns)
    guard !rows.isEmpty, let first = all.min(), let last = all.max() else { return }
    // Structures are read with the members that are wanted, matrices from the first to the last column that is.
    let stored = columnNames == nil ? Array(first...last) : all
    let readsSingle = isSingle && self.isSingle
    if targets.count == 1, targets[0].columns == stored, readsSingle == isSingle {
      try read(rows, stored, isSingle: isSingle, to: targets[0].address)
      return
    }
    let (count, isTooMany) = rows.count.multipliedReportingOverflow(by: stored.count * MemoryLayout<Double>.stride)
    guard !isTooMany, AvailableMemory.has(count),
      let room = MatrixReservation<Double>(capacity: rows.count, columnCount: stored.count)
    else {
      throw LockstepError(.outOfMemory, "there is no memory for \(rows.count) rows", place: .init(file: name))
    }
    try read(rows, stored, isSingle: false, to: UnsafeMutableRawPointer(room.row(0)))
    let places = Dictionary(uniqueKeysWithValues: zip(stored, stored.indices))
    for target in targets {
      let columns = target.columns.map { number in
        var column = LockstepColumn()
        column.kind = LockstepColumnFloat64
        (column.factor, column.divisor) = (1, 1)
        column.values = UnsafeRawPointer(room.row(0))
        column.first = Int64(places[number] ?? 0)
        column.stride = Int64(stored.count)
        return column
      }
      lockstep_columns_to_rows(
        columns, Int64(columns.count), 0, Int64(rows.count), isSingle, target.address, Int64(columns.count))
    }
    withExtendedLifetime(room) {}
  }

  private func read(
    _ rows: Range<Int>, _ columns: [Int], isSingle: Bool, to address: UnsafeMutableRawPointer
  ) throws {
    let target = UInt(bitPattern: address)
    let status: Int32 = try HDF5Library.use { library in
      let element = isSingle ? library.float : library.double
      var type = element
      let start = [UInt64(rows.lowerBound), UInt64(columns[0])]
      let count = [UInt64(rows.count), UInt64(columns.count)]
      if let columnNames {
        let size = isSingle ? 4 : 8
        type = library.createType(6, size * columns.count)
        for (i, column) in columns.enumerated() where type >= 0 {
          _ = library.insert(type, columnNames[column], size * i, element)
        }
      }
      let memory = library.createSpace(Int32(dimensionCount), count, nil)
      let space = library.space(dataset)
      defer {
        if columnNames != nil, type >= 0 { _ = library.closeType(type) }
        if memory >= 0 { _ = library.closeSpace(memory) }
        if space >= 0 { _ = library.closeSpace(space) }
      }
      guard type >= 0, memory >= 0, space >= 0, library.select(space, 0, start, nil, count, nil) >= 0,
        let address = UnsafeMutableRawPointer(bitPattern: target)
      else { return -1 }
      return library.read(dataset, type, memory, space, 0, address)
    }
    guard status >= 0 else {
      throw LockstepError(
        .malformedInput, "rows \(rows.lowerBound) to \(rows.upperBound - 1) cannot be read",
        remedy: "the file is damaged, or compressed by a plug-in that is not here (HDF5_PLUGIN_PATH)",
        place: .init(file: name))
    }
  }

  func labels(_ column: Int, of rows: Range<Int>) throws -> StoredLabels {
    try requireNumbers(in: [column])
    let numbers = try pieces(of: rows).flatMap { piece in
      try [Double](unsafeUninitializedCapacity: piece.count) { buffer, count in
        guard let address = buffer.baseAddress else { return }
        try copy(
          piece, to: [ColumnTarget(columns: [column], address: UnsafeMutableRawPointer(address))], isSingle: false)
        count = piece.count
      }
    }
    return try labels(ofNumbers: numbers, firstRow: rows.lowerBound, column: column)
  }
}

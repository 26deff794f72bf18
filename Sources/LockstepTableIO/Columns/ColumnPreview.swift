// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// A column of a file as its first rows show it.
package struct ColumnPreview: Codable, Hashable, Sendable {
  /// What the values look like.
  package enum Kind: String, Codable, Hashable, Sendable {
    /// Whole numbers.
    case wholeNumber = "whole number"
    /// Numbers.
    case number
    /// Dates, or dates with times.
    case date
    /// Texts: some value is neither number nor date.
    case text
    /// All values are missing.
    case missing
  }

  /// The column's name, if there is a header.
  package var name: String?
  /// What its values look like.
  package var kind: Kind
  /// The number of missing values.
  package var missingCount: Int
  /// The number of different values, as they are written.
  package var valueCount = 0
}

/// The columns of a file, as its first rows show them: what a look at its beginning tells, and no more.
package struct DataPreview: Codable, Hashable, Sendable {
  /// The columns, in the order of the file.
  package var columns: [ColumnPreview]
  /// The number of rows that were looked at.
  package var rowCount: Int

  /// The most rows that are looked at.
  package static let largestRowCount = 1000

  /// What each column is for.
  ///
  /// - Parameters:
  ///   - options: The options that the file is to be read with.
  ///   - file: Its name, for messages.
  /// - Returns: A role for each column, in the order of the file.
  /// - Throws: `LockstepError` with code `.usage` if a chosen column does not exist, or is chosen for two purposes.
  package func roles(_ options: ReadOptions, file: String) throws -> [ColumnRole] {
    let names = columns.compactMap(\.name)
    let header = names.count == columns.count ? names : nil
    let (tables, label) = try ColumnSelection.tables(
      of: options, columnCount: columns.count, names: header, file: file)
    var roles = [ColumnRole](repeating: .unused, count: columns.count)
    for column in tables[0] { roles[column] = .feature }
    if options.categorical == .texts, options.encoding == nil {
      for column in tables[0] where columns[column].kind == .text { roles[column] = .categorical }
    } else {
      let places = try options.categoricalPlaces(
        of: tables[0], columnCount: columns.count, names: header, file: file)
      for place in places { roles[tables[0][place]] = .categorical }
    }
    let extraRoles: [ColumnRole] = [options.targets.map { _ in .target }, options.weights.map { _ in .weight }]
      .compactMap { $0 }
    for (role, table) in zip(extraRoles, tables.dropFirst()) { for column in table { roles[column] = role } }
    if let label { roles[label] = .label }
    return roles
  }

  /// Looks at the beginning of a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - options: How it is written; which columns are chosen does not matter.
  /// - Returns: What there is to see; `nil` if the file tells nothing of its columns: a sparse one, or a pipe, which can be
  ///   read only once.
  /// - Throws: `LockstepError` of whatever reads the beginning.
  package static func of(_ path: String, options: ReadOptions = ReadOptions()) throws -> DataPreview? {
    try of(.file(path), options: options)
  }

  /// Looks at the beginning of a file, or at the first rows of a query.
  ///
  /// - Parameters:
  ///   - source: The file or the query.
  ///   - options: How it is written; which columns are chosen does not matter.
  /// - Returns: What there is to see; `nil` if the file tells nothing of its columns: a sparse one, or a pipe, which can be
  ///   read only once.
  /// - Throws: `LockstepError` of whatever reads the beginning.
  package static func of(_ source: DataSource, options: ReadOptions = ReadOptions()) throws -> DataPreview? {
    if case .query(let query) = source { return try of(DuckDBSource(query), options: options) }
    guard case .file(let path) = source, case let named = FileMember(path), !InputFile.isPipe(named.path) else {
      return nil
    }
    let file = try InputFile(named.path)
    guard file.byteCount != nil else { return nil }
    func head(_ count: Int) throws -> [UInt8] {
      try Array(unsafeUninitializedCapacity: count) { buffer, filled in
        filled = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
    let start = try head(DataFormat.headByteCount)
    switch DataFormat(head: start) {
    case .csv: return try DataPreview(options: options, name: file.name, reading: head)
    case .parquet: return try of(DuckDBSource(parquet: file), options: options)
    case .compressed(let method):
      guard try UnpackedFile.format(of: file, method) == .csv else { return nil }
      return try DataPreview(stream: try Decompression(file, method), options: options)
    case .npy:
      let layout = try NPYLayout(file)
      let kind: ColumnPreview.Kind = layout.type.hasNaN ? .number : .wholeNumber
      let column = ColumnPreview(name: nil, kind: kind, missingCount: 0)
      return DataPreview(columns: Array(repeating: column, count: layout.columnCount), rowCount: 0)
    case .columns(.npz) where try SparseArchive<Double>.isArchive(file, named): return nil
    case .columns(let format): return of(try format.store(file, named, within: options.memoryLimit))
    case .matrixMarket, .svmLight: return nil
    }
  }

  private static func of(_ store: any ColumnStore) -> DataPreview {
    let columns = (0..<store.columnCount).map { j in
      let holdsNumbers = (try? store.requireNumbers(in: [j])) != nil
      return ColumnPreview(name: store.columnNames?[j], kind: holdsNumbers ? .number : .text, missingCount: 0)
    }
    return DataPreview(columns: columns, rowCount: 0)
  }

  private static func of(_ source: DuckDBSource, options: ReadOptions) throws -> DataPreview {
    if let library = try DuckDBLibrary.found() { return of(try DuckDBStore(library, source, options: options)) }
    var options = options
    options.csv = CSVOptions(header: .yes, delimiter: UInt8(ascii: ","), missingWords: [])
    let rows = try DuckDBRows(source)
    return try DataPreview(stream: try rows.text(of: 0..<largestRowCount, of: .max, threadCount: 1), options: options)
  }

  private init(columns: [ColumnPreview], rowCount: Int) {
    self.columns = columns
    self.rowCount = rowCount
  }

  private init(stream: any ByteStream, options: ReadOptions) throws {
    var text: [UInt8] = []
    try self.init(options: options, name: stream.name) { wanted in
      let added = max(0, wanted - text.count)
      text += try Array(unsafeUninitializedCapacity: added) { buffer, filled in
        filled = try stream.readNext(into: UnsafeMutableRawBufferPointer(buffer))
      }
      return text
    }
  }

  /// The first rows of a CSV text that are whole in its first bytes.
  private init(options: ReadOptions, name: String, reading read: (Int) throws -> [UInt8]) throws {
    // Which columns are wanted, and what for, is not looked at.
    let plain = ReadOptions(csv: options.csv)
    let layout = try CSVLayout(options: plain, name: name, reading: read)
    let wanted = max(1 << 16, 2 * layout.dataStart)
    let text = try read(wanted)
    let isWhole = text.count < wanted
    var columns = (0..<layout.columnCount).map {
      ColumnPreview(name: layout.columnNames?[$0], kind: .missing, missingCount: 0)
    }
    var values = [Set<[UInt8]>](repeating: [], count: layout.columnCount)
    rowCount = 0
    let format = CSVFieldFormat(options.csv)
    var start = layout.dataStart
    while start < text.count, rowCount < Self.largestRowCount {
      guard let row = CSVLayout.row(text, from: start, isWhole: isWhole, usesQuotes: plain.csv.usesQuotes) else {
        break
      }
      start = row.next
      // What is wrong with a row is reported when it is read.
      guard
        !row.bytes.isEmpty, row.bytes.first { $0 != 0x20 && $0 != 0x09 } != plain.csv.comment,
        let fields = try? CSVLayout.fields(
          of: row.bytes, delimiter: layout.delimiter, usesQuotes: plain.csv.usesQuotes, place: .init(file: name)),
        fields.count >= columns.count
      else { continue }
      rowCount += 1
      for j in columns.indices where columns[j].observe(fields[j].bytes, format) { values[j].insert(fields[j].bytes) }
    }
    self.columns = columns
    for j in columns.indices { self.columns[j].valueCount = values[j].count }
  }
}

/// What a column of a file is for.
package enum ColumnRole: Hashable, Sendable {
  /// A column of the rows.
  case feature
  /// A column of the rows that becomes several.
  case categorical
  /// What is to be explained.
  case target
  /// The weight of each row.
  case weight
  /// The class.
  case label
  /// Not read.
  case unused
}

extension ColumnPreview {
  /// Takes one more value into account, and tells whether it is there.
  fileprivate mutating func observe(_ field: [UInt8], _ format: CSVFieldFormat) -> Bool {
    let found = format.kind(of: field)
    switch (found, kind) {
    case (LockstepCSVFieldMissing, _): missingCount += 1
    case (_, .text), (LockstepCSVFieldText, _): kind = .text
    case (LockstepCSVFieldDate, .missing), (LockstepCSVFieldDate, .date): kind = .date
    case (LockstepCSVFieldDate, _), (_, .date): kind = .text
    case (_, .number): break
    default: kind = field.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2B } ? .wholeNumber : .number
    }
    return found != LockstepCSVFieldMissing
  }
}

extension ReadOptions {
  /// The columns of the rows that hold a text in the first rows of a file or a query; `nil` if there are none.
  ///
  /// - Throws: `LockstepError`: `.usage` if the file cannot be looked at, being a pipe or a sparse file.
  package func textColumns(of source: DataSource) throws -> ColumnSelection? {
    guard let preview = try DataPreview.of(source, options: self) else {
      throw LockstepError(
        .usage, "which columns hold texts cannot be seen beforehand",
        remedy: "name them with \(option: .categorical)", place: .init(file: source.description))
    }
    let names = preview.columns.compactMap(\.name)
    let (tables, _) = try ColumnSelection.tables(
      of: self, columnCount: preview.columns.count, names: names.count == preview.columns.count ? names : nil,
      file: source.description)
    let texts = tables[0].filter { preview.columns[$0].kind == .text }
    guard !texts.isEmpty else { return nil }
    // By name where that is one column's: files may have other columns at that place.
    let isUnique = texts.allSatisfy { column in names.count { $0 == preview.columns[column].name } == 1 }
    return isUnique ? ColumnSelection(names: texts.map { names[$0] }) : ColumnSelection(numbers: texts)
  }
}

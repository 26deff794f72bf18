// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// What a process has read of its parts before it knows where they begin.
package protocol PartReading<Element>: Sendable {
  associatedtype Element: Scalar
  /// The number of quotes in the part of a CSV file that this process shares with others; 0 if it shares none.
  var quoteCount: Int { get }
  /// The number of columns that the largest index of this process's SVMLight files needs; 0 if it reads none.
  var leastColumnCount: Int { get }
  /// Whether this process reads its file from the beginning.
  var isFirstPartOfFile: Bool { get }
  /// The rows, now that it is known where the first part begins.
  func resolved(startingInsideQuotes: Bool, columnCount: Int) throws -> LoadedRows<Element>
}

/// Reads what a process is to read: files and parts of files, one after the other, of the format that their content says.
///
/// CSV, compressed or not, NPY, NPZ, Arrow and HDF5 files make dense rows, SVMLight files and Matrix Market files of coordinates sparse ones. What comes through a
/// pipe is CSV.
///
/// ```swift
/// let parts = try DataNames.parts(of: arguments, rank: rank, size: size)
/// let reading = try DataReading<Double>(parts, options: options)
/// let rows = try reading.resolved(startingInsideQuotes: quotesBefore % 2 == 1)
/// ```
/// Where a CSV file is shared, its parts learn from each other's ``quoteCount`` how they begin, as ``CSVReading`` explains: the
/// sum is over the processes before this one that read parts of the same file, that is, back to the one with
/// ``isFirstPartOfFile``. The columns of SVMLight files are as many as the part with the largest index needs: the largest
/// ``leastColumnCount`` of all processes.
package struct DataReading<Element: Scalar>: PartReading {
  private enum File: Sendable {
    case csv(CSVReading<Element>)
    case svmLight(SVMLightReading<Element>)
    case loaded(LoadedRows<Element>)
  }

  private let files: [File]
  private let parts: [DataPart]
  private let options: ReadOptions
  /// The file that this process shares with others and may read again; `nil` if there is none.
  private let sharedFile: InputFile?
  private let notes: [String]
  /// The number of quotes in the part of a CSV file that this process shares with others; 0 if it shares none.
  package let quoteCount: Int
  /// The number of columns that the largest index of this process's SVMLight files needs; 0 if it reads none.
  package let leastColumnCount: Int
  /// Whether this process reads its file from the beginning.
  package let isFirstPartOfFile: Bool

  /// Reads the parts.
  ///
  /// - Parameters:
  ///   - parts: The parts, of which only a single one may be less than a file.
  ///   - options: How CSV files are written, and which columns to read. Columns of NPY files have no names.
  ///   - notes: What a user may want to know of the parts.
  /// - Throws: `LockstepError` of ``CSVReading`` and ``NPYFile``.
  package init(_ parts: [DataPart], options: ReadOptions = ReadOptions(), notes: [String] = []) throws {
    precondition(!parts.isEmpty, "there is nothing to read")
    precondition(
      parts.count == 1 || parts.allSatisfy { $0.shard == .whole }, "parts of several files are read by one process")
    self.parts = parts
    // Rows that memory does not hold go to a scratch file, as under a limit.
    let automatic = try options.memoryLimit == nil ? AutomaticLimit.of(parts, options, as: Element.self) : nil
    var options = options
    options.memoryLimit = options.memoryLimit ?? automatic?.limit
    self.options = options
    let destination = Destination(
      store: options.memoryLimit.map { RowStore($0) }, categories: CategoryTable.suiting(options))
    self.notes = notes + [automatic?.note].compactMap { $0 }
    var shared: InputFile?
    files = try parts.map { part in
      guard case .file(let path) = part.source else {
        return .loaded(try DataReading.loaded(part, options: options, destination: destination))
      }
      let named = FileMember(path)
      guard part.shard == .whole || !InputFile.isPipe(named.path) else {
        throw InputFile.sharedPipe(named.path, processCount: part.shard.count)
      }
      let file = try InputFile(named.path, byteCount: part.stamp?.byteCount)
      guard let byteCount = file.byteCount else {
        return .loaded(
          try CSVStream(file: file, options: options, categories: destination.categories)
            .read(store: destination.store, needsRows: false))
      }
      let head: [UInt8] = try Array(unsafeUninitializedCapacity: min(byteCount, DataFormat.headByteCount)) {
        buffer, count in
        count = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
      }
      let format = DataFormat(head: head)
      let read = try DataReading.read(
        file, named, format, byteCount: byteCount, part.shard, options: options, destination: destination)
      // A part of a CSV file may have to be read again when the others are known.
      if case .csv = read { shared = file } else { try file.checkUnchanged(isText: format.isText) }
      return read
    }
    sharedFile = shared
    isFirstPartOfFile = parts[0].shard.index == 0
    leastColumnCount = files.reduce(0) { largest, file in
      if case .svmLight(let reading) = file { max(largest, reading.leastColumnCount) } else { largest }
    }
    if parts[0].shard != .whole, case .csv(let reading) = files[0] {
      quoteCount = reading.quoteCount
    } else {
      quoteCount = 0
    }
  }

  /// What all files of a process share: where rows go, and the texts of categorical columns.
  private struct Destination {
    let store: RowStore?
    let categories: CategoryTable?
  }

  /// The rows of what is no file.
  private static func loaded(_ part: DataPart, options: ReadOptions, destination: Destination) throws -> LoadedRows<
    Element
  > {
    if case .query(let query) = part.source {
      return try loaded(DuckDBSource(query), part.shard, options: options, destination: destination)
    }
    return try CSVStream(file: try InputFile.standardInput(), options: options, categories: destination.categories)
      .read(store: destination.store, needsRows: false)
  }

  private static func read(
    _ file: InputFile, _ named: FileMember, _ format: DataFormat, byteCount: Int, _ shard: FileShard,
    options: ReadOptions, destination: Destination
  ) throws -> File {
    if case .columns = format {} else { try named.requireNone() }
    switch format {
    case .columns(.npz) where try SparseArchive<Element>.isArchive(file, named):
      try options.refuseCategories(in: "sparse matrices", file: file.name)
      return .loaded(try SparseArchive<Element>(file, options: options, shard: shard).loaded)
    case .columns(let format):
      return .loaded(
        try loaded(
          try format.store(file, named, within: options.memoryLimit), shard, options: options, destination: destination)
      )
    case .npy:
      try options.refuseCategories(in: "NPY files", file: file.name)
      return .loaded(
        try NPYFile<Element>(file, options, shard: shard).loaded)
    case .matrixMarket:
      try options.refuseCategories(in: "Matrix Market files", file: file.name)
      return .loaded(
        try MatrixMarketReading<Element>(file: file, byteCount: byteCount, options: options, shard: shard).loaded)
    case .svmLight:
      try options.refuseCategories(in: "SVMLight files", file: file.name)
      return .svmLight(
        try SVMLightReading(file: file, byteCount: byteCount, options: options, shard: shard, store: destination.store))
    case .parquet:
      return .loaded(try loaded(DuckDBSource(parquet: file), shard, options: options, destination: destination))
    case .compressed(let method):
      let inner = try UnpackedFile.format(of: file, method)
      guard inner == .csv else {
        let text = try UnpackedFile.text(of: file, method, options: options)
        return try read(
          text, named, inner, byteCount: text.byteCount ?? 0, shard, options: options, destination: destination)
      }
      let keptByteCount = min(1 << 26, (options.memoryLimit?.windowByteCount ?? .max) / 4)
      let largestFrame = options.memoryLimit.map { max($0.windowByteCount, 1 << 20) } ?? .max
      if let text = try FramedText(
        file, byteCount: byteCount, method, keptByteCount: keptByteCount, largestFrame: largestFrame)
      {
        let reading = try CSVReading<Element>(
          file: text, byteCount: text.byteCount, options: options, shard: shard, store: destination.store,
          categories: destination.categories, needsRows: false)
        return shard == .whole ? .loaded(try reading.resolved()) : .csv(reading)
      }
      // Other compressed text has to be read from its beginning: a file is one process's, whoever else may share it.
      let stream = try CSVStream<Element>(
        file: try Decompression(file, method), options: options, categories: destination.categories)
      return .loaded(
        shard.index == 0 ? try stream.read(store: destination.store, needsRows: false) : stream.withoutRows)
    case .csv:
      let reading = try CSVReading<Element>(
        file: file, byteCount: byteCount, options: options, shard: shard, store: destination.store,
        categories: destination.categories, needsRows: false)
      // A file that nobody else reads needs nobody's word.
      return shard == .whole ? .loaded(try reading.resolved()) : .csv(reading)
    }
  }

  /// This process's share of numbered rows.
  private static func loaded(
    _ table: any ColumnStore, _ shard: FileShard, options: ReadOptions, destination: Destination
  ) throws -> LoadedRows<Element> {
    try ColumnStoreRows(table, options: options, categories: destination.categories)
      .rows(shard.range(of: table.rowCount), within: destination.store)
  }

  /// This process's share of the rows that DuckDB gives: from its library, or as text from its program.
  private static func loaded(
    _ source: DuckDBSource, _ shard: FileShard, options: ReadOptions, destination: Destination
  ) throws -> LoadedRows<Element> {
    if let library = try DuckDBLibrary.found() {
      return try loaded(
        try DuckDBStore(library, source, options: options), shard, options: options, destination: destination)
    }
    var options = options
    options.csv = CSVOptions(header: .yes, delimiter: UInt8(ascii: ","), missingWords: [])
    let rows = try DuckDBRows(source)
    let total = try rows.rowCount()
    let range = shard.range(of: total)
    let stream = try CSVStream<Element>(
      file: try rows.text(of: range, of: total, threadCount: options.usedThreadCount), options: options,
      categories: destination.categories)
    do { return range.isEmpty ? stream.withoutRows : try stream.read(store: destination.store) } catch var error
      as LockstepError
    {
      // The lines are those of a text that nobody has seen: of this process's rows, behind a header.
      if let line = error.place?.line {
        error.place?.line = nil
        error.place?.row = range.lowerBound + line - 2
      }
      throw error
    }
  }

  /// The rows of all parts, now that it is known where the first begins.
  ///
  /// - Parameters:
  ///   - startingInsideQuotes: Whether the parts before this one of the same file have an odd number of quotes.
  ///   - columnCount: The number of columns of SVMLight files; what this process's own need if that is more.
  /// - Returns: The rows of all parts, in order, a run for each file; none of a file that has none, which is no error here. Labels are texts where a file of text is among the parts:
  ///   whether they are all whole numbers is known when all processes have read theirs (``LoadedRows/withLabels(asWholeNumbers:)``).
  /// - Throws: `LockstepError`: `.malformedInput` and the place if a text is not as it should be; `.shapeMismatch` if files differ
  ///   in their columns.
  package func resolved(startingInsideQuotes: Bool = false, columnCount: Int = 0) throws -> LoadedRows<Element> {
    let columnCount = max(columnCount, leastColumnCount)
    var collector = RowCollector<Element>()
    var rowCounts: [Int] = []
    var kindFiles: [ValueKinds.Files] = []
    for (part, file) in zip(parts, files) {
      let loaded =
        switch file {
        case .csv(let reading): try reading.resolved(startingInsideQuotes: startingInsideQuotes)
        case .svmLight(let reading): try reading.resolved(columnCount: columnCount)
        case .loaded(let loaded): loaded
        }
      try collector.append(loaded, from: part.path)
      rowCounts.append(loaded.rowCount)
      kindFiles = ValueKinds.Files.union(kindFiles, loaded.kinds.map { .init($0, in: part.path) })
    }
    try sharedFile?.checkUnchanged(isText: true)
    guard var loaded = try collector.finish() else { preconditionFailure("there is nothing to read") }
    loaded.notes = notes + loaded.notes
    loaded.file = parts[0].path
    loaded.sources = ReadOrigins(parts: Array(zip(parts, rowCounts)), options: options)
    loaded.kindFiles = kindFiles
    if loaded.rowCount == 0, loaded.skippedRowCount == 0 { loaded.fileWithoutRows = parts[0].path }
    return loaded
  }
}

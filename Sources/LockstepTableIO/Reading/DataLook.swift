// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// What a look at a file tells: about how many rows it has, and some of the first ones.
///
/// ```swift
/// let look = try DataLook(.file("all.csv"), options: options)
/// print(look.rowCount, look.isExact)
/// ```
/// Formats that say how many rows they have are believed. Of text up to 256 MiB the lines are counted, of more those of pieces all over
/// the file; of compressed text, as many as its beginning holds for its size. Rows that would be left out are counted as the sample has them.
package struct DataLook: Sendable {
  /// The number of rows, or about that.
  package let rowCount: Int
  /// Whether it is the number, and no estimate.
  package let isExact: Bool
  /// The first rows, as they will be read: a few MiB of them.
  package let sample: LoadedRows<Double>

  /// Whether rows for which there is no memory are fetched from the file for each sweep, and none of the others are kept.
  package let isFetchedAgain: Bool
  /// About the memory that reading takes besides the rows: what is unpacked at a time, and of Parquet DuckDB's own.
  package let readingByteCount: Int

  private static let sampleByteCount = 4 << 20
  private static let countedByteCount = 256 << 20
  private static let sampleRowCount = 1 << 15

  /// Looks at a file, or at the answer of a query.
  ///
  /// - Parameters:
  ///   - source: The file or the query.
  ///   - options: What will be read of it.
  /// - Throws: `LockstepError` as reading throws it.
  package init(_ source: DataSource, options: ReadOptions) throws {
    let limit = options.memoryLimit
    var options = options
    options.memoryLimit = nil
    if case .query(let query) = source {
      try self.init(source, try Counted(DuckDBSource(query), options: options), options: options)
      return
    }
    let pipe = LockstepError(
      .usage, "what comes through a pipe cannot be looked at before it is read", remedy: "name a file",
      place: .init(file: source.description))
    guard case .file(let path) = source else { throw pipe }
    let named = FileMember(path)
    guard !InputFile.isPipe(named.path) else { throw pipe }
    let file = try InputFile(named.path)
    guard let byteCount = file.byteCount else { throw pipe }
    let head: [UInt8] = try Array(unsafeUninitializedCapacity: min(byteCount, DataFormat.headByteCount)) {
      buffer, count in
      count = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
    }
    switch DataFormat(head: head) {
    case .npy: try self.init(source, Counted(rowCount: try NPYLayout(file).rowCount, isCheap: true), options: options)
    case .parquet: try self.init(source, try Counted(DuckDBSource(parquet: file), options: options), options: options)
    case .columns(.npz) where try SparseArchive<Double>.isArchive(file, named):
      try self.init(wholly: source, options: options)
    case .columns(let format):
      try self.init(
        source, Counted(try format.store(file, named, within: limit), threadCount: options.usedThreadCount),
        options: options)
    case .matrixMarket: try self.init(wholly: source, options: options)
    case .compressed(let method):
      guard try UnpackedFile.format(of: file, method) == .csv else {
        try self.init(wholly: source, options: options)
        return
      }
      try self.init(compressed: file, method, byteCount: byteCount, options: options)
    case .csv, .svmLight:
      let shardCount = (byteCount + Self.sampleByteCount - 1) / Self.sampleByteCount
      let sample = try Self.sample(source, FileShard(index: 0, count: shardCount), options: options)
      let seen = sample.rowCount + sample.skippedRowCount
      let (lineCount, isExact) = try Self.lineCount(file, byteCount: byteCount)
      guard shardCount > 1 else {
        self.init(rowCount: sample.rowCount, isExact: true, sample: sample)
        return
      }
      // Not every line is a row that is kept: headers, line ends in quotes, rows left out.
      let sampled = try Self.lineCount(
        file, byteCount: FileShard(index: 0, count: shardCount).range(of: byteCount).count
      ).count
      let kept = lineCount * Double(sample.rowCount) / max(sampled, 1)
      self.init(
        rowCount: Int(kept.rounded()),
        isExact: isExact && sample.skippedRowCount == 0 && abs(sampled - Double(seen)) < 2,
        sample: sample)
    }
  }

  /// A look at all of what says nothing of itself.
  private init(wholly source: DataSource, options: ReadOptions) throws {
    let all = try DataReading<Double>([DataPart(source)], options: options).resolved()
    self.init(rowCount: all.rowCount, isExact: true, sample: all)
  }

  private init(rowCount: Int, isExact: Bool, sample: LoadedRows<Double>, counted: Counted? = nil) {
    self.rowCount = rowCount
    self.isExact = isExact
    self.sample = sample
    isFetchedAgain = counted?.isCheap ?? false
    readingByteCount = counted?.workingByteCount ?? 0
  }

  /// What a format says that numbers its rows.
  private struct Counted {
    var rowCount: Int
    var isCheap = false
    var workingByteCount = 0

    init(rowCount: Int, isCheap: Bool) { (self.rowCount, self.isCheap) = (rowCount, isCheap) }

    init(_ store: any ColumnStore, threadCount: Int) {
      (rowCount, isCheap) = (store.rowCount, store.isCheap)
      workingByteCount = store.workingByteCount(threadCount: threadCount)
    }

    init(_ source: DuckDBSource, options: ReadOptions) throws {
      guard let library = try DuckDBLibrary.found() else {
        self.init(rowCount: try DuckDBRows(source).rowCount(), isCheap: false)
        return
      }
      self.init(try DuckDBStore(library, source, options: options), threadCount: options.usedThreadCount)
    }
  }

  /// A look at rows that are numbered.
  private init(_ source: DataSource, _ counted: Counted, options: ReadOptions) throws {
    let rowCount = counted.rowCount
    let shard = FileShard(index: 0, count: max(1, (rowCount + Self.sampleRowCount - 1) / Self.sampleRowCount))
    let sample = try Self.sample(source, shard, options: options)
    let seen = sample.rowCount + sample.skippedRowCount
    let kept = seen > 0 ? Double(rowCount) * Double(sample.rowCount) / Double(seen) : 0
    self.init(
      rowCount: kept < 0x1p62 ? Int(kept.rounded()) : 1 << 62, isExact: sample.skippedRowCount == 0 || seen == rowCount,
      sample: sample,
      counted: counted)
  }

  private static func sample(
    _ source: DataSource, _ shard: FileShard, options: ReadOptions
  ) throws -> LoadedRows<Double> {
    try DataReading<Double>([DataPart(source, shard: shard)], options: options).resolved()
      .withLabels(asWholeNumbers: options.label != nil)
  }

  /// The number of lines, or about that.
  private static func lineCount(_ file: InputFile, byteCount: Int) throws -> (count: Double, isExact: Bool) {
    if byteCount <= countedByteCount { return (Double(try file.lineEndCount(before: byteCount)), true) }
    let pieceCount = 64
    let buffer = TextBuffer(capacity: 1 << 20)
    var (lines, bytes) = (0, 0)
    for piece in 0..<pieceCount {
      let start = FileShard(index: piece, count: pieceCount).range(of: byteCount).lowerBound
      let count = try file.read(at: start, into: buffer[0..<min(1 << 20, byteCount - start)])
      lines += Int(buffer.counts(0..<count, usesQuotes: false).evenLineEndCount)
      bytes += count
    }
    return (Double(lines) / Double(max(bytes, 1)) * Double(byteCount), false)
  }

  /// A look at the beginning of compressed text.
  private init(
    compressed file: InputFile, _ method: Decompression.Method, byteCount: Int, options: ReadOptions
  ) throws {
    let counted = CountedStream(file)
    let text = try Decompression(counted, method)
    var bytes: [UInt8] = try Array(unsafeUninitializedCapacity: Self.sampleByteCount) { buffer, count in
      count = try text.readNext(into: UnsafeMutableRawBufferPointer(buffer))
    }
    let isWhole = bytes.count < Self.sampleByteCount
    if !isWhole, let end = bytes.lastIndex(of: 0x0A) { bytes.removeSubrange((end + 1)...) }
    let sample = try CSVStream<Double>(file: BytesInMemory(bytes, name: file.name), options: options).read()
      .withLabels(asWholeNumbers: options.label != nil)
    let share = isWhole ? 1 : Double(byteCount) / Double(max(counted.byteCount, 1))
    self.init(rowCount: Int((Double(sample.rowCount) * share).rounded()), isExact: isWhole, sample: sample)
  }
}

/// Counts what is read of a stream.
private final class CountedStream: ByteStream {
  private let base: any ByteStream
  private(set) var byteCount = 0
  var name: String { base.name }

  init(_ base: any ByteStream) { self.base = base }

  func readNext(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = try base.readNext(into: buffer)
    byteCount += count
    return count
  }
}

/// Bytes that are in memory already.
private final class BytesInMemory: ByteStream {
  private let bytes: [UInt8]
  private var position = 0
  let name: String

  init(_ bytes: [UInt8], name: String) {
    self.bytes = bytes
    self.name = name
  }

  func readNext(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = min(buffer.count, bytes.count - position)
    buffer.copyBytes(from: bytes[position..<position + count])
    position += count
    return count
  }
}

// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// What rows were read from, for messages about one of them.
struct ReadOrigins: Sendable {
  /// The files, or parts of files, in order, and the number of rows that were kept of each.
  var parts: [(part: DataPart, rowCount: Int)]
  let options: ReadOptions
}

extension LoadedRows: LocatedSource {
  package var origins: [RowOrigin] {
    sources?.parts.map { RowOrigin(file: $0.part.path, rowCount: $0.rowCount, isStart: $0.part.shard.index == 0) } ?? []
  }

  package func place(ofRow row: Int, origin: Int, column: Int?) throws -> LockstepError.Place {
    guard let sources, sources.parts.indices.contains(origin) else { return .init(row: row, column: column) }
    let part = sources.parts[origin].part
    var place = LockstepError.Place(file: part.path)
    // Where rows were left out, only a text tells which one it is.
    if sources.options.missing != .skipRow { place.row = row }
    if let column, let columnNames { place.columnName = columnNames[column - 1] }
    guard case .file(let path) = part.source, case let named = FileMember(path), !InputFile.isPipe(named.path) else {
      return place
    }
    let file = try InputFile(named.path, byteCount: part.stamp?.byteCount)
    let head: [UInt8] = try Array(unsafeUninitializedCapacity: DataFormat.headByteCount) { buffer, count in
      count = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
    }
    func setColumn(_ numbers: [Int], _ names: [String]?) {
      // Columns that were encoded are others than those of the file.
      guard let column, encoding == nil, numbers.indices.contains(column - 1) else { return }
      place.column = numbers[column - 1] + 1
      place.columnName = names?[numbers[column - 1]]
    }
    func setColumn(of names: [String]?, count: Int) throws {
      setColumn(
        try ColumnSelection.tables(of: sources.options, columnCount: count, names: names, file: file.name).0[0], names)
    }
    switch DataFormat(head: head) {
    case .csv, .compressed:
      var text: any ByteStream = file
      if case .compressed(let method) = DataFormat(head: head) {
        guard try UnpackedFile.format(of: file, method) == .csv else {
          place.column = column
          break
        }
        text = try Decompression(file, method)
      }
      let stream = try CSVStream<Element>(file: text, options: sources.options)
      place.line = try stream.line(ofRow: row)
      if place.line != nil { place.row = nil }
      setColumn(stream.plan.columns[0], stream.plan.layout.columnNames)
    case .columns(.npz) where try SparseArchive<Element>.isArchive(file, named): place.column = column
    case .columns(let format):
      let store = try format.store(file, named, within: sources.options.memoryLimit)
      try setColumn(of: store.columnNames, count: store.columnCount)
    case .npy: try setColumn(of: nil, count: NPYLayout(file).columnCount)
    case .parquet, .matrixMarket, .svmLight: if place.columnName == nil { place.column = column }
    }
    return place
  }
}

// SPDX-License-Identifier: Apache-2.0

extension ReadOptions {
  /// The names of all columns of a file, or `nil` if it has no header or its format has none.
  ///
  /// Reads the file's beginning only.
  ///
  /// - Throws: `LockstepError`: `.noInput` if the file is missing, unreadable or without rows; `.malformedInput` if its first
  ///   row cannot be one.
  public func columnNames(ofFile path: String) throws -> [String]? { try columnNames(of: .file(path)) }

  /// The names of all columns of a file or a query, or `nil` if it has no header or its format has none.
  ///
  /// Reads the file's beginning only. What can be read only once, a pipe or standard input, is left alone: `nil`.
  ///
  /// - Throws: `LockstepError`: `.noInput` if the file is missing, unreadable or without rows; `.malformedInput` if its first
  ///   row cannot be one.
  package func columnNames(of source: DataSource) throws -> [String]? {
    if case .query(let query) = source { return try DuckDB.columnNames(DuckDBSource(query)) }
    guard case .file(let path) = source, !InputFile.isPipe(FileMember(path).path) else { return nil }
    let named = FileMember(path)
    let file = try InputFile(named.path)
    func head(_ count: Int) throws -> [UInt8] {
      try Array(unsafeUninitializedCapacity: count) { buffer, filled in
        filled = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
    switch DataFormat(head: try head(DataFormat.headByteCount)) {
    case .csv: return try CSVLayout(options: self, name: file.name, reading: head).columnNames
    case .parquet: return try DuckDB.columnNames(DuckDBSource(parquet: file))
    case .columns(.npz) where try SparseArchive<Double>.isArchive(file, named): return nil
    case .columns(let format): return try format.store(file, named, within: memoryLimit).columnNames
    case .compressed(let method):
      guard try UnpackedFile.format(of: file, method) == .csv else { return nil }
      var text: [UInt8] = []
      let stream = try Decompression(file, method)
      return try CSVLayout(options: self, name: file.name) { wanted in
        text += try Array(unsafeUninitializedCapacity: wanted - text.count) { buffer, filled in
          filled = try stream.readNext(into: UnsafeMutableRawBufferPointer(buffer))
        }
        return text
      }.columnNames
    case .npy, .matrixMarket, .svmLight: return nil
    }
  }
}

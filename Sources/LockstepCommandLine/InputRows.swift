// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep

/// This rank's rows of the data that the command line names.
struct InputRows {
  let rows: any RowSource
  let skippedRowCount: Int

  /// Reads this rank's share. Collective.
  init(_ options: DataOptions, columns: ColumnSelection, in context: ExecutionContext) throws {
    let csv = options.csvOptions(columns: columns, threadCount: context.threadCount)
    if options.single {
      self.init(try Self.read(Float.self, options.data, csv, in: context))
    } else {
      self.init(try Self.read(Double.self, options.data, csv, in: context))
    }
  }

  private init(_ loaded: LoadedRows<some Scalar>) {
    rows = loaded
    skippedRowCount = loaded.skippedRowCount
  }

  private static func read<Element: Scalar>(
    _ element: Element.Type, _ names: [String], _ csv: CSVOptions, in context: ExecutionContext
  ) throws -> LoadedRows<Element> {
    let parts = try context.agree { try DataNames.parts(of: names, rank: context.rank, size: context.size) }
    let reading = try context.agree {
      try context.ledger.measure(\.read) { try DataReading<Element>(parts, options: csv) }
    }
    // Whether a part of a file begins inside quotes is known once all parts before it have counted theirs.
    let counts = try context.gathered(reading.isFirstPartOfFile ? -1 - reading.quoteCount : reading.quoteCount)
    var quoteCount = 0
    if !reading.isFirstPartOfFile {
      for count in counts[..<context.rank].reversed() {
        quoteCount += count < 0 ? -1 - count : count
        if count < 0 { break }
      }
    }
    let startsInsideQuotes = quoteCount % 2 == 1
    return try context.agree {
      try context.ledger.measure(\.read) { try reading.resolved(startingInsideQuotes: startsInsideQuotes) }
    }
  }
}

extension DataOptions {
  /// The names in the header of the first file of `size` processes, if it has any.
  ///
  /// What can be read only once, a pipe or standard input, is not looked at: it has a header unless `--header no`.
  func firstColumnNames(size: Int) throws -> [String]? {
    let path = try DataNames.parts(of: data, rank: 0, size: size)[0].path
    var status = stat()
    guard path != "-", stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return header == .no ? nil : []
    }
    return try csvOptions(columns: .all, threadCount: 1).columnNames(ofFile: path)
  }
}

// SPDX-License-Identifier: Apache-2.0

import Lockstep

/// This rank's rows of the data that the command line names.
struct InputRows {
  let rows: any RowSource
  let skippedRowCount: Int

  /// Reads this rank's share. Collective.
  init(_ options: DataOptions, columns: ColumnSelection, in context: ExecutionContext) throws {
    let csv = options.csvOptions(columns: columns, threadCount: context.threadCount)
    let path = options.data[0].split(separator: "{rank}", omittingEmptySubsequences: false).joined(
      separator: "\(context.rank)")
    let loaded = try context.agree {
      guard context.size == 1 || path != options.data[0] else {
        throw LockstepError(.unsupported, "one file for several processes")
      }
      return try context.ledger.measure(\.read) { () -> (any RowSource, Int) in
        if options.single {
          let file = try CSVFile<Float>(path, csv)
          return (file, file.skippedRowCount)
        }
        let file = try CSVFile(path, csv)
        return (file, file.skippedRowCount)
      }
    }
    (rows, skippedRowCount) = loaded
  }
}

extension DataOptions {
  /// The names in the header of the first file, if it has one. Standard input, which can be read only once, has one unless
  /// `--header no`.
  func firstColumnNames() throws -> [String]? {
    let path = data[0].split(separator: "{rank}", omittingEmptySubsequences: false).joined(separator: "0")
    if path == "-" { return header == .no ? nil : [] }
    if path.hasSuffix(".npy") { return nil }
    return try csvOptions(columns: .all, threadCount: 1).columnNames(ofFile: path)
  }
}

// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep

/// This rank's rows of the data that the command line names.
struct InputRows {
  let rows: any RowSource
  let skippedRowCount: Int

  /// Reads this rank's share.
  ///
  /// Collective.
  init(_ options: DataOptions, columns: ColumnSelection, in context: ExecutionContext) throws {
    let csv = options.csvOptions(columns: columns, threadCount: context.threadCount)
    if options.single {
      self.init(try context.read(options.data, options: csv, as: Float.self))
    } else {
      self.init(try context.read(options.data, options: csv))
    }
  }

  private init(_ loaded: LoadedRows<some Scalar>) {
    rows = loaded
    skippedRowCount = loaded.skippedRowCount
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

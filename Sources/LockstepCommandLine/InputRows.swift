// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep

/// This rank's rows of the data that the command line names.
struct InputRows {
  let rows: any RowSource
  let skippedRowCount: Int
  /// The columns in which values were missing on this rank, and how many.
  let missing: [MissingCount]
  /// How the columns of the data became those of the rows, if it is not one for one.
  let encoding: ColumnEncoding?
  /// What the user may want to know of how they were read.
  let notes: [String]

  /// Reads this rank's share; `columnCount` is that of sparse files which do not say it, unless the options do.
  ///
  /// Collective.
  init(
    _ data: DataOptions, columns: ColumnSelection, roles: ColumnRoles, columnCount: Int?,
    encoding: ColumnEncoding? = nil, in context: ExecutionContext
  ) throws {
    var options = data.readOptions(columns: columns, roles: roles)
    options.encoding = encoding
    options.columnCount = data.columnCount ?? columnCount
    if data.single {
      self.init(try context.read(data.request, options: options, as: Float.self))
    } else {
      self.init(try context.read(data.request, options: options))
    }
  }

  /// Rows that were read.
  init(_ loaded: LoadedRows<some Scalar>) {
    rows = loaded
    skippedRowCount = loaded.skippedRowCount
    missing = loaded.missing
    encoding = loaded.encoding
    notes = loaded.notes
  }
}

extension DataOptions {
  /// The names in the header of the first file of `size` processes, if it has any.
  ///
  /// What can be read only once, a pipe or standard input, is not looked at: it has a header unless `--header no`.
  func firstColumnNames(size: Int) throws -> [String]? {
    let part = try DataNames.parts(of: request, rank: 0, size: size)[0]
    if sql == nil {
      var status = stat()
      guard let file = part.file, stat(file.systemPath, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        return header == .no ? nil : []
      }
    }
    return try readOptions(columns: .all).columnNames(of: part.source)
  }
}

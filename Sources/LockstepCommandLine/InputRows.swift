// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep

/// This rank's rows of the data that the command line names.
struct InputRows {
  let rows: any RowSource
  /// The number of targets.
  let responseCount: Int
  /// The names of the targets, if there are any.
  let responseNames: [String]?
  let skippedRowCount: Int
  /// The columns in which values were missing on this rank, and how many.
  let missing: [MissingCount]
  /// How the columns of the data became those of the rows, if it is not one for one.
  let encoding: ColumnEncoding?

  /// Reads this rank's share; `columnCount` is that of sparse files which do not say it, unless the options do.
  ///
  /// Collective.
  init(
    _ options: DataOptions, columns: ColumnSelection, roles: ColumnRoles, columnCount: Int?,
    encoding: ColumnEncoding? = nil, in context: ExecutionContext
  ) throws {
    var csv = options.csvOptions(columns: columns, roles: roles, threadCount: context.threadCount)
    csv.encoding = encoding
    csv.columnCount = options.columnCount ?? columnCount
    if options.single {
      try self.init(try context.read(options.request, options: csv, as: Float.self), roles, in: context)
    } else {
      try self.init(try context.read(options.request, options: csv), roles, in: context)
    }
  }

  private init(_ loaded: LoadedRows<some Scalar>, _ roles: ColumnRoles, in context: ExecutionContext) throws {
    if roles.weights != nil {
      let columnCount = loaded.apart.last?.columnCount ?? 1
      try context.agree {
        guard columnCount == 1 else {
          throw LockstepError(.usage, "\(columnCount) columns of weights", remedy: "name one column with --weights")
        }
      }
    }
    self.init(loaded, roles)
  }

  /// Rows that were read, told apart from their companions.
  init(_ loaded: LoadedRows<some Scalar>, _ roles: ColumnRoles) {
    skippedRowCount = loaded.skippedRowCount
    missing = loaded.missing
    encoding = loaded.encoding
    guard !loaded.apart.isEmpty || loaded.labels != nil else {
      rows = loaded
      (responseCount, responseNames) = (0, nil)
      return
    }
    let accompanied = loaded.accompanied(
      responses: roles.targets == nil ? nil : 0, weights: roles.weights == nil ? nil : loaded.apart.count - 1)
    rows = accompanied
    (responseCount, responseNames) = (accompanied.responseCount ?? 0, accompanied.responseNames)
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
      guard let file = part.file, stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        return header == .no ? nil : []
      }
    }
    return try csvOptions(columns: .all, threadCount: 1).columnNames(of: part.source)
  }
}

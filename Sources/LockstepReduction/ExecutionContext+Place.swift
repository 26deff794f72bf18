// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

extension ExecutionContext {
  /// An error about a row of the whole table, as one about a row of the file that it is from, if that is known.
  ///
  /// Collective for such an error, which all ranks have. The place is the same for any number of ranks: rows are counted from the beginning
  /// of the file.
  func located(_ error: LockstepError, in aligned: AlignedRows) throws -> LockstepError {
    guard let row = error.place?.row, error.place?.file == nil else { return error }
    let source = aligned.source as? any LocatedSource
    let origins = try gathered(source?.origins ?? [])
    guard let found = Self.origin(of: row, in: origins) else { return error }
    var mine: LockstepError.Place?
    if found.rank == rank, let source {
      // A file that cannot be read again leaves the row of the table, which is right, too.
      mine = try? source.place(ofRow: found.row, origin: found.origin, column: error.place?.column)
    }
    guard let place = try gathered(mine)[found.rank] else { return error }
    var located = error
    located.place = place
    located.place?.columnName = place.columnName ?? error.place?.columnName
    return located
  }

  /// The rank and the origin that hold a row of the whole table, and the row's number in the file.
  private static func origin(
    of row: Int, in origins: [[RowOrigin]]
  ) -> (rank: Int, origin: Int, row: Int)? {
    var first = 0
    // The number of the first row of the file that is at hand.
    var start = 0
    for (rank, own) in origins.enumerated() {
      for (i, origin) in own.enumerated() {
        if origin.isStart { start = first }
        if row < first + origin.rowCount { return (rank, i, row - start) }
        first += origin.rowCount
      }
    }
    return nil
  }
}

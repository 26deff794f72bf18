// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// Which columns of the rows are categorical: read as texts, and spread out into a column of ones and zeros for each text.
public enum CategoricalColumns: Hashable, Sendable {
  /// No column.
  case none
  /// These columns, whose numbers are texts as well.
  case chosen(ColumnSelection)
  /// The columns that hold a text in the first rows of the first file.
  ///
  /// `ExecutionContext.read` looks there; what reads a single file without a context does not.
  case texts

  /// Reads a list of columns, or the word `auto`.
  ///
  /// - Throws: `LockstepError` with code `.usage` if an item is empty.
  public init(parsing list: String) throws {
    self = list == "auto" ? .texts : .chosen(try ColumnSelection(parsing: list))
  }

  /// The most texts that a categorical column may have unless the options say otherwise.
  public static let defaultLimit = 1000
}

extension ReadOptions {
  /// The categorical columns, if they are chosen by name or number.
  var chosenCategories: ColumnSelection? {
    if case .chosen(let selection) = categorical { selection } else { nil }
  }

  /// The columns of the rows: those that an encoding to follow names, if none are chosen and `names` has them.
  func rowColumns(among names: [String]?) -> ColumnSelection {
    guard columns == .all, let wanted = encoding?.sourceNames, let names,
      wanted.allSatisfy({ name in names.contains { $0 == name } })
    else { return columns }
    return ColumnSelection(names: wanted)
  }

  /// The places of the categorical columns among the columns of the rows, `columns` of a file.
  ///
  /// - Throws: `LockstepError`: `.usage` if a categorical column does not exist or is no column of the rows;
  ///   `.shapeMismatch` if the columns are not as many as those of the encoding to follow.
  func categoricalPlaces(of columns: [Int], columnCount: Int, names: [String]?, file: String) throws -> [Int] {
    if let encoding {
      guard columns.count == encoding.columns.count else {
        throw LockstepError(
          .shapeMismatch, "\(columns.count) columns where the model was fitted to \(encoding.columns.count)",
          remedy: "choose the columns that the model was fitted to with \(option: .columns), in the same order",
          place: .init(file: file))
      }
      return encoding.columns.indices.filter { encoding.columns[$0].values != nil }
    }
    switch categorical {
    case .none: return []
    case .texts:
      throw LockstepError(
        .usage, "the columns that hold texts are looked for by ExecutionContext.read only",
        remedy: "name the categorical columns", place: .init(file: file))
    case .chosen(let selection):
      let chosen = try selection.indices(columnCount: columnCount, names: names, file: file)
      return try chosen.map { column in
        guard let place = columns.firstIndex(of: column) else {
          throw LockstepError(
            .usage,
            "column \(ColumnSelection.described(column, names: names)) is categorical, but no column of the rows",
            remedy: "choose it with \(option: .columns), too, and for no other purpose", place: .init(file: file))
        }
        return place
      }.sorted()
    }
  }

  /// Throws if columns are categorical in a file that holds no text.
  func refuseCategories(in kind: String, file: String) throws {
    let isAsked = encoding.map { $0.columns.contains { $0.values != nil } } ?? (categorical != .none)
    guard isAsked else { return }
    throw LockstepError(
      .unsupported, "\(kind) have no columns of text to be categorical",
      remedy: "leave \(option: .categorical) out, or read the data as CSV, Parquet or by a query",
      place: .init(file: file))
  }
}

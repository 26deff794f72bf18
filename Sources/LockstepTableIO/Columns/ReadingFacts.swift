// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// What a process must know of what the others have read, before its rows are what they should be.
package struct ReadingFacts: Codable, Sendable {
  /// A categorical column: its place among the columns of the rows, and its values in the order of their bytes.
  package struct Values: Codable, Sendable {
    package var place: Int
    package var texts: [String]
  }

  /// Whether all labels are whole numbers.
  package private(set) var areLabelsWhole: Bool
  /// The categorical columns with their values.
  package private(set) var values: [Values]
  private var kinds: [ValueKinds]
  private let categoryLimit: Int
  /// The first of the files that were read, if there is no row in any of them.
  private var fileWithoutRows: String?

  /// What one process has read.
  package init(_ loaded: LoadedRows<some Scalar>, _ options: CSVOptions) {
    areLabelsWhole = options.labelColumn == nil || loaded.labels.map { $0.wholeNumbers != nil } ?? true
    kinds = loaded.kinds
    fileWithoutRows = loaded.fileWithoutRows
    categoryLimit = options.categoryLimit
    values =
      options.encoding != nil
      ? []
      : zip(loaded.categoricalPlaces, loaded.codedTexts).map {
        Values(place: $0, texts: RowLabels($1).coded.classes.map(\.text))
      }
  }

  /// What two processes have read.
  package func merged(with later: ReadingFacts) throws -> ReadingFacts {
    guard values.map(\.place) == later.values.map(\.place) else {
      throw LockstepError(
        .shapeMismatch, "the categorical columns have other places in some files",
        remedy: "all files need the same columns in the same order; choose them by name with --columns")
    }
    var all = self
    all.areLabelsWhole = areLabelsWhole && later.areLabelsWhole
    // There are rows if there are some in the files of any process.
    if later.fileWithoutRows == nil { all.fileWithoutRows = nil }
    all.kinds = ValueKinds.union(kinds, later.kinds)
    for k in values.indices {
      all.values[k].texts = RowLabels(values[k].texts + later.values[k].texts).coded.classes.map(\.text)
    }
    return all
  }

  /// Throws, the same on all processes, if what they have read does not fit together.
  package func check(_ loaded: LoadedRows<some Scalar>) throws {
    if let fileWithoutRows {
      throw LockstepError(.noInput, "there are no rows", place: .init(file: fileWithoutRows))
    }
    try ValueKinds.check(kinds, names: loaded.allNames)
    for column in values where column.texts.count > categoryLimit {
      throw CategoryTable.tooMany(
        limit: categoryLimit,
        place: .init(column: column.place + 1, columnName: loaded.columnNames?[column.place]))
    }
  }
}

extension CSVOptions {
  /// Whether rows as they are read have to be encoded, by what all processes were told.
  package var needsEncoding: Bool { missing == .mean || categoricalColumns != .none || encoding != nil }

  /// Throws if an encoding is to be followed that cannot be.
  package func checkEncoding() throws {
    guard let encoding else { return }
    guard categoricalColumns == .none else {
      throw LockstepError(
        .usage, "the model says which columns are categorical", remedy: "leave --categorical out")
    }
    guard missing != .mean || encoding.hasMeans else {
      throw LockstepError(
        .usage, "the model has no means to put in the place of missing values",
        remedy: "fit it with --missing mean, or pass --missing skip-row")
    }
  }
}

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

  /// The columns of a file: processes whose files differ in them would else fail later, without a file's name.
  private struct Columns: Codable, Sendable {
    var file: String
    var count: Int
    var names: [String]?
    var hasHeader: Bool?
    var layout: String

    /// Throws if the columns of another file are others.
    func check(_ other: Columns) throws {
      let place = LockstepError.Place(file: other.file)
      guard other.count == count else {
        throw LockstepError(
          .shapeMismatch, "the file has \(other.count) columns, \(file) has \(count)",
          remedy: "all files need the same columns; choose them with \(option: .columns)", place: place)
      }
      guard other.layout == layout else {
        throw LockstepError(
          .shapeMismatch, "the file has \(other.layout) rows, \(file) has \(layout) rows",
          remedy: "give files of one kind", place: place)
      }
      if let names, let others = other.names, let j = names.indices.first(where: { names[$0] != others[$0] }) {
        throw LockstepError(
          .shapeMismatch, "column \(j) is \"\(others[j])\", in \(file) it is \"\(names[j])\"",
          remedy: "all files need the same columns in the same order; choose them by name with \(option: .columns)",
          place: place)
      }
      if let hasHeader, let otherHas = other.hasHeader, hasHeader != otherHas {
        throw ReadingFacts.headersDiffer(hasHeader ? (file, other.file) : (other.file, file))
      }
    }
  }

  /// The error of two files of which only the first begins with names.
  static func headersDiffer(_ files: (with: String, without: String)) -> LockstepError {
    LockstepError(
      .malformedInput, "the first row has no names of columns, as that of \(files.with) has",
      remedy: "pass \(option: .header, "no") if the first rows of all files are data, or give all of them a header",
      place: .init(file: files.without))
  }

  /// Whether all labels are whole numbers.
  package private(set) var areLabelsWhole: Bool
  /// The categorical columns with their values.
  package private(set) var values: [Values]
  private var kinds: [ValueKinds]
  private var kindFiles: [ValueKinds.Files]
  /// The columns of the first file that the process reads.
  private let columns: Columns
  private let categoryLimit: Int
  /// The first of the files that were read, if there is no row in any of them.
  private var fileWithoutRows: String?

  /// What one process has read.
  package init(_ loaded: LoadedRows<some Scalar>, _ options: ReadOptions) {
    areLabelsWhole = options.label == nil || loaded.labels.map { $0.wholeNumbers != nil } ?? true
    kinds = loaded.kinds
    kindFiles = loaded.kindFiles
    columns = Columns(
      file: loaded.file ?? "the data", count: loaded.rows.columnCount, names: loaded.rows.columnNames,
      hasHeader: loaded.hasHeader,
      layout: loaded.rows.layout)
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
    try columns.check(later.columns)
    guard values.map(\.place) == later.values.map(\.place) else {
      throw LockstepError(
        .shapeMismatch, "the categorical columns have other places in some files",
        remedy: "all files need the same columns in the same order; choose them by name with \(option: .columns)")
    }
    var all = self
    all.areLabelsWhole = areLabelsWhole && later.areLabelsWhole
    // There are rows if there are some in the files of any process.
    if later.fileWithoutRows == nil { all.fileWithoutRows = nil }
    all.kinds = ValueKinds.union(kinds, later.kinds)
    all.kindFiles = ValueKinds.Files.union(kindFiles, later.kindFiles)
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
    try ValueKinds.check(kinds, names: loaded.allNames, files: kindFiles)
    for column in values where column.texts.count > categoryLimit {
      throw CategoryTable.tooMany(
        limit: categoryLimit,
        place: .init(column: column.place + 1, columnName: loaded.columnNames?[column.place]))
    }
  }
}

extension ReadOptions {
  /// Whether rows as they are read have to be encoded, by what all processes were told.
  package var needsEncoding: Bool { missing == .mean || categorical != .none || encoding != nil }

  /// Throws if an encoding is to be followed that cannot be.
  package func checkEncoding() throws {
    guard let encoding else { return }
    guard categorical == .none else {
      throw LockstepError(
        .usage, "the model says which columns are categorical", remedy: "leave \(option: .categorical) out")
    }
    guard missing != .mean || encoding.hasMeans else {
      throw LockstepError(
        .usage, "the model has no means to put in the place of missing values",
        remedy: "fit it with \(option: .missing, "mean"), or pass \(option: .missing, "skip-row")")
    }
  }
}

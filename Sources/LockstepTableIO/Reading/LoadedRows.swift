// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// Rows that know how they were read.
package protocol DescribedRows: RowSource {
  /// The names of the responses, if there are any and they have names.
  var responseNames: [String]? { get }
  /// How the columns that were read became those of the rows, if it is not one for one.
  var encoding: ColumnEncoding? { get }
  /// The number of rows left out because a value is missing.
  var skippedRowCount: Int { get }
}

/// What this process has read of the data: rows with their targets, weights and labels, and what was left out.
///
/// As a source it hands out the features with all that was read for each row beside them, which is what `fit` takes.
public struct LoadedRows<Element: Scalar>: RowSource {
  /// The rows, of the columns chosen.
  package private(set) var rows: FileRows<Element>
  /// The tables of the targets and the weights as they were read, with the same number of rows.
  package let extraTables: [FileRows<Element>]
  /// The targets, if there are any.
  package private(set) var targets: FileRows<Double>?
  /// The weights, one column, if there are any.
  package private(set) var weights: FileRows<Double>?
  /// The label of each row, if a column of labels was chosen.
  public private(set) var labels: RowLabels?
  /// What each row has besides its features.
  public var roles: RowRoles {
    guard hasCompanions else { return RowRoles() }
    return RowRoles(
      responseCount: targets?.columnCount ?? 0, hasWeights: weights != nil, hasLabels: labels != nil)
  }
  /// The layout of the features, and what each row has besides.
  public var layout: String {
    hasCompanions
      ? SupervisedRows.layout(
        features: rows.layout, responseCount: targets?.columnCount, hasWeights: weights != nil, labels: labels)
      : rows.layout
  }
  private var hasCompanions: Bool { targets != nil || weights != nil || (labels != nil && hasRoles) }
  /// Whether it is known what the tables are for.
  private var hasRoles = false
  /// The number of rows left out because a value is missing.
  public let skippedRowCount: Int
  /// The columns in which values were missing, and how many.
  public internal(set) var missing: [MissingCount]
  /// How the columns that were read became those of the rows, if it is not one for one.
  public private(set) var encoding: ColumnEncoding?
  /// The texts of the categorical columns by the codes that stand in the rows, while they do.
  var codedTexts: [[String]] = []
  /// The places of the categorical columns among those of the rows.
  var categoricalPlaces: [Int] = []
  /// What the values of each column of text looked like: of the rows, then of the other tables.
  var kinds: [ValueKinds] = []
  /// What a user may want to know of how the data was read.
  public internal(set) var notes: [String] = []
  /// Whether the text has a header; `nil` of formats that need none, or where some have one and some not.
  var hasHeader: Bool?
  /// The first of the files.
  var file: String?
  /// What the rows were read from, if they were read by ``DataReading``.
  var sources: ReadOrigins?
  /// For each column of text, the first file with a date in it, and the first with another number.
  var kindFiles: [ValueKinds.Files] = []
  /// The first of the files, if there is no row in any of them.
  var fileWithoutRows: String?

  /// The number of columns.
  public var columnCount: Int { rows.columnCount }
  /// The columns' names, if there is a header.
  public var columnNames: [String]? { rows.columnNames }
  /// The number of rows.
  public var rowCount: Int { rows.rowCount }
  /// The rows as one dense table: shown as they are if they come from one file, copied otherwise or if they are sparse.
  ///
  /// - Precondition: they were read without a limit of memory.
  public var table: Table<Element> { rows.table }

  /// The names of all columns that were read as numbers, if there is a header.
  var allNames: [String]? {
    let names = ([rows] + extraTables).compactMap(\.columnNames)
    return names.count == extraTables.count + 1 ? Array(names.joined()) : nil
  }

  /// Adds what a user may want to know.
  package mutating func addNotes(_ more: [String]) { notes = more + notes }

  /// Creates it from its parts.
  package init(
    rows: FileRows<Element>, extraTables: [FileRows<Element>] = [], labels: RowLabels? = nil, skippedRowCount: Int = 0
  ) {
    self.rows = rows
    self.extraTables = extraTables
    self.labels = labels
    self.skippedRowCount = skippedRowCount
    missing = MissingCount.sums(
      ([rows] + extraTables).map { table in
        MissingCount.found(table.missingCounts, columns: Array(table.missingCounts.indices), names: table.columnNames)
      })
  }

  /// The same rows with their labels as whole numbers, or as texts.
  ///
  /// Labels that are not all whole numbers stay texts. Processes that share data must agree on one of the two:
  /// `ExecutionContext.read` does.
  public func withLabels(asWholeNumbers: Bool) -> LoadedRows {
    var copy = self
    copy.labels = labels.map { (asWholeNumbers ? $0.wholeNumbers : nil) ?? $0.texts }
    return copy
  }

  /// The rows in an encoding, run by run.
  ///
  /// Rows that were allocated for these alone may be changed in place: nobody else may have seen them.
  package func encoded(by encoding: ColumnEncoding, fillsMissing: Bool) throws -> LoadedRows {
    guard encoding.columns.count == columnCount else {
      throw LockstepError(
        .shapeMismatch, "\(columnCount) columns where the model was fitted to \(encoding.columns.count)",
        remedy: "choose the columns that the model was fitted to with \(option: .columns), in the same order")
    }
    var copy = self
    copy.encoding = encoding
    let encoder = try encoding.encoder(codes: codedTexts, fillsMissing: fillsMissing)
    let isPlain = categoricalPlaces.isEmpty
    copy.rows = FileRows(
      runs: rows.runs.map { encoder.apply(to: $0, of: Element.self) }, columnCount: encoder.columnCount,
      isSparse: rows.isSparse,
      columnNames: rows.columnNames == nil ? nil : isPlain ? rows.columnNames : encoding.columnNames,
      missingCounts: isPlain ? rows.missingCounts : nil)
    (copy.codedTexts, copy.categoricalPlaces) = ([], [])
    return copy
  }

  /// These rows, put together from parts that came one after the other, with what is known of those.
  func withFacts(of parts: [LoadedRows]) -> LoadedRows {
    var copy = self
    copy.missing = MissingCount.sums(parts.map(\.missing))
    copy.kinds = parts.map(\.kinds).reduce([], ValueKinds.union)
    // All parts share one table of texts, which only grows.
    copy.codedTexts = parts.max { $0.codedTexts.joined().count < $1.codedTexts.joined().count }?.codedTexts ?? []
    copy.categoricalPlaces = parts.first?.categoricalPlaces ?? []
    copy.hasHeader = parts.first?.hasHeader
    for note in parts.flatMap(\.notes) where !copy.notes.contains(note) { copy.notes.append(note) }
    return copy
  }

  /// The same rows with the tables as what they were chosen for.
  package func withRoles(of options: ReadOptions) -> LoadedRows {
    var copy = self
    var tables = extraTables[...]
    if options.targets != nil { copy.targets = tables.removeFirst().inDouble }
    if options.weights != nil { copy.weights = tables.removeFirst().inDouble }
    copy.hasRoles = true
    return copy
  }

  /// Calls `body` with the rows, file after file.
  public func forEachChunk(_ body: (any RowBlock) throws -> Void) throws {
    try forEachChunk(of: 0..<rowCount, body)
  }

  /// Calls `body` with the rows of `range`; others are not loaded into memory.
  public func forEachChunk(of range: Range<Int>, _ body: (any RowBlock) throws -> Void) throws {
    guard hasCompanions else { return try rows.forEachChunk(of: range, body) }
    var starts = [0]
    for run in rows.runs { starts.append(starts[starts.count - 1] + run.rowCount) }
    try rows.runs.forEachBlock(
      of: range,
      accompany: { [targets, weights, labels, starts] i, features in
        SupervisedRows(
          features: features, responses: try targets?.runs[i].rows() as? DenseRows<Double>,
          weights: try weights?.runs[i].rows() as? DenseRows<Double>,
          labels: labels?.rows(starts[i]..<starts[i] + features.rowCount))
      }, body)
  }
}

extension LoadedRows: DescribedRows {
  /// The names of the targets, if there are any and they have names.
  package var responseNames: [String]? { targets?.columnNames }
}

extension FileRows {
  /// The same numbers as doubles.
  fileprivate var inDouble: FileRows<Double> {
    FileRows<Double>(
      runs: runs.map(\.inDouble), columnCount: columnCount, columnNames: columnNames, missingCounts: missingCounts)
  }
}

extension RowRun {
  /// The same numbers as doubles: the run itself where they are.
  fileprivate var inDouble: RowRun {
    guard let rows = inMemory else { return mapped { Self.inDouble($0) } }
    return (rows as? DenseRows<Double>).map { RowRun($0) } ?? RowRun(Self.inDouble(rows))
  }

  private static func inDouble(_ rows: any RowBlock) -> DenseRows<Double> {
    if let rows = rows as? DenseRows<Double> { return rows }
    return DenseRows((0..<rows.rowCount).flatMap { rows.row($0) }, columnCount: rows.columnCount)
  }
}

extension LoadedRows {
  init(_ part: CSVPart<Element>, plan: CSVPlan) {
    var tables: [FileRows<Element>] = []
    var start = 0
    var missingCounts = part.missingCounts
    for (place, count) in zip(plan.categoricalPlaces, part.missingTextCounts) { missingCounts[place] = count }
    for (t, rows) in part.tables.enumerated() {
      let end = start + rows.columnCount
      tables.append(
        FileRows(
          [rows], columnCount: rows.columnCount, columnNames: plan.names(t),
          missingCounts: Array(missingCounts[start..<end])))
      start = end
    }
    self.init(
      rows: tables[0], extraTables: Array(tables.dropFirst()), labels: part.labels,
      skippedRowCount: part.skippedRowCount)
    let labelCount = plan.labelColumn.map { _ in part.missingTextCounts.suffix(1) } ?? []
    missing = MissingCount.found(
      missingCounts + labelCount, columns: plan.columns.flatMap { $0 } + [plan.labelColumn].compactMap { $0 },
      names: plan.layout.columnNames)
    kinds = part.kinds
    hasHeader = plan.layout.columnNames != nil
    notes = plan.notes
    codedTexts = plan.categories?.texts ?? []
    categoricalPlaces = plan.categoricalPlaces
  }
}

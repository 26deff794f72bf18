// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// Which columns of a sparse file go where.
///
/// Columns have numbers from 0 and no names, but that the labels of a file that has them are the column `label`, the last one;
/// it is never among the rows' columns.
struct SparseSelection {
  /// The number that stands for the labels.
  private static var label: Int { -1 }

  private let columnCount: Int
  /// The columns of the rows; `nil` for all, in order.
  private let chosen: [Int]?
  private let extra: [[Int]]

  /// Whether the labels are wanted as numbers.
  var wantsLabels: Bool { extra.joined().contains(Self.label) }
  /// Whether the labels are wanted as classes.
  private let wantsClasses: Bool

  init(_ options: ReadOptions, columnCount: Int, labelName: String?, file: String) throws {
    self.columnCount = columnCount
    func found(_ selection: ColumnSelection, excluding excluded: [Int] = []) throws -> [Int] {
      if let labelName, selection.isLast || selection == ColumnSelection(names: [labelName]) { return [Self.label] }
      return try selection.indices(columnCount: columnCount, file: file, excluding: excluded)
    }
    let left = try options.except.map { try found($0) } ?? []
    let named = try options.extraColumns.filter { !$0.isLast }.flatMap { try found($0) }
    extra = try options.extraColumns.map { try found($0, excluding: named + left) }
    if options.weights != nil, let weights = extra.last, weights.count != 1 {
      throw LockstepError(
        .usage, "\(weights.count) columns are chosen for the weights", remedy: "choose one", place: .init(file: file))
    }
    var isTaken = Set<Int>()
    for column in extra.joined() where !isTaken.insert(column).inserted {
      throw Self.takenTwice(column, file: file)
    }
    wantsClasses = options.label != nil
    if let classes = options.label {
      guard let labelName, classes.isLast || classes == ColumnSelection(names: [labelName]) else {
        throw LockstepError(
          .usage, "no column of a sparse file holds classes",
          remedy: labelName == nil
            ? "write the rows in the SVMLight format, whose lines begin with their labels"
            : "leave the column out: the labels that the lines begin with are taken", place: .init(file: file))
      }
      guard isTaken.insert(Self.label).inserted else { throw Self.takenTwice(Self.label, file: file) }
    }
    let taken = isTaken.subtracting([Self.label])
    guard options.columns != .all else {
      let others = taken.union(left)
      chosen = others.isEmpty ? nil : (0..<columnCount).filter { !others.contains($0) }
      return
    }
    let wanted = try found(options.columns).filter { !left.contains($0) }
    if let column = wanted.first(where: { $0 == Self.label || taken.contains($0) }) {
      throw Self.takenTwice(column, file: file)
    }
    chosen = wanted
  }

  private static func takenTwice(_ column: Int, file: String) -> LockstepError {
    column == label
      ? LockstepError(
        .usage, "the labels are no column of the rows, and are wanted for one purpose at most",
        remedy: "choose them once, as targets or weights", place: .init(file: file))
      : LockstepError(
        .usage, "column \(column) is chosen for two purposes", remedy: "choose it once", place: .init(file: file))
  }

  /// The tables that are wanted of some rows.
  ///
  /// - Parameters:
  ///   - rows: The rows, whose number of columns may be more than this selection's as long as their entries are not.
  ///   - labels: Their labels as numbers, one column in the same runs.
  ///   - classes: Their labels as classes.
  ///   - skippedRowCount: The number of rows left out.
  ///   - missing: The number of missing values of each column that has any.
  ///   - file: The file's name, for messages.
  /// - Returns: The tables, in runs that are in memory where those of the rows are.
  /// - Throws: `LockstepError` with code `.malformedInput` if a column of targets or weights lacks a value that nothing can stand for.
  func loaded<Element: Scalar>(
    _ rows: FileRows<Element>, labels: FileRows<Element>? = nil, classes: RowLabels? = nil, skippedRowCount: Int = 0,
    missing: [Int32: Int] = [:], file: String
  ) throws -> LoadedRows<Element> {
    if skippedRowCount == 0, let column = extra.joined().first(where: { missing[Int32($0)] != nil }) {
      throw LockstepError(
        .malformedInput, "a value is missing in column \(column), which is no column of the rows",
        remedy: "fill it in, or pass \(option: .missing, "skip-row") to leave such rows out", place: .init(file: file))
    }
    let tables = extra.map { columns in
      FileRows<Element>(
        runs: rows.runs.enumerated().map { i, run in
          let labels = labels?.runs[i]
          @Sendable func made() throws -> DenseRows<Element> {
            dense(try run.rows(), columns, labels: try labels?.rows())
          }
          guard let inMemory = run.inMemory, labels.map({ $0.inMemory != nil }) ?? true else {
            return RowRun(rowCount: run.rowCount) { try made() }
          }
          return RowRun(dense(inMemory, columns, labels: labels?.inMemory) as DenseRows<Element>)
        }, columnCount: columns.count)
    }
    let features = rows.runs.map { run in
      run.inMemory.map { RowRun(sparse($0) as SparseRows<Element>) } ?? run.mapped { sparse($0) as SparseRows<Element> }
    }
    var loaded = LoadedRows(
      rows: FileRows(runs: features, columnCount: chosen?.count ?? columnCount, isSparse: true), extraTables: tables,
      labels: wantsClasses ? classes : nil, skippedRowCount: skippedRowCount)
    loaded.missing = missing.sorted { $0.key < $1.key }.map {
      MissingCount(column: "\($0.key)", count: $0.value)
    }
    return loaded
  }

  private func entries<Element>(_ rows: any RowBlock) -> SparseRows<Element> {
    guard let rows = rows as? SparseRows<Element> else { preconditionFailure("\(rows.layout) rows of a sparse file") }
    return rows
  }

  /// The columns of the rows.
  private func sparse<Element>(_ rows: any RowBlock) -> SparseRows<Element> {
    let rows: SparseRows<Element> = entries(rows)
    return chosen.map { sparse(rows, $0) } ?? rows.withColumnCount(columnCount)
  }

  private func sparse<Element>(_ rows: SparseRows<Element>, _ columns: [Int]) -> SparseRows<Element> {
    var places = [Int32](repeating: -1, count: columnCount)
    for (place, column) in columns.enumerated() { places[column] = Int32(place) }
    var offsets = [0]
    var found: [(column: Int32, value: Element)] = []
    rows.withUnsafeEntries { ends, columns, values in
      for i in 0..<rows.rowCount {
        let start = found.count
        for e in ends[i]..<ends[i + 1] where places[Int(columns[e])] >= 0 {
          found.append((places[Int(columns[e])], values[e]))
        }
        found[start...].sort { $0.column < $1.column }
        offsets.append(found.count)
      }
    }
    return SparseRows(
      checked: offsets, columns: found.map(\.column), values: found.map(\.value), columnCount: columns.count)
  }

  private func dense<Element>(
    _ block: any RowBlock, _ columns: [Int], labels: (any RowBlock)?
  ) -> DenseRows<Element> {
    let rows: SparseRows<Element> = entries(block)
    let width = columns.count
    var places: [Int32: Int] = [:]
    for (place, column) in columns.enumerated() { places[Int32(column)] = place }
    let labelPlace = places[Int32(Self.label)]
    var elements = [Element](repeating: 0, count: rows.rowCount * width)
    rows.withUnsafeEntries { ends, columns, values in
      for i in 0..<rows.rowCount {
        if let labelPlace, let labels { elements[i * width + labelPlace] = Element(labels.row(i)[0]) }
        guard labelPlace == nil || width > 1 else { continue }
        for e in ends[i]..<ends[i + 1] {
          if let place = places[columns[e]] { elements[i * width + place] = values[e] }
        }
      }
    }
    return DenseRows(elements, columnCount: width)
  }
}

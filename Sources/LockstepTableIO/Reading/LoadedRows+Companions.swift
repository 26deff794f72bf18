// SPDX-License-Identifier: Apache-2.0

import LockstepTables

extension LoadedRows {
  /// The rows with some of the columns apart as their responses, one of them as their weights, and the labels if there are any.
  ///
  /// ```swift
  /// let options = CSVOptions(columnsApart: [.last])
  /// let rows = try world.read("all.csv", options: options).accompanied(responses: 0)
  /// let model = try LinearRegression().fit(rows, in: world)
  /// ```
  /// - Parameters:
  ///   - responses: The number of the selection in ``CSVOptions/columnsApart`` that holds the responses.
  ///   - weights: The number of the selection that holds the weights, one column.
  /// - Returns: The same rows, file after file, with their companions.
  public func accompanied(responses: Int? = nil, weights: Int? = nil) -> AccompaniedFileRows<Element> {
    AccompaniedFileRows(
      rows: rows, responses: responses.map { apart[$0] }, weights: weights.map { apart[$0] },
      labels: labels)
  }
}

/// Rows read from files, with responses, weights and classes from columns of the same files.
public struct AccompaniedFileRows<Element: Scalar>: RowSource {
  /// The features.
  public let rows: FileRows<Element>
  /// The number of responses, if there are any.
  public let responseCount: Int?
  /// The names of the responses, if there are any and the files have a header.
  public let responseNames: [String]?
  /// The responses of each run of the features.
  private let responses: [RowRun]?
  /// The weights of each run.
  private let weights: [RowRun]?
  /// The class of each row, over all runs.
  private let labels: RowLabels?
  /// The number of the first row of each run.
  private let starts: [Int]

  /// Rows and their companions from the same files.
  ///
  /// - Precondition: all have the same runs of rows; weights have one column.
  init(
    rows: FileRows<Element>, responses: FileRows<Element>?, weights: FileRows<Element>?, labels: RowLabels? = nil
  ) {
    precondition(
      labels.map { $0.count == rows.rowCount } ?? true, "\(labels?.count ?? 0) labels of \(rows.rowCount) rows")
    for companion in [responses, weights].compactMap({ $0 }) {
      precondition(
        companion.runs.map(\.rowCount) == rows.runs.map(\.rowCount),
        "companions of other rows than those of the features")
    }
    self.rows = rows
    responseCount = responses?.columnCount
    responseNames = responses?.columnNames
    self.responses = responses?.runs.map(\.inDouble)
    self.weights = weights?.runs.map(\.inDouble)
    var start = 0
    starts = rows.runs.map { run in
      defer { start += run.rowCount }
      return start
    }
    self.labels = labels
  }

  /// The number of features.
  public var columnCount: Int { rows.columnCount }
  /// The features' names, if there is a header.
  public var columnNames: [String]? { rows.columnNames }
  /// The number of rows.
  public var rowCount: Int { rows.rowCount }
  /// The features' layout, and what accompanies them.
  public var layout: String {
    AccompaniedRows.layout(
      features: rows.layout, responseCount: responseCount, hasWeights: weights != nil, labels: labels)
  }

  /// Calls `body` with the rows and their companions, file after file.
  public func forEachChunk(_ body: (any RowBlock) throws -> Void) throws {
    try forEachChunk(of: 0..<rowCount, body)
  }

  /// Calls `body` with those of `range`; others are not brought into memory.
  public func forEachChunk(of range: Range<Int>, _ body: (any RowBlock) throws -> Void) throws {
    try rows.runs.forEachBlock(
      of: range,
      accompany: { [responses, weights, labels, starts] i, features in
        AccompaniedRows(
          features: features, responses: try responses?[i].rows() as? DenseRows<Double>,
          weights: try weights?[i].rows() as? DenseRows<Double>,
          labels: labels?.rows(starts[i]..<starts[i] + features.rowCount))
      }, body)
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

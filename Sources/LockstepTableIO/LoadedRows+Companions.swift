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
  private let responses: [DenseRows<Double>]?
  /// The weights of each run.
  private let weights: [DenseRows<Double>]?
  /// The class of each row, over all runs.
  private let labels: RowLabels?

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
        companion.blocks.map(\.rowCount) == rows.blocks.map(\.rowCount),
        "companions of other rows than those of the features")
    }
    self.rows = rows
    responseCount = responses?.columnCount
    responseNames = responses?.columnNames
    self.responses = responses?.runs.map(\.inDouble)
    self.weights = weights?.runs.map(\.inDouble)
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
    var start = 0
    for (i, run) in rows.blocks.enumerated() {
      try body(
        AccompaniedRows(
          features: run, responses: responses?[i], weights: weights?[i],
          labels: labels?.rows(start..<start + run.rowCount)))
      start += run.rowCount
    }
  }
}

extension DenseRows {
  /// The same numbers as doubles: these rows themselves where they are.
  fileprivate var inDouble: DenseRows<Double> {
    if let rows = self as? DenseRows<Double> { return rows }
    return withUnsafeElements { DenseRows<Double>($0.map(Double.init), columnCount: columnCount) }
  }
}

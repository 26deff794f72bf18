// SPDX-License-Identifier: Apache-2.0

import LockstepKernels

/// Rows with what belongs to each of them beside its columns: responses, a weight, a class.
///
/// It is a block like any other and its kernels are those of the features, so drivers and methods that do not care see
/// nothing of it.
package struct SupervisedRows: RowBlock {
  /// The columns that a method looks at, n × p.
  package let features: any RowBlock
  /// The responses, n × q.
  package let responses: DenseRows<Double>?
  /// The weights, n × 1.
  package let weights: DenseRows<Double>?
  /// The classes, n.
  package let labels: RowLabels?

  /// Rows with their targets, weights and labels.
  ///
  /// - Precondition: all have the same number of rows; weights have one column.
  package init(
    features: any RowBlock, responses: DenseRows<Double>? = nil, weights: DenseRows<Double>? = nil,
    labels: RowLabels? = nil
  ) {
    for count in [responses?.rowCount, weights?.rowCount, labels?.count].compactMap({ $0 }) {
      precondition(count == features.rowCount, "\(count) values beside \(features.rowCount) rows")
    }
    precondition(weights.map { $0.columnCount == 1 } ?? true, "weights of \(weights?.columnCount ?? 1) columns")
    self.features = features
    self.responses = responses
    self.weights = weights
    self.labels = labels
  }

  /// The number of rows.
  package var rowCount: Int { features.rowCount }
  /// The number of feature columns.
  package var columnCount: Int { features.columnCount }
  /// What each row has besides its features.
  package var roles: RowRoles {
    RowRoles(
      responseCount: responses?.columnCount ?? 0, hasWeights: weights != nil, hasLabels: labels != nil)
  }
  /// The features' layout, and what stands beside them.
  package var layout: String {
    Self.layout(
      features: features.layout, responseCount: responses?.columnCount, hasWeights: weights != nil, labels: labels)
  }

  /// The layout of such rows.
  package static func layout(
    features: String, responseCount: Int?, hasWeights: Bool, labels: RowLabels? = nil
  ) -> String {
    features + (responseCount.map { " with \($0) responses" } ?? "") + (hasWeights ? " with weights" : "")
      + (labels.map { " with \($0.kind)" } ?? "")
  }

  /// The rows of `range`, without a copy.
  package func rows(_ range: Range<Int>) -> SupervisedRows {
    SupervisedRows(
      features: features.rows(range), responses: responses?.rows(range), weights: weights?.rows(range),
      labels: labels?.rows(range))
  }

  /// A copy of the rows of these numbers, in that order.
  package func rows(at indices: [Int]) -> any RowBlock {
    func chosen(_ values: DenseRows<Double>?) -> DenseRows<Double>? { values?.rows(at: indices) as? DenseRows<Double> }
    let parts = labels.map { labels in indices.map { labels.rows($0..<$0 + 1) } }
    return SupervisedRows(
      features: features.rows(at: indices), responses: chosen(responses), weights: chosen(weights),
      labels: parts.flatMap { parts in parts.first?.appending(Array(parts.dropFirst())) ?? labels?.rows(0..<0) })
  }

  /// The features of one row.
  package func row(_ index: Int) -> [Double] { features.row(index) }

  /// A copy of these rows followed by the rows of all of `later`.
  package func appending(_ later: [any RowBlock]) -> any RowBlock {
    let later = later.map { block -> SupervisedRows in
      guard let block = block as? SupervisedRows else {
        preconditionFailure("\(block.layout) does not continue \(layout)")
      }
      return block
    }
    func joined(_ values: (SupervisedRows) -> DenseRows<Double>?) -> DenseRows<Double>? {
      values(self)?.appending(later.compactMap(values)) as? DenseRows<Double>
    }
    return SupervisedRows(
      features: features.appending(later.map(\.features)), responses: joined(\.responses), weights: joined(\.weights),
      labels: labels?.appending(later.compactMap(\.labels)))
  }

  /// The rows as a value that can cross ranks.
  package func transferable() -> TransferableRows {
    .supervised(
      features.transferable(), responses: responses?.transferable(), weights: weights?.transferable(), labels: labels)
  }

  /// The place of the first feature that is NaN or infinite, in row order.
  package func firstNonFinite() -> (row: Int, column: Int)? { features.firstNonFinite() }
}

extension SupervisedRows {
  /// The features' kernel.
  @discardableResult
  package func assign(
    to panels: CentroidPanels, labels: UnsafeMutableBufferPointer<Int32>, bounds: UnsafeMutableBufferPointer<Float>?,
    isFirstSweep: Bool, sums: ClusterSumsBuffer?
  ) -> Int {
    features.assign(to: panels, labels: labels, bounds: bounds, isFirstSweep: isFirstSweep, sums: sums)
  }

  /// The features' kernel.
  @discardableResult
  package func squaredDistances(
    to centroids: [Double], labels: UnsafeBufferPointer<Int32>, into distances: UnsafeMutableBufferPointer<Double>?
  ) -> Double { features.squaredDistances(to: centroids, labels: labels, into: distances) }

  /// The features' kernel.
  package func lowerMinimums(to center: [Double], _ minimums: UnsafeMutableBufferPointer<Double>) {
    features.lowerMinimums(to: center, minimums)
  }
}

/// A source whose rows come with responses, weights or classes, which must be in memory, one for each of the source's rows.
public struct TrainingRows<Features: RowSource>: RowSource {
  /// The rows.
  public let features: Features
  /// The responses, n × q.
  public let responses: DenseRows<Double>?
  /// The weights, n × 1.
  public let weights: DenseRows<Double>?
  /// The classes, n.
  public let labels: RowLabels?

  /// `features` with their targets, weights and labels.
  ///
  /// - Precondition: all have the same number of rows.
  public init(
    _ features: Features, responses: DenseRows<Double>? = nil, weights: DenseRows<Double>? = nil,
    labels: RowLabels? = nil
  ) {
    for count in [responses?.rowCount, weights?.rowCount, labels?.count].compactMap({ $0 }) {
      precondition(count == features.rowCount, "\(count) values beside \(features.rowCount) rows")
    }
    self.features = features
    self.responses = responses
    self.weights = weights
    self.labels = labels
  }

  /// The number of feature columns.
  public var columnCount: Int { features.columnCount }
  /// The names of the feature columns, if there are any.
  public var columnNames: [String]? { features.columnNames }
  /// The number of rows.
  public var rowCount: Int { features.rowCount }
  /// What each row has besides its features.
  public var roles: RowRoles {
    RowRoles(
      responseCount: responses?.columnCount ?? 0, hasWeights: weights != nil, hasLabels: labels != nil)
  }
  /// The features' layout, and what stands beside them.
  public var layout: String {
    SupervisedRows.layout(
      features: features.layout, responseCount: responses?.columnCount, hasWeights: weights != nil, labels: labels)
  }

  /// Calls `body` with the features' runs and what belongs to them.
  public func forEachChunk(_ body: (any RowBlock) throws -> Void) throws {
    try forEachChunk(of: 0..<rowCount, body)
  }

  /// Calls `body` with those of `range`.
  public func forEachChunk(of range: Range<Int>, _ body: (any RowBlock) throws -> Void) throws {
    var start = range.lowerBound
    try features.forEachChunk(of: range) { chunk in
      let range = start..<start + chunk.rowCount
      try body(
        SupervisedRows(
          features: chunk, responses: responses?.rows(range), weights: weights?.rows(range),
          labels: labels?.rows(range)))
      start = range.upperBound
    }
  }
}

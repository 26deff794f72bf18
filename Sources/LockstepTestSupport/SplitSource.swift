// SPDX-License-Identifier: Apache-2.0

import Lockstep

/// A source whose last columns are split off: features first, then q responses, then perhaps the weight, then perhaps the class.
public struct SplitSource: RowSource {
  let source: any RowSource
  let responseCount: Int
  let hasWeights: Bool
  let hasLabels: Bool
  /// What the rows that are handed out have; the rest is dropped.
  public let roles: RowRoles

  /// The columns of `source`, split by role, as far as a method takes them; labels only if it needs them.
  public init(_ source: any RowSource, responses: Int, hasWeights: Bool, hasLabels: Bool, for method: Method) {
    self.source = source
    responseCount = responses
    self.hasWeights = hasWeights
    self.hasLabels = hasLabels
    roles = RowRoles(
      responseCount: method.roles.targets == .none ? 0 : responses,
      hasWeights: hasWeights && method.roles.weights != .none, hasLabels: hasLabels && method.roles.label == .required)
  }

  /// The columns of `source`, split by role.
  public init(_ source: any RowSource, responses: Int, hasWeights: Bool = false, hasLabels: Bool = false) {
    self.source = source
    responseCount = responses
    self.hasWeights = hasWeights
    self.hasLabels = hasLabels
    roles = RowRoles(responseCount: responses, hasWeights: hasWeights, hasLabels: hasLabels)
  }

  private init(_ all: SplitSource, roles: RowRoles) {
    source = all.source
    (responseCount, hasWeights, hasLabels) = (all.responseCount, all.hasWeights, all.hasLabels)
    self.roles = roles
  }

  /// The same rows, handed out with these roles only.
  public func with(_ roles: RowRoles) -> SplitSource { SplitSource(self, roles: roles) }

  private var companionCount: Int { responseCount + (hasWeights ? 1 : 0) + (hasLabels ? 1 : 0) }
  /// The number of features.
  public var columnCount: Int { max(source.columnCount - companionCount, 0) }
  /// The number of rows.
  public var rowCount: Int { source.rowCount }
  /// The layout of the rows that are handed out.
  public var layout: String {
    source.layout + (roles.responseCount > 0 ? " with \(roles.responseCount) responses" : "")
      + (roles.hasWeights ? " with weights" : "") + (roles.hasLabels ? " with integer labels" : "")
  }

  /// Calls `body` with each run in turn, its columns copied.
  public func forEachChunk(_ body: (any RowBlock) throws -> Void) throws {
    try source.forEachChunk { chunk in
      let all = Self.split(chunk, responseCount, hasWeights, hasLabels)
      guard roles != all.roles else { return try body(all) }
      try body(
        SupervisedRows(
          features: all.features, responses: roles.responseCount > 0 ? all.responses : nil,
          weights: roles.hasWeights ? all.weights : nil, labels: roles.hasLabels ? all.labels : nil))
    }
  }

  /// A block with its last columns as responses, weights and classes.
  package static func split(
    _ chunk: any RowBlock, _ responseCount: Int, _ hasWeights: Bool, _ hasLabels: Bool = false
  ) -> SupervisedRows {
    let (n, m) = (chunk.rowCount, chunk.columnCount)
    let p = m - responseCount - (hasWeights ? 1 : 0) - (hasLabels ? 1 : 0)
    let elements: [Double] =
      switch chunk {
      case let rows as DenseRows<Double>: rows.withUnsafeElements { Array($0) }
      case let rows as DenseRows<Float>: rows.withUnsafeElements { $0.map(Double.init) }
      default: (0..<n).flatMap { chunk.row($0) }
      }
    func columns(_ range: Range<Int>) -> [Double] {
      Array(unsafeUninitializedCapacity: n * range.count) { buffer, count in
        for i in 0..<n {
          for j in range {
            buffer[count] = elements[i * m + j]
            count += 1
          }
        }
      }
    }
    let doubles = DenseRows(columns(0..<p), columnCount: p)
    let features: any RowBlock =
      switch chunk {
      case is DenseRows<Float>: DenseRows(columns(0..<p).map(Float.init), columnCount: p)
      case is SparseRows<Float>: SparseRows(DenseRows(columns(0..<p).map(Float.init), columnCount: p))
      case is SparseRows<Double>: SparseRows(doubles)
      default: doubles
      }
    return SupervisedRows(
      features: features,
      responses: responseCount > 0 ? DenseRows(columns(p..<p + responseCount), columnCount: responseCount) : nil,
      weights: hasWeights ? DenseRows(columns(p + responseCount..<p + responseCount + 1), columnCount: 1) : nil,
      labels: hasLabels ? RowLabels(columns(m - 1..<m).map { Int($0) }) : nil)
  }
}

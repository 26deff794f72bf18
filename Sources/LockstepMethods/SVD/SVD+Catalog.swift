// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepTables

extension SVD: RowEmittingEstimator {
  /// All components.
  public init() { self.init(componentCount: nil) }

  /// One line for lists of methods.
  public static var summary: String { "Singular values and vectors of tall data, never centred" }
  /// Rows of U.
  public static var rowOutput: String { "the left singular vectors' row for each row" }

  /// Decomposes the rows of all ranks, and gives this rank's rows of U.
  ///
  /// Collective.
  public func fitWithRowValues(
    _ rows: some RowSource, in context: ExecutionContext
  ) throws -> (model: Model, rowValues: RowValues) {
    let (model, left) = try decomposeInRuns(rows, in: context)
    return (model, RowValues(left, columnCount: model.singularValues.count))
  }

  /// The parameters' names in JSON.
  public enum CodingKeys: String, CodingKey {
    case componentCount
  }

  /// Writes all parameters, those that are not given too, so that every name can be seen.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(componentCount, forKey: .componentCount)
  }
}

// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

extension LedoitWolf {
  /// The means and the shrunk covariance.
  public struct Model: FittedModel, Hashable {
    /// The means, p.
    public var means: [Double]
    /// The covariance, shrunk, p × p.
    public var covariance: Matrix
    /// The share of the multiple of the identity in it, ρ, from 0 to 1.
    public var shrinkage: Double

    /// A model of its parts.
    public init(means: [Double], covariance: Matrix, shrinkage: Double) {
      self.means = means
      self.covariance = covariance
      self.shrinkage = shrinkage
    }

    /// `ledoit-wolf`.
    public static var methodName: String { "ledoit-wolf" }
    /// The number of columns, p.
    public var columnCount: Int { means.count }

    /// `means`, `covariance`, `shrinkage`.
    public var fields: [ModelField] {
      [
        ModelField("means", .vector(means)), ModelField("covariance", .matrix(covariance)),
        ModelField("shrinkage", .scalar(shrinkage)),
      ]
    }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      try self.init(
        means: fields.vector("means"), covariance: fields.matrix("covariance"), shrinkage: fields.double("shrinkage"))
      guard covariance.rowCount == means.count, covariance.columnCount == means.count else {
        throw LockstepError(
          .malformedInput,
          "a covariance of \(covariance.rowCount) × \(covariance.columnCount) entries with \(means.count) means",
          remedy: "save the model again")
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

extension SVD {
  /// The singular values and right singular vectors that a fit found.
  public struct Model: FittedModel, Hashable {
    /// The singular values, k, descending and not negative.
    public var singularValues: [Double]
    /// The right singular vectors as rows, Vᵀ, k × p.
    ///
    /// The largest number of each is positive.
    public var rightSingularVectors: Matrix

    /// A model of its parts.
    public init(singularValues: [Double], rightSingularVectors: Matrix) {
      self.singularValues = singularValues
      self.rightSingularVectors = rightSingularVectors
    }

    /// `svd`.
    public static var methodName: String { "svd" }
    /// The number of columns, p.
    public var columnCount: Int { rightSingularVectors.columnCount }
    /// The number of singular values, k.
    public var componentCount: Int { singularValues.count }

    /// `singularValues`, `rightSingularVectors`.
    public var fields: [ModelField] {
      [
        ModelField("singularValues", .vector(singularValues)),
        ModelField("rightSingularVectors", .matrix(rightSingularVectors)),
      ]
    }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      try self.init(
        singularValues: fields.vector("singularValues"), rightSingularVectors: fields.matrix("rightSingularVectors"))
      guard singularValues.count == rightSingularVectors.rowCount else {
        throw LockstepError(
          .malformedInput,
          "an svd model of \(singularValues.count) singular values and \(rightSingularVectors.rowCount) vectors",
          remedy: "save the model again")
      }
    }

    /// The numerical rank of data of n rows: the number of singular values above max(n, p)·ε times the largest.
    public func rank(rowCount: Int) -> Int {
      let threshold = Double(max(rowCount, columnCount)) * Double.ulpOfOne * (singularValues.first ?? 0)
      return singularValues.count { $0 > threshold }
    }

    /// The condition in the 2-norm, s₁ / sₖ; infinite if sₖ is zero.
    public var conditionNumber: Double {
      guard let first = singularValues.first, let last = singularValues.last else { return 1 }
      return last > 0 ? first / last : .infinity
    }

    /// The first components.
    func prefix(_ count: Int) -> Model {
      let count = min(count, componentCount)
      return Model(
        singularValues: Array(singularValues[..<count]), rightSingularVectors: rightSingularVectors.rows(prefix: count))
    }
  }
}

// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepReduction
import LockstepTables

extension PCA {
  /// The principal components of some rows.
  public struct Model: FittedModel, Hashable {
    /// The variances along the components, k, descending.
    public var eigenvalues: [Double]
    /// The components as rows, k × p, orthonormal.
    public var components: Matrix
    /// The means of the columns, p.
    public var means: [Double]
    /// The variances of the columns (n − 1), p.
    public var variances: [Double]
    /// The share of the whole variance along each component, k.
    public var explainedVarianceRatio: [Double]
    /// Whether columns are divided by their deviations; constant columns are not.
    public var isScaled: Bool
    /// Whether scores are divided by their deviations.
    public var isWhitened: Bool

    /// A model of its parts.
    public init(
      eigenvalues: [Double], components: Matrix, means: [Double], variances: [Double], explainedVarianceRatio: [Double],
      isScaled: Bool, isWhitened: Bool
    ) {
      self.eigenvalues = eigenvalues
      self.components = components
      self.means = means
      self.variances = variances
      self.explainedVarianceRatio = explainedVarianceRatio
      self.isScaled = isScaled
      self.isWhitened = isWhitened
    }

    /// `pca`.
    public static var methodName: String { "pca" }
    /// The number of columns, p.
    public var columnCount: Int { means.count }
    /// The number of components, k.
    public var componentCount: Int { eigenvalues.count }

    /// `eigenvalues`, `components`, `means`, `variances`, `explainedVarianceRatio`, `isScaled`, `isWhitened`.
    public var fields: [ModelField] {
      [
        ModelField("eigenvalues", .vector(eigenvalues)), ModelField("components", .matrix(components)),
        ModelField("means", .vector(means)), ModelField("variances", .vector(variances)),
        ModelField("explainedVarianceRatio", .vector(explainedVarianceRatio)), ModelField("isScaled", .bool(isScaled)),
        ModelField("isWhitened", .bool(isWhitened)),
      ]
    }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      try self.init(
        eigenvalues: fields.vector("eigenvalues"), components: fields.matrix("components"),
        means: fields.vector("means"),
        variances: fields.vector("variances"), explainedVarianceRatio: fields.vector("explainedVarianceRatio"),
        isScaled: fields.bool("isScaled"), isWhitened: fields.bool("isWhitened"))
      guard
        components.rowCount == eigenvalues.count, components.columnCount == means.count, variances.count == means.count,
        explainedVarianceRatio.count == eigenvalues.count
      else {
        throw LockstepError(
          .malformedInput,
          "a pca model of \(eigenvalues.count) eigenvalues, \(components.rowCount) × \(components.columnCount) components and "
            + "\(means.count) means", remedy: "save the model again")
      }
    }

    /// The scores of each row, n × k: z · v, divided by √λ if whitened (where λ is 0, the score is 0); local, no communication.
    ///
    /// - Throws: ``LockstepError`` with code `.shapeMismatch` for rows of another number of columns.
    /// - Complexity: 2npk flops.
    public func transform(_ rows: any RowBlock) throws -> Matrix {
      try rows.requireColumns(columnCount)
      let map = AffineMap(
        matrix: scoreWeights.elements, shift: means, constants: Array(repeating: 0, count: componentCount))
      return rows.mapped(by: map)
    }

    /// What the columns less their means are multiplied by, k × p.
    var scoreWeights: Matrix {
      var matrix = components
      for j in 0..<columnCount where isScaled && variances[j] > 0 {
        let deviation = variances[j].squareRoot()
        for i in 0..<componentCount { matrix[i, j] /= deviation }
      }
      for i in 0..<componentCount where isWhitened {
        let factor = eigenvalues[i] > 0 ? 1 / eigenvalues[i].squareRoot() : 0
        for j in 0..<columnCount { matrix[i, j] *= factor }
      }
      return matrix
    }
  }
}

extension PCA.Model: RowValuedModel {
  /// The scores of each row.
  public static var rowValuesDescription: RowValuesDescription {
    .init(.transform, "the scores of each row on the principal components")
  }
  /// The scores of each of this rank's rows, which are looked at block by block, by the context's threads.
  ///
  /// Collective: if one rank fails, all do. Under a limit of memory, what it does not hold is in a scratch file.
  ///
  /// - Throws: What the same of a block throws, with the row counted from this rank's first.
  public func transform(_ rows: some RowSource, in context: ExecutionContext) throws -> ComputedRows {
    try agreedNumbers(of: rows, in: context)
  }

  /// The scores of each row; local.
  public func rowValues(of rows: any RowBlock) throws -> RowValues { .numbers(try transform(rows)) }
}

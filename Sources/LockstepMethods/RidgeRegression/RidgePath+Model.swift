// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

extension RidgePath {
  /// The models of all penalties.
  public struct Model: FittedModel, Hashable {
    /// A model for each penalty, which all its responses share, in the order of the penalties.
    public var models: [RidgeRegression.Model]
    /// The model in which each response has the penalty of least generalized cross-validation, the first of equals.
    public var best: RidgeRegression.Model

    /// A model of its parts.
    ///
    /// - Precondition: there is at least one penalty.
    public init(models: [RidgeRegression.Model], best: RidgeRegression.Model) {
      precondition(!models.isEmpty, "a path of no penalties")
      self.models = models
      self.best = best
    }

    /// `ridge-path`.
    public static var methodName: String { "ridge-path" }
    /// The number of columns, p.
    public var columnCount: Int { best.columnCount }
    /// The number of responses, q.
    public var responseCount: Int { best.responseCount }
    /// The penalties, in the order of the models.
    public var regularizations: [Double] { models.map { $0.regularization.first ?? .nan } }

    /// The figures of each penalty, in arrays of so many rows; and those of the best model, with names that begin so.
    public var fields: [ModelField] {
      let (count, q, p) = (models.count, responseCount, columnCount)
      func rows(_ name: String, _ figures: (RidgeRegression.Model) -> [Double]) -> ModelField {
        ModelField(name, .doubles(models.flatMap(figures), shape: [count, q]))
      }
      return [
        ModelField("regularizations", .vector(regularizations)),
        ModelField("coefficients", .doubles(models.flatMap(\.coefficients.elements), shape: [count, q, p])),
        rows("intercepts", \.intercepts), rows("rSquared", \.rSquared),
        rows("residualStandardDeviations", \.residualStandardDeviations),
        rows("effectiveDegreesOfFreedom", \.effectiveDegreesOfFreedom), rows("crossValidation", \.crossValidation),
        ModelField("rank", .scalar(best.rank)),
        ModelField("conditionEstimates", .vector(models.map(\.conditionEstimate))),
        ModelField("bestRegularization", .vector(best.regularization)),
        ModelField("bestConditionEstimate", .scalar(best.conditionEstimate)),
      ]
    }
  }
}

extension RidgePath.Model: ScoredRegression {}

extension RidgePath.Model: RowValuedModel {
  /// The model of these fields.
  public init(fields: ModelFields) throws {
    let regularizations = try fields.vector("regularizations")
    let (coefficients, shape) = try fields.array("coefficients", dimensions: 3)
    let (count, q, p) = (shape[0], shape[1], shape[2])
    func rows(_ name: String) throws -> Matrix { try fields.matrix(name) }
    let (intercepts, rSquared) = (try rows("intercepts"), try rows("rSquared"))
    let deviations = try rows("residualStandardDeviations")
    let (freedoms, validation) = (try rows("effectiveDegreesOfFreedom"), try rows("crossValidation"))
    let conditions = try fields.vector("conditionEstimates")
    let rank = try fields.integer("rank")
    let bestRegularization = try fields.vector("bestRegularization")
    guard count > 0, regularizations.count == count, conditions.count == count, bestRegularization.count == q,
      [intercepts, rSquared, deviations, freedoms, validation].allSatisfy({
        $0.rowCount == count && $0.columnCount == q
      })
    else {
      throw LockstepError(
        .malformedInput, "a path of \(regularizations.count) penalties with \(count) × \(q) × \(p) coefficients",
        remedy: "save the model again")
    }
    let models = (0..<count).map { i in
      RidgeRegression.Model(
        coefficients: Matrix(
          rowCount: q, columnCount: p, elements: Array(coefficients[i * q * p..<(i + 1) * q * p])),
        intercepts: Array(intercepts.row(i)), regularization: Array(repeating: regularizations[i], count: q),
        rSquared: Array(rSquared.row(i)), residualStandardDeviations: Array(deviations.row(i)),
        effectiveDegreesOfFreedom: Array(freedoms.row(i)), crossValidation: Array(validation.row(i)), rank: rank,
        conditionEstimate: conditions[i])
    }
    self.init(
      models: models, choosing: bestRegularization, conditionEstimate: try fields.double("bestConditionEstimate"))
  }

  /// The path of some models, of which each response chooses the one of its penalty.
  init(models: [RidgeRegression.Model], choosing penalties: [Double], conditionEstimate: Double) {
    var best = models[0]
    best.conditionEstimate = conditionEstimate
    for (k, penalty) in penalties.enumerated() {
      guard let model = models.first(where: { $0.regularization.first == penalty }) else { continue }
      for j in 0..<best.columnCount { best.coefficients[k, j] = model.coefficients[k, j] }
      best.intercepts[k] = model.intercepts[k]
      best.regularization[k] = penalty
      best.rSquared[k] = model.rSquared[k]
      best.residualStandardDeviations[k] = model.residualStandardDeviations[k]
      best.effectiveDegreesOfFreedom[k] = model.effectiveDegreesOfFreedom[k]
      best.crossValidation[k] = model.crossValidation[k]
    }
    self.init(models: models, best: best)
  }

  /// The response of each row, n × q, by the best model; local, no communication.
  ///
  /// - Throws: ``LockstepError`` with code `.shapeMismatch` for rows of another number of columns.
  public func predict(_ rows: any RowBlock) throws -> Matrix { try best.predict(rows) }

  /// The response of each row.
  public static var rowValuesDescription: RowValuesDescription {
    .init(.predict, "the responses of each row by the penalty of least cross-validation")
  }
  /// The predicted responses of each of this rank's rows, which are looked at block by block, by the context's threads.
  ///
  /// Collective: if one rank fails, all do. Under a limit of memory, what it does not hold is in a scratch file.
  ///
  /// - Throws: What the same of a block throws, with the row counted from this rank's first.
  public func predict(_ rows: some RowSource, in context: ExecutionContext) throws -> ComputedRows {
    try agreedNumbers(of: rows, in: context)
  }

  /// The response of each row; local.
  public func rowValues(of rows: any RowBlock) throws -> RowValues { .numbers(try predict(rows)) }
}

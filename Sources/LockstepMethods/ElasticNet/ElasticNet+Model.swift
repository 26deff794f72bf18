// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepReduction
import LockstepTables

extension ElasticNet {
  /// The regressions of all penalties.
  public struct Model: FittedModel, Hashable {
    /// α.
    public var alpha: Double
    /// The penalties, l, greatest first.
    public var regularizations: [Double]
    /// The coefficients of all penalties, l × q × p, row after row.
    public var coefficients: [Double]
    /// The intercepts of all penalties, l × q; zeros without an intercept.
    public var intercepts: Matrix
    /// 1 − the share of the responses' variation that is left, l × q.
    public var rSquared: Matrix
    /// The mean squared error by cross-validation, l × q; no rows without it.
    public var crossValidation: Matrix
    /// The standard error of that, l × q, from how much folds differ.
    public var crossValidationErrors: Matrix
    /// The penalty of the least error, q; none without cross-validation.
    public var leastRegularization: [Double] = []
    /// The greatest penalty whose error is within one standard error of the least, q; none without cross-validation.
    public var oneStandardErrorRegularization: [Double] = []
    /// The penalty that the model predicts with, q, as a place in ``regularizations``: without cross-validation the last.
    public var choices: [Int] = []
    /// Whether the conditions of the minimum hold for all penalties.
    public var isConverged: Bool
    /// The number of columns, p.
    public let columnCount: Int

    /// `elastic-net`.
    public static var methodName: String { "elastic-net" }
    /// The number of responses, q.
    public var responseCount: Int { intercepts.columnCount }

    init(
      alpha: Double, regularizations: [Double], coefficients: [[Double]], p: Int, q: Int, intercepts: [[Double]],
      rSquared: [[Double]], isConverged: Bool
    ) {
      self.alpha = alpha
      self.regularizations = regularizations
      self.coefficients = coefficients.flatMap(\.self)
      self.intercepts = Matrix(rows: intercepts)
      self.rSquared = Matrix(rows: rSquared)
      self.isConverged = isConverged
      columnCount = p
      crossValidation = Matrix(zeros: 0, q)
      crossValidationErrors = crossValidation
    }

    /// The coefficients of a penalty and a response, from 0.
    public func coefficients(penalty l: Int, response k: Int) -> ArraySlice<Double> {
      let start = (l * responseCount + k) * columnCount
      return coefficients[start..<start + columnCount]
    }

    /// The paths, and what cross-validation finds.
    public var fields: [ModelField] {
      let (l, q) = (regularizations.count, responseCount)
      return [
        ModelField("alpha", .scalar(alpha)), ModelField("regularizations", .vector(regularizations)),
        ModelField("coefficients", .doubles(coefficients, shape: [l, q, columnCount])),
        ModelField("intercepts", .matrix(intercepts)), ModelField("rSquared", .matrix(rSquared)),
        ModelField("choices", .vector(choices)), ModelField("isConverged", .bool(isConverged)),
      ]
        + (leastRegularization.isEmpty
          ? []
          : [
            ModelField("crossValidation", .matrix(crossValidation)),
            ModelField("crossValidationErrors", .matrix(crossValidationErrors)),
            ModelField("leastRegularization", .vector(leastRegularization)),
            ModelField("oneStandardErrorRegularization", .vector(oneStandardErrorRegularization)),
          ])
    }

    /// What follows: the penalty and the coefficients to predict with.
    public var derivedFields: [ModelField] {
      [
        ModelField("bestRegularization", .vector(choices.map { regularizations[$0] })),
        ModelField("bestCoefficients", .matrix(bestCoefficients)),
        ModelField("bestIntercepts", .vector(bestIntercepts)),
      ]
    }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      alpha = try fields.double("alpha")
      regularizations = try fields.vector("regularizations")
      let (elements, shape) = try fields.array("coefficients", dimensions: 3)
      coefficients = elements
      columnCount = shape[2]
      intercepts = try fields.matrix("intercepts")
      rSquared = try fields.matrix("rSquared")
      choices = try fields.integers("choices")
      isConverged = try fields.bool("isConverged")
      let (l, q) = (shape[0], shape[1])
      crossValidation = Matrix(zeros: 0, q)
      crossValidationErrors = crossValidation
      var tables = [intercepts, rSquared]
      if fields.contains("crossValidation") {
        crossValidation = try fields.matrix("crossValidation")
        crossValidationErrors = try fields.matrix("crossValidationErrors")
        leastRegularization = try fields.vector("leastRegularization")
        oneStandardErrorRegularization = try fields.vector("oneStandardErrorRegularization")
        tables += [crossValidation, crossValidationErrors]
        guard leastRegularization.count == q, oneStandardErrorRegularization.count == q else {
          throw Self.malformed(shape)
        }
      }
      guard l > 0, q > 0, regularizations.count == l, choices.count == q,
        choices.allSatisfy({ regularizations.indices.contains($0) }),
        tables.allSatisfy({ $0.rowCount == l && $0.columnCount == q })
      else { throw Self.malformed(shape) }
    }

    private static func malformed(_ shape: [Int]) -> LockstepError {
      LockstepError(
        .malformedInput, "an elastic net of \(shape) coefficients whose arrays do not fit",
        remedy: "save the model again")
    }
  }
}

extension ElasticNet.Model: ScoredRegression {}

extension ElasticNet.Model: RowValuedModel {
  /// The coefficients to predict with, q × p.
  public var bestCoefficients: Matrix {
    Matrix(
      rowCount: responseCount, columnCount: columnCount,
      elements: choices.enumerated().flatMap { coefficients(penalty: $1, response: $0) })
  }

  /// The intercepts to predict with, q.
  public var bestIntercepts: [Double] { choices.enumerated().map { intercepts[$1, $0] } }

  /// The response of each row, n × q, by the penalty that was chosen; local, no communication.
  ///
  /// - Throws: ``LockstepError`` with code `.shapeMismatch` for rows of another number of columns.
  public func predict(_ rows: any RowBlock) throws -> Matrix {
    try rows.requireColumns(columnCount)
    return rows.mapped(
      by: AffineMap(
        matrix: bestCoefficients.elements, shift: Array(repeating: 0, count: columnCount), constants: bestIntercepts))
  }

  /// The response of each row.
  public static var rowValuesDescription: RowValuesDescription {
    .init(.predict, "the responses of each row by the penalty that was chosen")
  }
  /// The predicted responses of each of this rank's rows, block by block, by the context's threads.
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

extension ElasticNet.Model: ReportedModel {
  /// The path of each response, then the coefficients that are not 0.
  package func report(_ names: ReportNames) -> ModelReport {
    let responses = names.responses(responseCount)
    let tables = responses.enumerated().flatMap { k, name -> [TextTable] in
      let choice = choices[k]
      // At most some twenty penalties, and those that were chosen.
      let step = max(1, regularizations.count / 20)
      let marked = [leastRegularization, oneStandardErrorRegularization].map { $0.isEmpty ? nil : $0[k] }
      let shown = regularizations.indices.filter { l in
        l % step == 0 || l == choice || marked.contains(regularizations[l]) || l == regularizations.count - 1
      }
      var columns = [
        TextTable.Column(
          "not 0", shown.map { l in "\(coefficients(penalty: l, response: k).count { $0 != 0 })" }),
        .init("R-squared", shown.map { NumberText.short(rSquared[$0, k]) }),
      ]
      if crossValidation.rowCount > 0 {
        columns += [
          .init("squared error", shown.map { NumberText.short(crossValidation[$0, k]) }),
          .init("± one se", shown.map { NumberText.short(crossValidationErrors[$0, k]) }),
          .init(
            "",
            shown.map { l in
              regularizations[l] == marked[0] ? "least" : regularizations[l] == marked[1] ? "one se" : ""
            }),
        ]
      }
      let chosen = coefficients(penalty: choice, response: k)
      let present = (0..<columnCount).filter { chosen[chosen.startIndex + $0] != 0 }.prefix(ReportNames.shownCount)
      return [
        TextTable(keys: [.init(name, shown.map { NumberText.short(regularizations[$0]) })], columns: columns),
        TextTable(
          keys: [.init("coefficient", ["(Intercept)"] + present.map { names.columns[$0] })],
          columns: [
            .init(
              "at \(NumberText.short(regularizations[choice]))",
              [NumberText.short(intercepts[choice, k])]
                + present.map { NumberText.short(chosen[chosen.startIndex + $0]) })
          ]),
      ]
    }
    return ModelReport(
      title: alpha == 1 ? "lasso" : "elastic net", tables: tables,
      notes: isConverged ? [] : ["the descent has not converged for some penalties: give larger ones"])
  }
}

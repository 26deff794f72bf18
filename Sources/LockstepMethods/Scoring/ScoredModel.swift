// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// A model whose predictions can be held against what is true.
package protocol ScoredModel: RowValuedModel {
  /// How well it predicts the rows of all ranks, which have their targets or labels; collective.
  func scores(of rows: some RowSource, in context: ExecutionContext) throws -> ModelScores
  /// How many targets each row has; 0 if it has a label.
  var scoredTargetCount: Int { get }
}

/// A model of numbers: its values of rows are as many as there are responses.
package protocol ScoredRegression: ScoredModel {
  /// The number of responses, q.
  var responseCount: Int { get }
}

/// A model of classes, which knows how likely each is.
package protocol ScoredClassifier: ScoredModel, ProbabilisticModel {
  /// The classes, in order.
  var classes: [ClassLabel] { get }
}

extension ScoredRegression {
  package var scoredTargetCount: Int { responseCount }

  package func scores(of rows: some RowSource, in context: ExecutionContext) throws -> ModelScores {
    try context.agree { try ModelScores.requireTaken(rows.roles, targets: responseCount, of: Self.methodName) }
    return .regression(try context.reduce(RegressionScorePass(model: self), over: rows))
  }
}

extension ScoredClassifier {
  package var scoredTargetCount: Int { 0 }

  package func scores(of rows: some RowSource, in context: ExecutionContext) throws -> ModelScores {
    try context.agree { try ModelScores.requireTaken(rows.roles, targets: 0, of: Self.methodName) }
    return .classification(try context.reduce(ClassificationScorePass(model: self), over: rows))
  }
}

/// How well a model predicts some rows.
package enum ModelScores: Hashable, Sendable {
  /// Of numbers.
  case regression(RegressionScores)
  /// Of classes.
  case classification(ClassificationScores)

  /// The figures, by name.
  package var fields: [ModelField] {
    switch self {
    case .regression(let scores): scores.fields
    case .classification(let scores): scores.fields
    }
  }

  /// The figures as tables, with these names of the targets.
  package func report(of methodName: String, _ responses: [String]?) -> ModelReport {
    var report = ModelReport(title: "scores of the \(methodName) model")
    switch self {
    case .regression(let scores):
      let q = scores.rSquared.count
      let names = ReportNames(columns: nil, columnCount: 0, responses: responses).responses(q)
      report.tables = [
        TextTable(
          keys: [.init("target", names)],
          columns: [
            .init("R²", scores.rSquared.map { NumberText.significant($0, 6) }),
            .init("RMSE", scores.rootMeanSquaredErrors.map { NumberText.significant($0, 6) }),
            .init("MAE", scores.meanAbsoluteErrors.map { NumberText.significant($0, 6) }),
          ])
      ]
    case .classification(let scores):
      let names = scores.classes.map(\.text)
      let shown = 0..<min(names.count, ReportNames.shownCount)
      var columns = shown.map { l in
        TextTable.Column("as \(names[l])", shown.map { NumberText.short(scores.confusion[$0, l]) })
      }
      columns.append(TextTable.Column("ROC AUC", shown.map { NumberText.significant(scores.areas[$0], 6) }))
      columns.append(TextTable.Column("± at most", shown.map { NumberText.significant(scores.areaErrors[$0], 2) }))
      report.tables = [TextTable(keys: [.init("class", shown.map { names[$0] })], columns: columns)]
      report.figures = [
        ("accuracy", NumberText.significant(scores.accuracy, 6)),
        ("log loss", NumberText.significant(scores.logLoss, 6)),
      ]
    }
    return report
  }

  static func requireTaken(_ roles: RowRoles, targets: Int, of method: String) throws {
    // A rank without rows may know neither.
    guard targets == 0 || !roles.hasLabels else {
      throw LockstepError(.usage, "a \(method) model predicts no labels", remedy: "give the targets of the rows")
    }
    guard targets > 0 || roles.responseCount == 0 else {
      throw LockstepError(.usage, "a \(method) model predicts no numbers", remedy: "give the label of each row")
    }
  }
}

/// How near the predictions of some rows are to their targets.
public struct RegressionScores: Codable, Hashable, Sendable {
  /// The number of rows of a weight above 0.
  public var rowCount: Int
  /// The sum of the weights, the number of rows where there are none.
  public var weight: Double
  /// 1 − Σ w (y − ŷ)² / Σ w (y − ȳ)², q; ȳ is the mean of these rows, so that it may be below 0.
  ///
  /// NaN if all targets are equal.
  public var rSquared: [Double]
  /// √(Σ w (y − ŷ)² / Σ w), q, in units of the targets.
  public var rootMeanSquaredErrors: [Double]
  /// Σ w |y − ŷ| / Σ w, q.
  public var meanAbsoluteErrors: [Double]

  var fields: [ModelField] {
    [
      ModelField("rSquared", .vector(rSquared)), ModelField("rootMeanSquaredError", .vector(rootMeanSquaredErrors)),
      ModelField("meanAbsoluteError", .vector(meanAbsoluteErrors)), ModelField("weight", .scalar(weight)),
    ]
  }
}

/// How often the predicted classes of some rows are theirs, and how likely the model thought these.
public struct ClassificationScores: Codable, Hashable, Sendable {
  /// The number of rows of a weight above 0.
  public var rowCount: Int
  /// The sum of the weights, the number of rows where there are none.
  public var weight: Double
  /// The classes of the model, c, in order.
  public var classes: [ClassLabel]
  /// The share of the rows whose class is predicted.
  public var accuracy: Double
  /// −Σ w ln P(class of the row) / Σ w.
  public var logLoss: Double
  /// The weights of the rows of each class (a row of the matrix) for which each class (a column) is predicted, c × c.
  public var confusion: Matrix
  /// The area under the ROC curve of each class against all others, c.
  ///
  /// How likely a row of the class has a higher probability of it than another row; of two classes both areas are the same. NaN if all
  /// rows are of the class, or none.
  public var areas: [Double]
  /// The most by which ``areas`` may be off, c.
  ///
  /// Rows whose log-odds agree to twelve bits count as equal. 0 if no such rows differ in their class.
  public var areaErrors: [Double]

  var fields: [ModelField] {
    let names: ModelValue =
      classes.integers.map { ModelValue.vector($0) } ?? ModelValue.strings(classes.map(\.text))
    return [
      ModelField("classes", names), ModelField("accuracy", .scalar(accuracy)), ModelField("logLoss", .scalar(logLoss)),
      ModelField("confusion", .matrix(confusion)), ModelField("rocAUC", .vector(areas)),
      ModelField("rocAUCError", .vector(areaErrors)), ModelField("weight", .scalar(weight)),
    ]
  }
}

// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// Gaussian naive Bayes: the class of a row of any numbers, from the mean and the variance of each column in each class.
///
/// Of the rows x of class c, m_cj and s²_cj are the mean and the variance (over n, not n − 1) of column j, to all variances a little is added: the
/// largest variance of a column over all rows times ``varianceSmoothing``. A row belongs to the class of the largest
/// log πc − ½ Σⱼ (log 2πs²_cj + (xⱼ − m_cj)² / s²_cj). Labels are whole numbers of any size, or texts.
///
/// ```swift
/// let rows = TrainingRows(table, labels: RowLabels(["rose", "tulip", …]))
/// let model = try GaussianNaiveBayes().fit(rows, in: world)
/// let labels = try model.predict(newRows)
/// ```
/// - Method: ``LowOrderMoments`` of each class, in one sweep. A rank need not have rows of every class, nor any.
/// - Accuracy: that of ``ColumnMoments``: means far from 0 cost no digits.
/// - Edge cases: a class whose rows all have the weight 0 does not exist, unless ``classes`` has it; its means are then NaN and no row belongs to
///   it. Where all columns are constant, variances are 0 and nothing can be said of a row. Ties go to the lowest class.
/// - Sweeps: 1. Streams: yes. Row weights: yes.
/// - Memory and communication per rank: 6cp numbers.
public struct GaussianNaiveBayes: OnePassEstimator, Hashable {
  /// The share of the largest variance of a column that is added to all variances.
  ///
  /// Default 10⁻⁹.
  public var varianceSmoothing: Double
  /// The rule for the priors.
  ///
  /// Default ``NaiveBayes/Priors/empirical``.
  public var priors: NaiveBayes.Priors
  /// The priors of the classes, in their order, instead of the rule: positive numbers, which are divided by their sum.
  public var classPriors: [Double]?
  /// The only classes that may occur, all of which the model then has; `nil`, the default, for those that do occur.
  public var classes: [ClassLabel]?

  /// A classifier.
  public init(
    varianceSmoothing: Double, priors: NaiveBayes.Priors = .empirical, classPriors: [Double]? = nil,
    classes: [ClassLabel]? = nil
  ) {
    self.varianceSmoothing = varianceSmoothing
    self.priors = priors
    self.classPriors = classPriors
    self.classes = classes
  }

  /// A classifier with all defaults.
  public init() { self.init(varianceSmoothing: 1e-9) }

  /// Throws ``LockstepError`` with code `.usage` if a hyperparameter makes no sense.
  public func validate() throws {
    guard varianceSmoothing >= 0, varianceSmoothing.isFinite else {
      throw LockstepError(
        .usage, "a smoothing of \(varianceSmoothing)", remedy: "give a finite number from 0 on, for example 1e-9")
    }
    try NaiveBayes(smoothing: 1, priors: priors, classPriors: classPriors, classes: classes).validate()
  }

  /// The ordinary block, or 2,048 rows if those are more: the rows of a class are then some of them.
  public func blockRowCount(columnCount: Int) -> Int { max(2048, BlockSize.standard(columnCount: columnCount)) }

  /// The summary of no rows.
  public func makePartial(columnCount: Int) -> ClassMoments { ClassMoments(columnCount: columnCount) }

  /// Adds a block of rows.
  public func accumulate(_ samples: Samples, into partial: inout ClassMoments) throws {
    try partial.observe(samples, among: classes)
  }

  /// The classifier of what was summed.
  ///
  /// - Throws: ``LockstepError`` with code `.tooFewRows` if there is no row, `.usage` if there is not one prior for each class.
  public func finalize(_ partial: ClassMoments) throws -> Model {
    guard partial.moments.contains(where: { $0.weight > .zero }) else {
      throw LockstepError(
        .tooFewRows,
        partial.classes.isEmpty ? "naive Bayes of no rows" : "naive Bayes of rows that all have the weight 0")
    }
    let found = Dictionary(uniqueKeysWithValues: zip(partial.classes, partial.moments))
    let classes = self.classes?.sorted() ?? partial.classes.filter { found[$0].map { $0.weight > .zero } ?? false }
    let moments = classes.map { found[$0] ?? ColumnMoments(columnCount: partial.columnCount) }
    let added = varianceSmoothing * (partial.all.centredSquares.map { Double($0 / partial.all.weight) }.max() ?? 0)
    return Model(
      classes: classes, logPriors: try priors.logPriors(moments.map { Double($0.weight) }, given: classPriors),
      means: Matrix(rows: moments.map { $0.means.map { Double($0) } }),
      variances: Matrix(
        rows: moments.map { moments in moments.centredSquares.map { Double($0 / moments.weight) + added } }),
      addedVariance: added, classCounts: moments.map(\.rowCount), classWeights: moments.map { Double($0.weight) })
  }
}

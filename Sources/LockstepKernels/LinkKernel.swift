// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

/// How the mean of a target hangs on the linear predictor, and how the target varies about it.
package enum LinkFamily: Int32, Codable, Sendable {
  /// Classes 0 and 1: ln(μ / (1 − μ)) is the predictor.
  case logit = 0
  /// Counts by Poisson's distribution: ln μ.
  case poisson = 1
  /// Positive numbers by the gamma distribution: ln μ.
  case gamma = 2
}

/// What a sweep learns of rows besides their weights and residuals.
package struct LinkSums: Codable, Sendable {
  /// −2 ln L, less that of a perfect fit; NaN if a predictor is not finite.
  package var deviance: Double
  /// How far a direction moves the predictor of each row the row's way, at the least; infinite of no rows.
  package var leastMargin: Double
  /// And at the most.
  package var greatestMargin: Double

  /// Of no rows.
  package init() { (deviance, leastMargin, greatestMargin) = (0, .infinity, -.infinity) }

  fileprivate init(_ sums: lockstep_link_sums) {
    (deviance, leastMargin, greatestMargin) = (sums.deviance, sums.least_margin, sums.greatest_margin)
  }

  /// Absorbs those of later rows.
  package mutating func merge(_ later: LinkSums) {
    deviance += later.deviance
    leastMargin = min(leastMargin, later.leastMargin)
    greatestMargin = max(greatestMargin, later.greatestMargin)
  }
}

/// The weights and residuals of the steps of generalized linear regressions: see `LockstepLinkKernels.h`.
package enum LinkKernel {
  /// Weights and residuals of rows with these targets, at linear predictors.
  ///
  /// - Parameters:
  ///   - family: The link and the distribution.
  ///   - predictors: For each row the predictor and, if there are twice as many numbers as rows, its change along a direction; `nil` to start
  ///     from the targets, which gives residuals about predictors of 0.
  ///   - targets: One number a row.
  ///   - rowWeights: One number a row; `nil` for ones.
  /// - Returns: What the rows are weighed with, the residuals, and the sums.
  /// - Precondition: there are as many.
  package static func step(
    _ family: LinkFamily, predictors: [Double]?, targets: [Double], rowWeights: UnsafePointer<Double>?
  ) -> (weights: [Double], residuals: [Double], sums: LinkSums) {
    let count = targets.count
    let stride = predictors.map { $0.count / max(count, 1) } ?? 1
    precondition(
      predictors.map { $0.count == stride * count && (1...2).contains(max(stride, 1)) } ?? true,
      "\(predictors?.count ?? 0) predictors of \(count) rows")
    var weights = [Double](repeating: 0, count: count)
    var residuals = weights
    let sums =
      if let predictors {
        lockstep_link_rows(
          family.rawValue, count, predictors, stride, stride == 2, targets, rowWeights, &weights, &residuals)
      } else {
        lockstep_link_rows(family.rawValue, count, nil, 0, false, targets, rowWeights, &weights, &residuals)
      }
    return (weights, residuals, LinkSums(sums))
  }
}

/// The probabilities of c classes for each row of a block, and the weights that a step takes them with.
package struct ClassProbabilities {
  private let probabilities: [Double]  // class after class
  private let classes: [Int32]
  private let classCount: Int
  /// The deviance and margins.
  package let sums: LinkSums

  /// The probabilities at linear predictors.
  ///
  /// - Parameters:
  ///   - predictors: For each row those of the classes but the first, whose predictor is 0; then, if there are twice as many, their changes
  ///     along a direction.
  ///   - classes: The class of each row, from 0.
  ///   - classCount: c.
  ///   - rowWeights: One number a row; `nil` for ones.
  package init(
    predictors: [Double], classes: [Int32], classCount: Int, rowWeights: UnsafePointer<Double>?
  ) {
    let count = classes.count
    let stride = predictors.count / max(count, 1)
    precondition(
      predictors.count == stride * count && (count == 0 || stride == classCount - 1 || stride == 2 * (classCount - 1)),
      "\(predictors.count) predictors of \(count) rows and \(classCount) classes")
    self.classes = classes
    self.classCount = classCount
    var probabilities = [Double](repeating: 0, count: count * classCount)
    sums = LinkSums(
      lockstep_class_probabilities(
        count, classCount, predictors, stride, stride > classCount - 1, classes, rowWeights, &probabilities))
    self.probabilities = probabilities
  }

  /// Of the classes k ≠ l, w p_k p_l for each row.
  package func weights(_ k: Int, _ l: Int, rowWeights: UnsafePointer<Double>?) -> [Double] {
    precondition(k != l, "a pair of one class")
    var weights = [Double](repeating: 0, count: classes.count)
    lockstep_class_weights(classes.count, k, l, probabilities, classCount, classes, rowWeights, &weights, nil)
    return weights
  }

  /// Of class k, w p_k (1 − p_k) for each row, and the residuals that these times are the gradient of the log-likelihood.
  package func step(_ k: Int, rowWeights: UnsafePointer<Double>?) -> (weights: [Double], residuals: [Double]) {
    var weights = [Double](repeating: 0, count: classes.count)
    var residuals = weights
    lockstep_class_weights(classes.count, k, k, probabilities, classCount, classes, rowWeights, &weights, &residuals)
    return (weights, residuals)
  }
}

// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// The options of generalized linear regressions.
struct GeneralizedOptions: ParsableArguments {
  @Option(help: "The penalty on the squares of the coefficients, which leaves the intercept alone.")
  var regularization = 0.0

  @Option(help: "The largest number of sweeps over the rows.")
  var maxIterations = 100

  @Option(help: "Stop where a step would explain no more than this share of the squared residuals.")
  var tolerance = 1e-24

  @Option(help: "How sure the confidence limits are, between 0 and 1.")
  var confidence = 0.95

  /// A regression with these options.
  func estimator<E: GeneralizedLinearEstimator>(fitsIntercept: Bool) -> E {
    var estimator = E()
    estimator.fitsIntercept = fitsIntercept
    estimator.regularization = regularization
    estimator.maxIterations = maxIterations
    estimator.tolerance = tolerance
    estimator.confidence = confidence
    return estimator
  }
}

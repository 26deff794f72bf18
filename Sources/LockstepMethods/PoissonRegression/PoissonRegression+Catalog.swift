// SPDX-License-Identifier: Apache-2.0

extension PoissonRegression: CatalogEstimator {
  package static let summary = "Regression of counts on a log scale, with standard errors and tests"
  package static let roles = MethodRoles(targets: .required, weights: .optional)
  package static let iterates = true
  package static let hyperparameters: [Hyperparameter<PoissonRegression>] = [
    .init("fitsIntercept", \.fitsIntercept, "Fit an intercept."),
    .init(
      "regularization", \.regularization, bounds: .atLeast(0),
      "The penalty: this times the squared length of the coefficients is added to the deviance."),
    .init("maxIterations", \.maxIterations, bounds: .atLeast(1), "The largest number of sweeps."),
    .init(
      "tolerance", \.tolerance, bounds: .atLeast(0),
      "Stop where a step would explain no more than this share of the squared residuals."),
    .init(
      "confidence", \.confidence, bounds: .above(0, upTo: 1), "How sure the confidence limits of the coefficients are."),
  ]
}

// SPDX-License-Identifier: Apache-2.0

extension LogisticRegression: CatalogEstimator {
  package static let summary = "Probabilities of two or more classes, with standard errors and tests"
  package static let roles = MethodRoles(label: .required, weights: .optional)
  package static let iterates = true
  package static let hyperparameters: [Hyperparameter<LogisticRegression>] = [
    .init("fitsIntercept", \.fitsIntercept, "Fit intercepts."),
    .init(
      "regularization", \.regularization, bounds: .atLeast(0),
      "The penalty: half of this times the squared length of the coefficients; 1/C of scikit-learn."),
    .init("maxIterations", \.maxIterations, bounds: .atLeast(1), "The largest number of sweeps."),
    .init(
      "tolerance", \.tolerance, bounds: .atLeast(0),
      "Stop where a step would explain no more than this share of the squared residuals."),
    .init(
      "confidence", \.confidence, bounds: .above(0, upTo: 1), "How sure the confidence limits of the coefficients are."),
  ]
}

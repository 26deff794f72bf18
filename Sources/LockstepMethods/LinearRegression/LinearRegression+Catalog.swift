// SPDX-License-Identifier: Apache-2.0

extension LinearRegression: CatalogEstimator {
  package static let summary = "Least squares, with standard errors, tests and a summary"
  package static let roles = MethodRoles(targets: .required, weights: .optional)
  package static let hyperparameters: [Hyperparameter<LinearRegression>] = [
    .init("fitsIntercept", \.fitsIntercept, "Fit an intercept; without it, the plane goes through the origin."),
    .init("precision", \.precision, "How sums are kept; automatic: in double-double where that pays."),
    .init(
      "confidence", \.confidence, bounds: .above(0, upTo: 1), "How sure the confidence limits of the coefficients are."),
    .init(
      "keepsCovariance", \.keepsCovariance,
      "Keep the covariances of the coefficients, p² numbers; left open: of up to \(covarianceColumnCount) columns."),
  ]
}

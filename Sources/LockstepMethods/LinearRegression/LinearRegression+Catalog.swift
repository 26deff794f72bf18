// SPDX-License-Identifier: Apache-2.0

extension LinearRegression: CatalogEstimator {
  package static let summary = "Least squares, with standard errors, tests and a summary"
  package static let roles = MethodRoles(targets: .required, label: .optional, weights: .optional)
  package static let hyperparameters: [Hyperparameter<LinearRegression>] = [
    .init("fitsIntercept", \.fitsIntercept, "Fit an intercept; without it, the plane goes through the origin."),
    .init("precision", \.precision, "How sums are kept; automatic: in double-double where that pays."),
    .init(
      "confidence", \.confidence, bounds: .above(0, upTo: 1), "How sure the confidence limits of the coefficients are."),
    .init(
      "keepsCovariance", \.keepsCovariance,
      "Keep the covariances of the coefficients, p² numbers; left open: of up to \(covarianceColumnCount) columns."),
    .init(
      "weightKind", \.weightKind,
      "What weights are: how precise a row is (analytic), how often it was seen (frequency), or how many it stands for (probability)."
    ),
    .init(
      "robust", \.robust,
      "Errors of residuals that vary with the rows (hc0 to hc3) or depend on each other in clusters, the rows' labels (cr0, cr1)."
    ),
  ]
}

// SPDX-License-Identifier: Apache-2.0

extension RidgeRegression: CatalogEstimator {
  package static let summary = "Least squares with a penalty on the coefficients"
  package static let roles = MethodRoles(targets: .required, weights: .optional)
  package static let hyperparameters: [Hyperparameter<RidgeRegression>] = [
    .init("regularization", \.regularization, bounds: .atLeast(0), "The penalty: one number, or one for each target."),
    .init("fitsIntercept", \.fitsIntercept, "Fit an intercept; without it, the plane goes through the origin."),
    .init("precision", \.precision, "How sums are kept; automatic: in double-double where that pays."),
  ]
}

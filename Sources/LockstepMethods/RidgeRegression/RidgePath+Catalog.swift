// SPDX-License-Identifier: Apache-2.0

extension RidgePath: CatalogEstimator {
  package static let summary = "Ridge regressions for many penalties, and the best by cross-validation"
  package static let verb: String? = "ridge-regression"
  package static let guide = "ridge-regression"
  package static let roles = MethodRoles(targets: .required, weights: .optional)
  package static let hyperparameters: [Hyperparameter<RidgePath>] = [
    .init("regularizations", \.regularizations, bounds: .atLeast(0), "Several penalties, a model for each."),
    .init("fitsIntercept", \.fitsIntercept, "Fit an intercept; without it, the plane goes through the origin."),
    .init("precision", \.precision, "How sums are kept; automatic: in double-double where that pays."),
  ]
}

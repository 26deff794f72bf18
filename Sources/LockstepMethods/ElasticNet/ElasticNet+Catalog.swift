// SPDX-License-Identifier: Apache-2.0

extension ElasticNet: CatalogEstimator {
  package static let summary = "Lasso and elastic net paths, and the best of them by cross-validation"
  package static let roles = MethodRoles(targets: .required, weights: .optional)
  package static let hyperparameters: [Hyperparameter<ElasticNet>] = [
    .init("alpha", \.alpha, bounds: .init(minimum: 0, maximum: 1), "The mix: 1 is the lasso, 0 ridge."),
    .init(
      "regularizations", \.regularizations, bounds: .atLeast(0),
      "The penalties, greatest first; none: a path from where the first coefficient joins."),
    .init("pathLength", \.pathLength, bounds: .atLeast(1), "The number of penalties of such a path."),
    .init(
      "leastShare", \.leastShare, "The least penalty of such a path as a share of its greatest, between 0 and 1."),
    .init("standardizes", \.standardizes, "Scale columns to unit variance for the penalty."),
    .init("fitsIntercept", \.fitsIntercept, "Fit an intercept; without it, the plane goes through the origin."),
    .init("folds", \.folds, "The number of folds of cross-validation, 2 or more; 0 for none."),
    .init(
      "selection", \.selection,
      "What to predict with: the penalty of least error, or the greatest within one standard error of it."),
    .init("seed", \.seed, "The seed of the folds."),
  ]
}

extension ElasticNet.Selection: HyperparameterChoice {}

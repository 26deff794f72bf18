// SPDX-License-Identifier: Apache-2.0

extension Covariance: CatalogEstimator {
  package static let summary = "Covariance and correlation of the columns"
  package static let roles = MethodRoles(weights: .optional)
  package static let hyperparameters: [Hyperparameter<Covariance>] = [
    .init("isBiased", \.isBiased, "Divide by n instead of n - 1."),
    .init("includesCorrelation", \.includesCorrelation, "The correlation too."),
    .init("precision", \.precision, "How sums are kept; automatic: in double-double where that pays."),
  ]
}

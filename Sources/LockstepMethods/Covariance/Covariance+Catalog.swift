// SPDX-License-Identifier: Apache-2.0

extension Covariance: CatalogEstimator {
  package static let summary = "Covariance and correlation of the columns"
  package static let roles = MethodRoles(weights: .optional)
  package static let hyperparameters: [Hyperparameter<Covariance>] = [
    .init("isBiased", \.isBiased, "Divide by n instead of n - 1."),
    .init("includesCorrelation", \.includesCorrelation, "The correlation too, with p values and confidence limits."),
    .init("includesPartialCorrelation", \.includesPartialCorrelation, "The partial correlations too."),
    .init(
      "confidence", \.confidence, bounds: .above(0, upTo: 1), "How sure the confidence limits of the correlations are."),
    .init("precision", \.precision, "How sums are kept; automatic: in double-double where that pays."),
  ]
}

// SPDX-License-Identifier: Apache-2.0

extension LowOrderMoments: CatalogEstimator {
  package static let summary = "Minimum, maximum, sums, mean, variance and deviation of each column"
  package static let roles = MethodRoles(weights: .optional)
  package static let hyperparameters: [Hyperparameter<LowOrderMoments>] = [
    .init("includesShape", \.includesShape, "Skewness, kurtosis and the number of zeros too."),
    .init("skipsMissing", \.skipsMissing, "Leave missing numbers out, each column for itself, instead of stopping."),
  ]
}

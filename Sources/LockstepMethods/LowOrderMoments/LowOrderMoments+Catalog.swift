// SPDX-License-Identifier: Apache-2.0

extension LowOrderMoments: CatalogEstimator {
  package static let summary = "Minimum, maximum, sums, mean, variance and deviation of each column"
  package static let roles = MethodRoles(weights: .optional)
  package static let hyperparameters: [Hyperparameter<LowOrderMoments>] = [
    .init("includesShape", \.includesShape, "Skewness, kurtosis and the number of zeros too."),
    .init("skipsMissing", \.skipsMissing, "Leave missing numbers out, each column for itself, instead of stopping."),
    .init(
      "quantiles", \.quantiles, bounds: ParameterDescription.Bounds(minimum: 0, maximum: 1),
      "Exact quantiles of each column, as 0.25,0.5,0.75."),
    .init(
      "histogramBinCount", \.histogramBinCount, bounds: .atLeast(1), "The number of bins of a histogram of each column."
    ),
  ]
}

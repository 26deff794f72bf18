// SPDX-License-Identifier: Apache-2.0

extension KMeansInitialization: CatalogEstimator {
  package static let summary = "Choose k rows as starting centroids of k-means"
  package static let verb: String? = nil
  package static let roles = MethodRoles(weights: .optional)

  package static let hyperparameters: [Hyperparameter<KMeansInitialization>] = [
    .init("clusterCount", \.clusterCount, bounds: .atLeast(1), "The number of centroids."),
    .init("method", \.method, "The rule for choosing them."),
    .init("seed", \.seed, "The seed of all random draws."),
    .init("trials", \.trials, bounds: .atLeast(1), KMeans.help("trials")),
    .init("oversampling", \.oversampling, bounds: .above(0), KMeans.help("oversampling")),
    .init("rounds", \.rounds, bounds: .atLeast(1), KMeans.help("rounds")),
  ]

  /// The squared distance that draws need, and what spares computing it.
  package func byteCountPerRow(rowCount: Int, columnCount: Int) -> Double {
    Double(byteCountOfDraws(columnCount: columnCount))
  }
}

extension KMeansInitialization.Method: HyperparameterChoice {}

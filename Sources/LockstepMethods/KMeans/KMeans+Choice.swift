// SPDX-License-Identifier: Apache-2.0

extension KMeans {
  /// What speaks for a number of clusters, and against it.
  public struct Choice: Codable, Hashable, Sendable {
    /// k.
    public var clusterCount: Int
    /// The objective of the fit.
    public var objective: Double
    /// The mean silhouette of the rows by squared Euclidean distances, from −1 to 1; NaN for one cluster.
    public var silhouette: Double
    /// The ratio of the variances between and within the clusters (Caliński and Harabasz 1974); NaN for one cluster.
    public var calinskiHarabasz: Double
    /// The mean likeness of each cluster to the one that is most like it (Davies and Bouldin 1979); NaN for one cluster.
    public var daviesBouldin: Double
    /// The Bayesian information criterion of normal distributions around the means, all of one variance.
    public var bic: Double
    /// The mean silhouette by distances to means in the place of those to rows; NaN for one cluster.
    public var simplifiedSilhouette: Double
  }

  /// What decides among numbers of clusters.
  public enum Criterion: String, Codable, Hashable, Sendable, CaseIterable {
    /// The largest mean silhouette.
    case silhouette
    /// The largest ratio of variances.
    case calinskiHarabasz = "calinski-harabasz"
    /// The least likeness.
    case daviesBouldin = "davies-bouldin"
    /// The least information criterion.
    case bic
    /// The largest simplified silhouette.
    case simplifiedSilhouette = "simplified-silhouette"

    /// A number that is larger for a better choice.
    func merit(of choice: Choice) -> Double {
      switch self {
      case .silhouette: choice.silhouette
      case .calinskiHarabasz: choice.calinskiHarabasz
      case .daviesBouldin: -choice.daviesBouldin
      case .bic: -choice.bic
      case .simplifiedSilhouette: choice.simplifiedSilhouette
      }
    }

    /// The index of the choice that it prefers, the first of equals; `nil` if it says nothing of any.
    public func preferred(among choices: [Choice]) -> Int? {
      let known = choices.indices.filter { !merit(of: choices[$0]).isNaN }
      return known.reduce(nil) { best, i in
        best.map { merit(of: choices[i]) > merit(of: choices[$0]) ? i : $0 } ?? i
      }
    }
  }
}

extension KMeans.Criterion: HyperparameterChoice {}

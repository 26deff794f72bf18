// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// The options of `kmeans` alone.
struct KMeansOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The number of clusters, or a range, 2-20, of which --criterion chooses. Needed, unless --centroids tells it.",
      valueName: "k"))
  var clusters: ClusterCounts?

  @Option(help: ArgumentHelp(KMeans.help("criterion")))
  var criterion = KMeans.Criterion.silhouette

  @Flag(help: ArgumentHelp(KMeans.help("isStandardized")))
  var standardize = false

  @Option(help: ArgumentHelp(KMeans.help("starts"), valueName: "n"))
  var starts = 1

  @Option(name: .customLong("init"), help: "The rule for the starting centroids. (default: plus-plus)")
  var initialization: KMeansInitialization.Method?

  @Option(help: ArgumentHelp(KMeans.help("trials"), valueName: "n"))
  var trials = 1

  @Option(help: ArgumentHelp(KMeans.help("oversampling"), valueName: "x"))
  var oversampling = 0.5

  @Option(help: ArgumentHelp(KMeans.help("rounds"), valueName: "n"))
  var rounds = 5

  @Option(
    help: ArgumentHelp(
      "Start from these centroids, a CSV or NPY file or a saved k-means model, instead of a rule. (default: the rule)",
      valueName: "file"))
  var centroids: String?

  @Option(help: ArgumentHelp(KMeans.help("maxIterations"), valueName: "n"))
  var maxIterations = 100

  @Option(
    help: ArgumentHelp(KMeans.help("tolerance"), valueName: "x"))
  var tolerance = 0.0

  @Option(
    help: ArgumentHelp(
      "Write the cluster of each row, from 0, one line for each row: .csv, .npy or .parquet. With {rank} in its name, each process "
        + "writes its own. (default: not written)", valueName: "file"),
    transform: RowFile.init(_:))
  var assignments: RowFile?

  func validate() throws {
    if clusters == nil, centroids == nil { throw ValidationError("Missing expected option '--clusters <k>'") }
    if centroids != nil, starts > 1 { throw ValidationError("--centroids and --starts exclude each other.") }
    if centroids != nil, clusters?.last != nil {
      throw ValidationError("--centroids are those of one number of clusters.")
    }
    if centroids != nil, initialization != nil { throw ValidationError("--centroids and --init exclude each other.") }
    try checkUsage { try estimator(seed: 0).validate() }
  }

  /// What the options say, but for the centroids, which are in a file.
  func estimator(seed: UInt64) -> KMeans {
    var estimator = KMeans(clusterCount: clusters?.first ?? 1)
    estimator.maxClusterCount = clusters?.last
    estimator.criterion = criterion
    estimator.isStandardized = standardize
    estimator.starts = starts
    estimator.initialization = initialization ?? .plusPlus
    estimator.seed = seed
    estimator.trials = trials
    estimator.oversampling = oversampling
    estimator.rounds = rounds
    estimator.maxIterations = maxIterations
    estimator.tolerance = tolerance
    return estimator
  }
}

/// A number of clusters, or a range of them.
struct ClusterCounts: ExpressibleByArgument {
  let first: Int
  let last: Int?

  init?(argument: String) {
    let parts = argument.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = Int(parts[0]), first >= 0 else {
      // A negative number is refused with the reason, as any number that is not a count.
      guard let number = Int(argument) else { return nil }
      (self.first, last) = (number, nil)
      return
    }
    guard parts.count == 2 else {
      (self.first, last) = (first, nil)
      return
    }
    guard let last = Int(parts[1]) else { return nil }
    (self.first, self.last) = (first, last)
  }
}

extension KMeansInitialization.Method: ExpressibleByArgument {}
extension KMeans.Criterion: ExpressibleByArgument {}

// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// The options of `kmeans` alone.
struct KMeansOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The number of clusters. Needed, unless --centroids tells it.", valueName: "k"))
  var clusters: Int?

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
    if centroids != nil, initialization != nil { throw ValidationError("--centroids and --init exclude each other.") }
    try checkUsage { try estimator(seed: 0).validate() }
  }

  /// What the options say, but for the centroids, which are in a file.
  func estimator(seed: UInt64) -> KMeans {
    var estimator = KMeans(clusterCount: clusters ?? 1)
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

extension KMeansInitialization.Method: ExpressibleByArgument {}
